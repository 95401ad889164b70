#include <iostream>

#include "cli/table.hpp"
#include "domain/decimal.hpp"
#include "domain/money.hpp"
#include "main/operator_commands.hpp"
#include "main/reading.hpp"
#include "store/ledger.hpp"

namespace paylink::main {
namespace {

struct LedgerOptions {};

constexpr int shown_max = 100;  // violations of each kind

struct Verified {
  std::vector<store::AccountBalance> balances;
  std::int64_t movements = 0;
  std::int64_t payments = 0;
  std::vector<std::string> violations;
};

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

Result<int> verify_ledger(const LedgerOptions&, const Settings& settings) {
  SystemRandom random;
  const auto database = TRY(open_for_reading(settings, random));
  Verified verified;
  const auto read = [&](sql::Transaction& tx) -> Result<> {
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
  OperatorGroup<LedgerOptions> ledger(commands, "ledger", "The ledger of all money that came in and went back");
  CLI::App& command = ledger.add(
      "verify", "Hold every entry against the payments it follows from; changes nothing, while a server runs or not",
      verify_ledger);
  command.footer(
      "Prints what each account holds, and how many violations there are on the last line; each is a sentence on "
      "stderr,\n"
      "the first hundred of a kind. Exit codes: 0 there are none, 1 there are some, or it could not be done, 2 wrong "
      "usage.\n"
      "Example:\n  paylink ledger verify --data-dir /var/lib/paylink");
}

}  // namespace paylink::main
