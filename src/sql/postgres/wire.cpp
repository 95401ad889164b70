#include "sql/postgres/wire.hpp"

#include "base/ensure.hpp"

namespace paylink::sql::postgres {
namespace {

constexpr TypeNumber type_bytea = 17, type_int8 = 20, type_int2 = 21, type_int4 = 23, type_text = 25,
                     type_bpchar = 1042, type_varchar = 1043, type_uuid = 2950, type_bool = 16, type_void = 2278;

constexpr bool is_text(TypeNumber type) { return type == type_text || type == type_bpchar || type == type_varchar; }

constexpr std::size_t size_of(TypeNumber type) {
  switch (type) {
    case type_int2:
      return 2;
    case type_int4:
      return 4;
    case type_int8:
      return 8;
    default:
      return 0;
  }
}

}  // namespace

Parameters::Parameters(Values values, const std::vector<TypeNumber>& types) {
  ENSURE(types.size() <= values.size());
  // Pointers go into it, so it must not move.
  numbers_.reserve(types.size());
  pointers_.reserve(types.size());
  lengths_.reserve(types.size());
  formats_.assign(types.size(), 1);
  for (std::size_t i = 0; i < types.size(); ++i) add(values[i], types[i]);
}

void Parameters::add(const Value& value, TypeNumber type) {
  struct Adder {
    Parameters& parameters;
    TypeNumber type;
    void operator()(Null) const {
      parameters.pointers_.push_back(nullptr);
      parameters.lengths_.push_back(0);
    }
    void operator()(std::int64_t number) const { parameters.add_number(number, type); }
    void operator()(std::string_view text) const {
      ENSURE(is_text(type));
      parameters.add_bytes(text);
    }
    void operator()(Blob blob) const {
      ENSURE(type == type_bytea);
      parameters.add_bytes(blob.bytes);
    }
    void operator()(const Uuid& uuid) const {
      ENSURE(type == type_uuid);
      parameters.add_bytes(uuid.raw());
    }
  };
  std::visit(Adder{*this, type}, value.state());
}

// Big-endian, as wide as the type.
void Parameters::add_number(std::int64_t number, TypeNumber type) {
  const std::size_t size = size_of(type);
  ENSURE(size > 0);
  const std::int64_t past = size == 8 ? 0 : std::int64_t{1} << (8 * size - 1);
  ENSURE(size == 8 || (number >= -past && number < past));
  auto& bytes = numbers_.emplace_back();
  auto rest = static_cast<std::uint64_t>(number);
  for (std::size_t i = size; i-- > 0; rest >>= 8) bytes[i] = static_cast<char>(rest & 0xFF);
  add_bytes({bytes.data(), size});
}

void Parameters::add_bytes(std::string_view bytes) {
  // A null pointer stands for NULL, which an empty text is not.
  pointers_.push_back(bytes.empty() ? "" : bytes.data());
  lengths_.push_back(static_cast<int>(bytes.size()));
}

void add_cell(Rows& rows, std::string_view bytes, TypeNumber type) {
  if (type == type_bool) return rows.add_integer(bytes.front() != 0 ? 1 : 0);
  if (type == type_void) return rows.add_null();
  const std::size_t size = size_of(type);
  if (size == 0) {
    ENSURE(is_text(type) || type == type_bytea || type == type_uuid);
    return rows.add_text(bytes);
  }
  ENSURE(bytes.size() == size);
  // The sign is that of the first byte.
  auto number = static_cast<std::int64_t>(static_cast<signed char>(bytes.front()));
  for (const char byte : bytes.substr(1)) number = number * 256 + static_cast<unsigned char>(byte);
  rows.add_integer(number);
}

}  // namespace paylink::sql::postgres
