#include <iostream>

#include "main/commands.hpp"
#include "main/data_dir.hpp"
#include "main/database.hpp"
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

Result<std::unique_ptr<Schema>> bring_up_to_date(const Settings& settings, const Expected& expected) {
  if (settings.data_dir.empty())
    return fail(ErrorCode::invalid_input, "bad_setting",
                "Say where the data is: --data-dir /var/lib/paylink or PAYLINK_DATA_DIR.");
  auto schema = std::make_unique<Schema>();
  schema->data_dir = TRY(DataDir::open(settings.data_dir));
  schema->database = TRY(Database::open(settings, *schema->data_dir, expected, schema->clock, schema->random));
  return schema;
}

}  // namespace

Result<int> migrate(const Settings& settings) {
  const auto schema = TRY(bring_up_to_date(settings, {.installation = Installation::may_be_new}));
  const int migrated = schema->database->migrated();
  std::cout << "The schema is up to date; "
            << (migrated == 0 ? "there was nothing to do"
                              : std::to_string(migrated) + (migrated == 1 ? " migration was" : " migrations were") +
                                    " applied now")
            << ".\n";
  return 0;
}

Result<int> stay(const Settings& settings) {
  const auto schema = TRY(bring_up_to_date(settings, {.departed = Departed::accepted}));
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
