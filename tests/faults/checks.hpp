#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "database_reader.hpp"
#include "oracle.hpp"
#include "postgres_cluster.hpp"

namespace paylink::faults {

// Where the two databases are: the service's own and the simulator's, which stands for a real provider.
struct DatabasePlace {
  std::string data_dir;                      // files
  std::string copy_dir;                      // of files, which the server itself must recover after a kill
  std::string database = {};                 // the service's own, when it is one of `cluster`
  const PostgresCluster* cluster = nullptr;  // absent: it is a file too
};

// What must hold in them.
class DatabaseChecks {
 public:
  DatabaseChecks(DatabasePlace place, Violations& violations) : place_(std::move(place)), violations_(violations) {}

  // An attempt that the server has said is paid: from now on it must be.
  void expect_paid(const std::string& payment) { paid_payments_.insert(payment); }

  // A create that the server has refused as something that is not available now: nothing of it may be there.
  void expect_absent(const std::string& title) { refused_titles_.insert(title); }

  // After a kill: what every committed state owes (I1 for payments, I2, I4, I5, I7, I8 for tokens, I9, I11 and the
  // ledger). Servers on PostgreSQL may run.
  void check_crashed();
  // The same of a database that is open already, without I7.
  void check_rows(const DatabaseReader& paylink);
  // After a kill of all servers, which had settled: in addition both sides agree to the cent (I6), and every surplus is
  // back.
  void check_settled();
  // While the server runs: what still waits, in a sentence; empty when nothing does.
  std::string unsettled() const;

 private:
  void copy(const char* file) const;
  std::unique_ptr<DatabaseReader> open_paylink(const std::string& directory) const;
  bool check_copy(const char* file);  // takes it first
  void check_captures(const DatabaseReader& paylink);
  void check_attempts(const DatabaseReader& paylink);
  void check_links(const DatabaseReader& paylink);
  void check_tokens(const DatabaseReader& paylink);
  void check_ledger(const DatabaseReader& paylink);
  void check_agreement(const DatabaseReader& paylink, const DatabaseReader& simulator);
  void none(const DatabaseReader& database, std::string_view invariant, const std::string& sentence,
            const std::string& select);

  const DatabasePlace place_;
  Violations& violations_;
  std::set<std::string> paid_payments_;
  std::set<std::string> refused_titles_;
  std::map<std::string, std::string> attempt_states_;  // by id, as the last check saw them
};

}  // namespace paylink::faults
