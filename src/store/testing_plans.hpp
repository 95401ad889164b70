#pragma once

#include <algorithm>
#include <deque>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "store/testing.hpp"

// How an engine means to run the statements of the stores.
namespace paylink::store::testing {

// Complaints about the plans of statements: rows that are not found by an index, are sorted, or are all that an
// organization has.
class PlanCheck {
 public:
  explicit PlanCheck(Database& database) : database_(database) {
    // PostgreSQL would read tables as small as the tests' from one end to the other, and would rather sort a few rows.
    if (is_on_postgres())
      ENSURE(database_.execute_script(
          "SET enable_seqscan = off; SET enable_sort = off; SET enable_incremental_sort = off; SET enable_hashjoin = "
          "off; SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan"));
  }

  // As the engine shows it.
  std::string plan_of(const std::string& statement) {
    const bool on_postgres = is_on_postgres();
    const sql::Rows plan = on_postgres ? postgres_plan(statement) : rows_of("EXPLAIN QUERY PLAN " + statement);
    std::string text;
    for (std::size_t i = 0; i < plan.size(); ++i) text += std::string(plan[i].text(on_postgres ? 0 : 3)) + "\n";
    return text;
  }

  std::vector<std::string> complaints_about(const std::string& statement) {
    return is_on_postgres() ? of_postgres(statement) : of_sqlite(statement);
  }

 private:
  // What may be sorted: an organization has a handful of bank accounts, and a person of sessions, organizations and
  // applications. Besides them only the links whose stored status lags are, which are few, and only while there are
  // some.
  static bool is_of_few(const std::string& statement) {
    constexpr std::string_view few[] = {"FROM bank_accounts", "WHERE user_id = $1 AND expires_at",
                                        "DELETE FROM sessions WHERE user_id = $1", "WHERE m.user_id = $1",
                                        "FROM oauth_consents"};
    return std::ranges::any_of(few, [&](std::string_view of) { return statement.find(of) != std::string::npos; });
  }

  // Whether a step of SQLite's reads all that an organization has of what grows with its links and payments, but where
  // the index holds no more than is under way. PostgreSQL chooses among indexes by how many rows there are: of a table
  // as small as the tests' any will do.
  static bool reads_all(const std::string& step) {
    static const std::regex all(R"(^SEARCH .*\b(sqlite_autoindex_)?(attempts|captures|refunds|chargebacks|)"
                                R"(payment_links|ledger_entries)(_|\b).*\(organization_id=\?\)$)");
    return std::regex_search(step, all) && step.find("refunds_due_of_organization") == std::string::npos;
  }

  sql::Rows rows_of(std::string question) {
    static const std::vector<sql::Value> nothing(20, sql::Value(sql::Null{}));
    return database_.ask(asked_.emplace_back(std::move(question)), nothing);
  }

  std::vector<std::string> of_sqlite(const std::string& statement) {
    const sql::Rows plan = rows_of("EXPLAIN QUERY PLAN " + statement);
    std::vector<std::string> complaints;
    bool of_late_links = false;
    for (std::size_t i = 0; i < plan.size(); ++i) {
      const std::string step(plan[i].text(3));
      const bool sorts = step.find("TEMP B-TREE") != std::string::npos && !is_of_few(statement);
      const bool scans = step.starts_with("SCAN ") && step != "SCAN k";  // the keys of one page
      if (scans || (sorts && !of_late_links) || reads_all(step)) complaints.push_back(step);
      of_late_links = step.find("payment_links_late") != std::string::npos;
    }
    return complaints;
  }

  std::vector<std::string> of_postgres(const std::string& statement) {
    // These do not grow.
    static const std::set<std::string> small = {"settings"};
    const sql::Rows plan = postgres_plan(statement);
    static const std::regex scan(R"((Seq Scan|Index Scan|Index Only Scan)\b.* on (\w+))");
    std::vector<std::string> complaints;
    std::string unbounded, whole;  // a scan whose condition has not been seen yet
    int sorts = 0;
    for (std::size_t i = 0; i < plan.size(); ++i) {
      const std::string step(plan[i].text(0));
      whole += step + "\n";
      if (step.find("Index Cond:") != std::string::npos) unbounded.clear();
      std::smatch found;
      if (std::regex_search(step, found, scan) && !small.contains(found[2])) {
        if (!unbounded.empty()) complaints.push_back(unbounded);
        unbounded = step;
      }
      if (step.ends_with("Sort")) ++sorts;
      if (step.find("payment_links_late") != std::string::npos) --sorts;
    }
    if (!unbounded.empty()) complaints.push_back(unbounded);
    if (sorts > 0 && !is_of_few(statement)) complaints.emplace_back("it sorts");
    if (!complaints.empty()) complaints.push_back(whole);
    return complaints;
  }

  sql::Rows postgres_plan(const std::string& statement) {
    const std::string name = "explained_" + std::to_string(asked_.size());
    rows_of("PREPARE " + name + " AS " + statement);
    std::string nulls;
    for (int left = parameters_of(statement); left > 0; --left) nulls += left > 1 ? "NULL, " : "NULL";
    return rows_of("EXPLAIN (COSTS OFF) EXECUTE " + name + (nulls.empty() ? "" : "(" + nulls + ")"));
  }

  static int parameters_of(const std::string& statement) {
    static const std::regex parameter(R"(\$(\d+))");
    int most = 0;
    for (std::sregex_iterator at(statement.begin(), statement.end(), parameter), end; at != end; ++at)
      most = std::max(most, std::stoi((*at)[1]));
    return most;
  }

  Database& database_;
  std::deque<std::string> asked_;  // drivers know statements by their address
};

}  // namespace paylink::store::testing
