#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sql/transaction.hpp"

namespace paylink::sql::postgres {

// Types by their number in pg_type, which never changes (PostgreSQL: src/include/catalog/pg_type.dat).
using TypeNumber = std::uint32_t;

// The parameters of one run in PostgreSQL's binary format, laid out as libpq wants them. Lives as long as the call.
class Parameters {
 public:
  // `types` as the server inferred them. A value that does not go with its type is a bug (ENSURE).
  Parameters(Values values, const std::vector<TypeNumber>& types);
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  int count() const { return static_cast<int>(pointers_.size()); }
  const char* const* pointers() const { return pointers_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void add(const Value& value, TypeNumber type);
  void add_number(std::int64_t number, TypeNumber type);
  void add_bytes(std::string_view bytes);

  std::vector<const char*> pointers_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::vector<std::array<char, 8>> numbers_;  // what `pointers_` points to
};

// One cell of an answer in binary format, added to `rows`. A type that no column of ours has is a bug (ENSURE).
void add_cell(Rows& rows, std::string_view bytes, TypeNumber type);

}  // namespace paylink::sql::postgres
