#include <iostream>

#include "main/commands.hpp"
#include "main/data_dir.hpp"
#include "main/database.hpp"
#include "main/reading.hpp"
#include "store/moves.hpp"

namespace paylink::main {
namespace {

// A database of this program's schema, which nobody else uses while this lives.
struct Schema {
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<DataDir> data_dir;
  std::unique_ptr<Database> database;
};

// By whoever says a key, with no other than the data's.
Result<std::unique_ptr<Schema>> bring_up_to_date(const Settings& settings, Installation installation) {
  if (settings.data_dir.empty())
    return fail(ErrorCode::invalid_input, "bad_setting",
                "Say where the data is: --data-dir /var/lib/paylink or PAYLINK_DATA_DIR.");
  auto schema = std::make_unique<Schema>();
  const auto owner = TRY(find_owner(settings));
  schema->data_dir = TRY(DataDir::open(settings.data_dir));
  // To bring it up to date is not to serve it, and to stay it must be.
  const Expected expected{
      .keys = owner.keys ? &*owner.keys : nullptr, .installation = installation, .departed = Departed::accepted};
  schema->database = TRY(Database::open(settings, *schema->data_dir, expected, schema->clock, schema->random));
  return schema;
}

}  // namespace

Result<int> migrate(const Settings& settings) {
  const auto schema = TRY(bring_up_to_date(settings, Installation::may_be_new));
  const int migrated = schema->database->migrated();
  std::cout << "The schema is up to date; "
            << (migrated == 0 ? "there was nothing to do"
                              : std::to_string(migrated) + (migrated == 1 ? " migration was" : " migrations were") +
                                    " applied now")
            << ".\n";
  return 0;
}

Result<int> stay(const Settings& settings) {
  const auto schema = TRY(bring_up_to_date(settings, Installation::is_there));
  std::optional<store::Departure> departure;
  const auto stay_here = [&](sql::Transaction& tx) -> Result<> {
    departure = TRY(store::Moves(tx).stay());
    return {};
  };
  TRY(schema->database->write(sql::Tenant::everybody(), stay_here));
  if (departure)
    std::cout << "It can be served again. What has happened since " << to_rfc3339(departure->departed_at) << " in "
              << departure->target << " is not in it.\n";
  else
    std::cout << "It had not been moved anywhere; there was nothing to do.\n";
  return 0;
}

}  // namespace paylink::main
