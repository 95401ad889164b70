// What `paylink links` reads: a sandbox's ready file (cli/settings), and whatever a server answers (cli/report, table,
// yaml, query). Nothing of it ends a field of a request, or moves a terminal's cursor.
#include <algorithm>
#include <string>
#include <utility>

#include "cli/query.hpp"
#include "cli/report.hpp"
#include "cli/settings.hpp"
#include "input.hpp"
#include "json/document.hpp"

namespace paylink {
namespace {

using cli::Credentials;
using cli::Exit;
using cli::Output;

bool is_visible(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

// Other tokens with the same fault, if they have one: the same words.
void check_tells_no_token(cli::Source source, const std::string& message) {
  const auto other = [](const std::string& token) { return is_visible(token) ? "another" : "an other"; };
  source.token = other(*source.token);
  if (source.staging_token) source.staging_token = other(*source.staging_token);
  const auto again = cli::resolve({source});
  ENSURE(!again && again.error().message == message);
}

void check_ready_file(const std::string& text) {
  const auto source = cli::read_ready_file("ready.json", text);
  if (!source) return ENSURE(source.error().reason == "usage" && fuzz::is_utf8(source.error().message));
  ENSURE(source->base_url && source->token && !source->api_key && !source->output);
  const auto settings = cli::resolve({*source});
  if (!settings) {
    ENSURE(settings.error().reason == "usage");
    return check_tells_no_token(*source, settings.error().message);
  }
  const cli::Access& access = settings->access;
  ENSURE(is_visible(access.base_url) && access.base_url.starts_with("http"));
  ENSURE(access.authorization == "Bearer " + *source->token && is_visible(*source->token));
  ENSURE(access.staging_token == source->staging_token.value_or(""));
  ENSURE(access.staging_token.empty() || is_visible(access.staging_token));
}

// Line ends are our own.
void check_shown(const std::string& text) {
  for (const char c : text) ENSURE(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F));
  ENSURE(fuzz::is_utf8(text) && text.find("\xC2\x9B") == std::string::npos);
}

// Forward: a walk that began by number stays with numbers.
void check_leads_on(const std::string& body, const cli::ListPlace& place) {
  const auto next = cli::next_place(body, place);
  if (!next) return ENSURE(next.error().reason == "endless_list" && fuzz::is_utf8(next.error().message));
  if (!*next) return;
  if ((*next)->walk == cli::Walk::by_number) return ENSURE((*next)->page > place.page && place.cursor.empty());
  ENSURE(place.walk == cli::Walk::by_cursor && !(*next)->cursor.empty() && (*next)->cursor != place.cursor);
}

void check_answer(const std::string& body) {
  constexpr std::pair<int, Exit> exits[] = {{200, Exit::done},      {400, Exit::refused}, {401, Exit::not_authorized},
                                            {404, Exit::not_found}, {429, Exit::later},   {500, Exit::broken}};
  const bool is_json = json::Document::parse(body).has_value();
  for (const auto& [status, exit] : exits) {
    const cli::ApiAnswer answer{status, body};
    const auto table = cli::report(answer, Output::table, 20, {Credentials::given});
    const auto yaml = cli::report(answer, Output::yaml, 0, {Credentials::none});
    const auto json = cli::report(answer, Output::json, 0, {Credentials::none});
    ENSURE(json.exit == (is_json || exit == Exit::later ? exit : Exit::broken));
    ENSURE(table.exit == yaml.exit && yaml.exit == json.exit && (table.exit == Exit::done) == table.err.empty());
    for (const std::string* text : {&table.out, &table.err, &yaml.out, &yaml.err, &json.err}) check_shown(*text);
    if (json.exit == Exit::done) ENSURE(json.out == body + "\n");
  }
  check_leads_on(body, {.walk = cli::Walk::by_number, .page = 7});
  check_leads_on(body, {.walk = cli::Walk::by_cursor});
  check_leads_on(body, {.walk = cli::Walk::by_cursor, .cursor = "7"});
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(paylink::fuzz::text_of(data, size));
  paylink::check_ready_file(text);
  paylink::check_answer(text);
  return 0;
}
