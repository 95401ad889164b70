// A line that `paylink keys` says to the server (main/control), on a database in memory that stays as it is. The answer
// is one line of JSON: what was done, or an error that is no bug.
#include <string>

#include "input.hpp"
#include "json/document.hpp"
#include "main/control.hpp"
#include "store/testing.hpp"

namespace paylink {
namespace {

const crypto::KeyRing& keys() {
  static const crypto::KeyRing ring = crypto::KeyRing::of_master(Secret(std::string(32, 'k')));
  return ring;
}

store::testing::Database& database() {
  static store::testing::Database database;
  static const std::string slug = store::testing::add_organization(database, "shop").slug;
  ENSURE(slug == "shop");
  return database;
}

// Runs a step and takes back what it did.
Result<> try_out(const main::ControlStep& step) {
  Result<> outcome;
  const auto undone = database().write([&](sql::Transaction& tx) -> Result<> {
    outcome = step(tx);
    return fail(ErrorCode::conflict, "undone", "");
  });
  ENSURE(!undone && undone.error().reason == "undone");
  return outcome;
}

std::string text_of(json::Value object, std::string_view name) {
  const auto member = object.find(name);
  ENSURE(member && member->type() == json::Type::text);
  return std::string(member->text());
}

void check_done(json::Value done, std::string_view command) {
  if (command == "keys list") ENSURE(done.type() == json::Type::array && done.size() == 0);
  if (command != "keys create") return;
  ENSURE(text_of(done, "login") == "shop" && text_of(done, "secret_key").starts_with("plk_"));
  const auto scopes = done.find("scopes");
  ENSURE(scopes && scopes->type() == json::Type::array && scopes->size() >= 1);
}

void check_line(std::string_view line, const crypto::KeyRing* ring) {
  const std::string command = main::control_command(line);
  const std::string answer = main::run_control_line(line, "uid 0", ring, try_out);
  ENSURE(fuzz::is_utf8(answer) && answer.find('\n') == std::string::npos);
  const auto document = json::Document::parse(answer);
  ENSURE(document.has_value() && document->root().size() == 1);
  const auto done = document->root().find("done"), error = document->root().find("error");
  ENSURE(done.has_value() == main::is_done(answer) && done.has_value() != error.has_value());
  if (done) {
    ENSURE(ring != nullptr || command != "keys create");
    return check_done(*done, command);
  }
  ENSURE(text_of(*error, "reason") != "bug" && !text_of(*error, "reason").empty());
  ENSURE(!text_of(*error, "message").empty());
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line = paylink::fuzz::text_of(data, size);
  paylink::check_line(line, &paylink::keys());
  paylink::check_line(line, nullptr);
  return 0;
}
