#pragma once

#include "base/random.hpp"
#include "sql/postgres/connection.hpp"
#include "sql/whole_database.hpp"

namespace paylink::sql::postgres {

enum class Access : std::uint8_t { read, write };

class PostgresWholeDatabase final : public WholeDatabase {
 public:
  static Result<std::unique_ptr<PostgresWholeDatabase>> open(const Options& options, Access access, Time now,
                                                             Random& random);

  // Whether a session of a server, or of another command, is at the same database: one whose name starts with "paylink
  // ".
  Result<bool> is_in_use();
  // As long as this lives, no other process can claim the same database and schema. False when one has.
  Result<bool> claim();
  // As long as this lives, no server starts on the database: it waits. False when one is starting.
  Result<bool> keep_servers_out();

  Result<std::string> identity() override;
  Result<std::vector<Table>> tables() override;
  Result<> in_transaction(const Step& step) override;
  std::unique_ptr<Scan> scan(Transaction& tx, const Table& table, std::string after) override;
  // Without statistics the first plans would be those for empty tables.
  Result<> settle() override;

 private:
  PostgresWholeDatabase(std::unique_ptr<Connection> connection, Access access, Time now, Random& random)
      : connection_(std::move(connection)), access_(access), now_(now), random_(random) {}
  Result<Rows> ask(std::string_view statement, Values values = {});

  const std::unique_ptr<Connection> connection_;
  const Access access_;
  const Time now_;
  Random& random_;
};

}  // namespace paylink::sql::postgres
