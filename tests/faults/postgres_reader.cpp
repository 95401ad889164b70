#include "postgres_reader.hpp"

#include <libpq-fe.h>

#include <cstdio>
#include <memory>

namespace paylink::faults {
namespace {

using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

[[noreturn]] void die(pg_conn* connection, const std::string& what) {
  std::fprintf(stderr, "kill9: PostgreSQL does not answer %s: %s\n", what.c_str(), PQerrorMessage(connection));
  std::exit(3);
}

pg_conn* connect(const std::string& url) {
  pg_conn* const connection = PQconnectdb(url.c_str());
  if (PQstatus(connection) != CONNECTION_OK) die(connection, url);
  return connection;
}

Answer ask(pg_conn* connection, const std::string& statement) {
  Answer answer(PQexec(connection, statement.c_str()), &PQclear);
  const auto status = PQresultStatus(answer.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) die(connection, statement);
  return answer;
}

}  // namespace

PostgresReader::PostgresReader(const std::string& url) : connection_(connect(url)) {
  ask(connection_, "SET paylink.tenant = '*'");
  ask(connection_, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

PostgresReader::~PostgresReader() { PQfinish(connection_); }

void PostgresReader::each(const std::string& statement, const std::function<void(const ReadRow&)>& visit) const {
  const auto answer = ask(connection_, statement);
  for (int row = 0; row < PQntuples(answer.get()); ++row) {
    std::vector<std::string> cells;
    for (int column = 0; column < PQnfields(answer.get()); ++column)
      cells.emplace_back(PQgetvalue(answer.get(), row, column));
    visit(ReadRow(std::move(cells)));
  }
}

void run_statement(const std::string& url, const std::string& statement) {
  pg_conn* const connection = connect(url);
  ask(connection, statement);
  PQfinish(connection);
}

}  // namespace paylink::faults
