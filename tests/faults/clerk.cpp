#include "clerk.hpp"

#include "client.hpp"
#include "command.hpp"

namespace paylink::faults {

std::optional<ApiKey> Clerk::make_key(const std::string& name) const {
  const auto printed = run("create", {"--name", name, "--scope", "organization.read"});
  if (!printed) return std::nullopt;
  const auto id = json_text(*printed, "id"), login = json_text(*printed, "login");
  const auto secret = json_text(*printed, "secret_key");
  if (!id || !login || !secret) return std::nullopt;
  return ApiKey{*id, *login + ":" + *secret};
}

bool Clerk::revoke(const ApiKey& key) const { return run("revoke", {key.id}).has_value(); }

std::optional<std::string> Clerk::run(const std::string& command, const std::vector<std::string>& words) const {
  std::vector<std::string> all = {"keys", command, "--data-dir", data_dir_};
  if (!database_.empty()) all.insert(all.end(), {"--database", database_});
  all.insert(all.end(), words.begin(), words.end());
  std::string printed;
  if (!run_command(binary_, all, &printed)) return std::nullopt;
  return printed;
}

}  // namespace paylink::faults
