#pragma once

#include "database_reader.hpp"

struct pg_conn;

namespace paylink::faults {

// All tenants' rows as they were at the first question.
class PostgresReader final : public DatabaseReader {
 public:
  explicit PostgresReader(const std::string& url);
  ~PostgresReader() override;
  PostgresReader(const PostgresReader&) = delete;
  PostgresReader& operator=(const PostgresReader&) = delete;

  void each(const std::string& statement, const std::function<void(const ReadRow&)>& visit) const override;

 private:
  pg_conn* connection_;
};

// Runs one statement outside of any transaction; ends the harness when it fails.
void run_statement(const std::string& url, const std::string& statement);

}  // namespace paylink::faults
