#pragma once

#include <libpq-fe.h>

#include "fill_links.hpp"

namespace paylink::bench {

// As a superuser, whom row-level security does not hold, of a database that nobody else uses.
class PostgresDatabase final : public Database {
 public:
  explicit PostgresDatabase(const std::string& url) : handle_(PQconnectdb(url.c_str())) {
    if (PQstatus(handle_) != CONNECTION_OK) die(PQerrorMessage(handle_));
    query("SET client_min_messages = warning");
    query("SET maintenance_work_mem = '1GB'");
  }
  ~PostgresDatabase() override { PQfinish(handle_); }

  Uuid organization() override {
    const auto rows = query("SELECT id::text FROM organizations");
    if (rows.size() != 1) die("there is not one organization");
    std::string digits = *rows[0][0];
    std::erase(digits, '-');
    Uuid id{};
    for (std::size_t at = 0; at < id.size(); ++at)
      id[at] = static_cast<std::uint8_t>(std::stoi(digits.substr(2 * at, 2), nullptr, 16));
    return id;
  }

  std::string model_items() override {
    const auto rows = query("SELECT items FROM payment_links LIMIT 1");
    if (rows.empty()) die("there is no link to make others like");
    return *rows[0][0];
  }

  void add_organizations(const std::vector<Uuid>& ids) override {
    query("CREATE TEMP TABLE others (id UUID, number BIGINT)");
    begin_copy("COPY others FROM STDIN");
    for (std::size_t at = 0; at < ids.size(); ++at) copy(text_of(ids[at]) + "\t" + std::to_string(at + 1) + "\n");
    end_copy();
    for (const std::string table : {"organizations", "bank_accounts", "connections", "api_keys"}) {
      const std::string key = table == "organizations" ? "id" : "organization_id";
      std::string columns, values;
      for (const auto& name : columns_of(table)) {
        columns += (columns.empty() ? "" : ", ") + name;
        values += (values.empty() ? "" : ", ") + (name == key      ? "o.id"
                                                  : name == "slug" ? "t.slug || '-' || o.number"
                                                                   : "t." + name);
      }
      query("INSERT INTO " + table + " (" + columns + ") SELECT " + values + " FROM others o, (SELECT * FROM " + table +
            ") t");
    }
  }

  // What is new in a transaction goes to no log where wal_level is minimal.
  void fill(Links& links, const std::function<void(const Link&)>& tell) override {
    const auto columns = columns_of("payment_links");
    const Row model = query("SELECT * FROM payment_links LIMIT 1").at(0);
    query("BEGIN");
    query("ALTER TABLE payment_links DISABLE TRIGGER USER");
    const auto made = take_away_indexes();
    query("TRUNCATE payment_links CASCADE");
    begin_copy("COPY payment_links FROM STDIN (FREEZE)");
    for (std::int64_t at = 0; at < links.count(); ++at) {
      const Link link = links.next();
      copy(line(columns, model, link));
      tell(link);
    }
    end_copy();
    for (const auto& statement : made) {
      note(statement.substr(0, 100));
      query(statement);
    }
    query("ALTER TABLE payment_links ENABLE TRIGGER USER");
    count();
    query("COMMIT");
    note("VACUUM ANALYZE");
    query("VACUUM (ANALYZE)");
    query("CHECKPOINT");
  }

 private:
  using Row = std::vector<std::optional<std::string>>;

  std::vector<Row> query(const std::string& statement) {
    PGresult* const result = PQexec(handle_, statement.c_str());
    const auto status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_COPY_IN)
      die(statement + ": " + PQerrorMessage(handle_));
    std::vector<Row> rows(static_cast<std::size_t>(PQntuples(result)));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      for (int column = 0; column < PQnfields(result); ++column) {
        const int at = static_cast<int>(row);
        rows[row].push_back(PQgetisnull(result, at, column)
                                ? std::nullopt
                                : std::optional<std::string>(PQgetvalue(result, at, column)));
      }
    }
    PQclear(result);
    return rows;
  }

  std::vector<std::string> columns_of(const std::string& table) {
    std::vector<std::string> names;
    for (const auto& row : query("SELECT attname FROM pg_attribute WHERE attrelid = '" + table +
                                 "'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"))
      names.push_back(*row[0]);
    return names;
  }

  // Drops the indexes, and the constraints that have one or need one; answers what makes them again.
  std::vector<std::string> take_away_indexes() {
    std::vector<std::string> again;
    const auto constraints = query(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE (conrelid = 'payment_links'::regclass AND contype IN ('p', 'u'))"
        " OR confrelid = 'payment_links'::regclass ORDER BY contype = 'f', contype, conname");
    for (auto row = constraints.rbegin(); row != constraints.rend(); ++row)
      query("ALTER TABLE " + *(*row)[0] + " DROP CONSTRAINT " + *(*row)[1]);
    for (const auto& row :
         query("SELECT quote_ident(indexname), indexdef FROM pg_indexes WHERE tablename = 'payment_links'"
               " ORDER BY indexname")) {
      query("DROP INDEX " + *row[0]);
      again.push_back(*row[1]);
    }
    for (const auto& row : constraints)
      again.push_back("ALTER TABLE " + *row[0] + " ADD CONSTRAINT " + *row[1] + " " + *row[2]);
    return again;
  }

  static std::string number(const std::optional<std::int64_t>& value) { return value ? std::to_string(*value) : "\\N"; }

  static std::string escaped(std::string_view text) {
    std::string line;
    for (const char c : text) {
      if (c == '\\' || c == '\n' || c == '\r' || c == '\t') line += '\\';
      line += c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : c;
    }
    return line;
  }

  static std::string value(const std::string& column, const std::optional<std::string>& otherwise, const Link& link) {
    if (column == "organization_id") return text_of(link.organization);
    if (column == "id") return text_of(link.id);
    if (column == "resource_id") return text_of(link.resource_id);
    if (column == "status") return std::string(link.status);
    if (column == "amount_minor") return std::to_string(link.amount_minor);
    if (column == "items") return escaped(link.items);
    if (column == "created_at") return std::to_string(link.created_at);
    if (column == "updated_at") return std::to_string(link.updated_at);
    if (column == "expiration_date") return std::to_string(link.expiration_date);
    if (column == "canceled_at") return number(link.canceled_at);
    if (column == "expires_effective_at") return number(link.expires_effective_at);
    return otherwise ? escaped(*otherwise) : "\\N";
  }

  static std::string line(const std::vector<std::string>& columns, const Row& model, const Link& link) {
    std::string text;
    for (std::size_t at = 0; at < columns.size(); ++at) {
      if (at > 0) text += '\t';
      text += value(columns[at], model[at], link);
    }
    return text += '\n';
  }

  void begin_copy(const std::string& statement) { query(statement); }
  void copy(const std::string& text) {
    if (PQputCopyData(handle_, text.data(), static_cast<int>(text.size())) != 1) die(PQerrorMessage(handle_));
  }
  void end_copy() {
    if (PQputCopyEnd(handle_, nullptr) != 1) die(PQerrorMessage(handle_));
    while (PGresult* const result = PQgetResult(handle_)) {
      if (PQresultStatus(result) != PGRES_COMMAND_OK) die(PQerrorMessage(handle_));
      PQclear(result);
    }
  }

  void count() {
    if (!query("SELECT to_regclass('payment_link_counts')::text").at(0)[0]) return;
    note("counts");
    query("TRUNCATE payment_link_counts");
    query(std::string(count_links));
  }

  PGconn* handle_;
};

}  // namespace paylink::bench
