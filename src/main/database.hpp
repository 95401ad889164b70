#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "app/lane.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "crypto/keyring.hpp"
#include "main/data_dir.hpp"
#include "main/settings.hpp"
#include "runtime/lane_batch.hpp"
#include "runtime/workers.hpp"
#include "sql/sums.hpp"

namespace paylink::main {

// Whether several servers may be at one database.
enum class Shared : std::uint8_t { no, yes };

enum class Installation : std::uint8_t { is_there, may_be_new };
// Of an installation that was moved to another database.
enum class Departed : std::uint8_t { refused, accepted };

// What a database is held against before anything in it is changed.
struct Expected {
  const crypto::KeyRing* keys = nullptr;  // with which it was made; null: nobody has said
  Installation installation = Installation::is_there;
  Departed departed = Departed::refused;
};

// The database of an installation, opened and migrated: what the setting `database` names.
class Database {
 public:
  using Step = std::function<Result<>(sql::Transaction&)>;

  // Fails with `bad_setting` for a name that is none, `no_organization` where nothing has been made yet, `other_key`,
  // `schema_too_new` when a newer paylink has been here, `unfinished_move` and `moved_away`.
  static Result<std::unique_ptr<Database>> open(const Settings& settings, const DataDir& data_dir,
                                                const Expected& expected, const Clock& clock, Random& random);
  virtual ~Database() = default;

  int migrated() const { return migrated_; }  // how many migrations were applied now
  virtual Shared shared() const = 0;
  // One transaction, without lanes: for a command that works alone.
  virtual Result<> write(const sql::Tenant& tenant, const Step& step) = 0;
  // The lanes of a server. `listener` outlives them, and is told of counts where nobody else writes.
  virtual Result<std::unique_ptr<app::Lane>> make_lane(const Settings& settings, runtime::Answer answer,
                                                       sql::CountListener& listener) = 0;
  // What the engine does not do by itself: jobs for the workers, over its lane, which outlives them.
  virtual std::vector<runtime::WorkerJob> upkeep(app::Lane&) const { return {}; }

 protected:
  Database(int migrated, const Clock& clock, Random& random) : migrated_(migrated), clock_(clock), random_(random) {}

  const int migrated_;
  const Clock& clock_;
  Random& random_;
};

// What each engine looks at before it brings the database at `where`, of the schema's `version` (0: there is nothing),
// to this one. Only reads. Fails as Database::open does.
Result<> check_expected(const Expected& expected, const std::string& where, int version, sql::Transaction& tx);
Failure no_organization(const std::string& where);

// Each fails as Database::open does. `url` is `postgresql://…`.
// No other server, or command, is at the file `path`, which may be outside of `data_dir`: then its directory is taken
// too, and it is `data_dir_in_use` when somebody has it.
Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const DataDir& data_dir,
                                              const Expected& expected, const Clock& clock, Random& random);
Result<std::unique_ptr<Database>> open_postgres(const std::string& url, const Expected& expected, const Clock& clock,
                                                Random& random);

}  // namespace paylink::main
