#include "main/control_commands.hpp"

#include <algorithm>

namespace paylink::main {

Failure bad_argument(std::string message) { return fail(ErrorCode::invalid_input, "bad_argument", std::move(message)); }

Result<const crypto::KeyRing*> need_keys(const ControlContext& context) {
  if (context.keys != nullptr) return context.keys;
  return fail(ErrorCode::invalid_input, "no_key_file",
              "No server runs on this data directory, so the master key is needed: --key-file /etc/paylink/key");
}

std::string text_or_nothing(const std::optional<std::string_view>& text) { return std::string(text.value_or("")); }

std::string read_organization(const json::Reader& arguments) {
  return text_or_nothing(arguments.optional("organization").text({0, 64}));
}

std::vector<std::string> read_texts(const json::Reader& arguments, std::string_view name, json::Range count,
                                    json::Range code_points) {
  std::vector<std::string> texts;
  arguments.required(name).as_array(count).each(
      [&](const json::Reader& text) { texts.push_back(text_or_nothing(text.text(code_points))); });
  return texts;
}

void write_time(json::Writer& json, std::string_view name, const std::optional<Time>& time) {
  if (time)
    json.text(name, to_rfc3339(*time));
  else
    json.null(name);
}

void write_scopes(json::Writer& json, std::string_view scopes) {
  json.key("scopes").begin_array();
  while (!scopes.empty()) {
    const std::size_t end = std::min(scopes.find(' '), scopes.size());
    json.text(scopes.substr(0, end));
    scopes.remove_prefix(std::min(end + 1, scopes.size()));
  }
  json.end_array();
}

}  // namespace paylink::main
