#pragma once

#include <map>
#include <set>
#include <string>

#include "oracle.hpp"
#include "sqlite_reader.hpp"

namespace paylink::faults {

// What must hold in the two databases of one data directory: the service's own and the simulator's, which stands for a
// real provider.
class DatabaseChecks {
 public:
  DatabaseChecks(std::string data_dir, std::string copy_dir, Violations& violations)
      : data_dir_(std::move(data_dir)), copy_dir_(std::move(copy_dir)), violations_(violations) {}

  // An attempt that the server has said is paid: from now on it must be.
  void expect_paid(const std::string& payment) { paid_payments_.insert(payment); }

  // Right after a kill: what every committed state owes (I1 for payments, I2, I4, I5, I7 and the ledger). Works on a
  // copy, so that the server itself recovers what the kill left.
  void check_crashed();
  // After a kill of a settled server: in addition both sides agree to the cent (I6), and every surplus is back.
  void check_settled();
  // While the server runs: what still waits, in a sentence; empty when nothing does.
  std::string unsettled() const;

 private:
  void copy_databases() const;
  bool check_integrity(const SqliteReader& paylink, const SqliteReader& simulator);
  void check_captures(const SqliteReader& paylink);
  void check_attempts(const SqliteReader& paylink);
  void check_duplicates(const SqliteReader& paylink);
  void check_ledger(const SqliteReader& paylink);
  void check_agreement(const SqliteReader& paylink, const SqliteReader& simulator);
  void none(const SqliteReader& database, std::string_view invariant, const std::string& sentence,
            const std::string& select);

  const std::string data_dir_;
  const std::string copy_dir_;
  Violations& violations_;
  std::set<std::string> paid_payments_;
  std::map<std::string, std::string> attempt_states_;  // by id, as the last check saw them
};

}  // namespace paylink::faults
