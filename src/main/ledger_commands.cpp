#include <algorithm>
#include <iostream>

#include "base/random.hpp"
#include "cli/table.hpp"
#include "domain/decimal.hpp"
#include "domain/money.hpp"
#include "main/operator_commands.hpp"
#include "main/places.hpp"
#include "store/ledger.hpp"
#include "store/migrations.hpp"
#include "store/moves.hpp"

namespace paylink::main {
namespace {

struct Options {};

constexpr int shown_max = 100;  // violations of each kind

constexpr std::string_view select_version = "SELECT COALESCE(MAX(number), 0) FROM schema_migrations";

struct Verified {
  std::vector<store::AccountBalance> balances;
  std::int64_t movements = 0;
  std::int64_t payments = 0;
  std::vector<std::string> violations;
};

Failure bad_setting(std::string message) { return fail(ErrorCode::invalid_input, "bad_setting", std::move(message)); }

// The database as it is: nothing is made or changed, and a server that runs on it is not kept waiting.
Result<std::unique_ptr<sql::WholeDatabase>> open_for_reading(const Settings& settings, Random& random) {
  if (settings.database.empty() && settings.data_dir.empty())
    return bad_setting("Say where the data is: --data-dir /var/lib/paylink");
  const std::string in_directory = "sqlite:" + settings.data_dir + "/paylink.db";
  const std::string& name = settings.database.empty() ? in_directory : settings.database;
  const auto place = TRY(Place::parse("The setting database", name, random));
  if (!place->exists())
    return bad_setting("There is no database at " + name.substr(7) +
                       ". Say --database postgresql://… when the installation is on PostgreSQL.");
  return place->look(SystemClock().now());
}

Result<> check_installed(sql::WholeDatabase& database) {
  const auto tables = TRY(database.tables());
  if (std::ranges::find(tables, "schema_migrations", &sql::Table::name) != tables.end()) return {};
  return bad_setting("The database holds no Paylink installation.");
}

Result<> check_schema(sql::Transaction& tx) {
  const sql::Rows rows = TRY(tx.query(select_version, {}));
  const std::int64_t version = rows.front().integer(0), known = store::migrations().back().number;
  if (version == known) return store::Moves(tx).check_finished();
  return fail(ErrorCode::conflict, version < known ? "schema_too_old" : "schema_too_new",
              "The database has schema version " + std::to_string(version) + ", this program's is " +
                  std::to_string(known) + ". " +
                  (version < known ? "Run `paylink migrate` first." : "Run the newer paylink that made it."));
}

Result<int> print(const Verified& verified) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& balance : verified.balances) {
    const auto currency = Currency::parse(balance.currency);
    rows.push_back({balance.account, balance.currency, std::to_string(balance.entries),
                    print_decimal(balance.minor_units, currency ? currency->exponent() : 0, Zeros::kept)});
  }
  std::cout << cli::table({"ACCOUNT", "CURRENCY", "ENTRIES", "BALANCE"}, rows, 0) << std::flush;
  for (const std::string& violation : verified.violations) std::cerr << "paylink: " << violation << ".\n";
  const std::size_t count = verified.violations.size();
  std::cout << "movements " << verified.movements << ", payments " << verified.payments << ", violations " << count
            << "\n";
  return count == 0 ? 0 : 1;
}

Result<int> verify(const Options&, const Settings& settings) {
  SystemRandom random;
  const auto database = TRY(open_for_reading(settings, random));
  TRY(check_installed(*database));
  Verified verified;
  const auto read = [&](sql::Transaction& tx) -> Result<> {
    TRY(check_schema(tx));
    store::Ledger ledger(tx);
    verified.balances = TRY(ledger.balances());
    verified.movements = TRY(ledger.count_movements());
    verified.payments = TRY(ledger.count_payments());
    verified.violations = TRY(ledger.violations(shown_max));
    return {};
  };
  TRY(database->in_transaction(read));
  return print(verified);
}

}  // namespace

void add_ledger_commands(OperatorCommands& commands) {
  OperatorGroup<Options> ledger(commands, "ledger", "The ledger of all money that came in and went back");
  CLI::App& command = ledger.add(
      "verify", "Hold every entry against the payments it follows from; changes nothing, while a server runs or not",
      verify);
  command.footer(
      "Prints what each account holds, and how many violations there are on the last line; each is a sentence on "
      "stderr,\n"
      "the first hundred of a kind. Exit codes: 0 there are none, 1 there are some, or it could not be done, 2 wrong "
      "usage.\n"
      "Example:\n  paylink ledger verify --data-dir /var/lib/paylink");
}

}  // namespace paylink::main
