#pragma once

#include "base/random.hpp"
#include "sql/sqlite/connection.hpp"
#include "sql/whole_database.hpp"

namespace paylink::sql::sqlite {

// Whether another process has this file open. Before this process opens it: asking later would take its locks away.
bool is_open_elsewhere(const std::string& path);

class SqliteWholeDatabase final : public WholeDatabase {
 public:
  static Result<std::unique_ptr<WholeDatabase>> open(const std::string& path, Mode mode, Time now, Random& random);

  Result<std::string> identity() override;
  Result<std::vector<Table>> tables() override;
  Result<> in_transaction(const Step& step) override;
  std::unique_ptr<Scan> scan(Transaction& tx, const Table& table, std::string after) override;
  Result<> make_whole() override;

 private:
  SqliteWholeDatabase(std::string path, std::unique_ptr<Connection> connection, Time now, Random& random)
      : path_(std::move(path)), connection_(std::move(connection)), now_(now), random_(random) {}

  const std::string path_;
  const std::unique_ptr<Connection> connection_;
  const Time now_;
  Random& random_;
};

}  // namespace paylink::sql::sqlite
