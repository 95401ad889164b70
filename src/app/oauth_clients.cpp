#include "app/oauth_clients.hpp"

#include <algorithm>

#include "app/audit.hpp"
#include "crypto/token.hpp"
#include "domain/redirect_uri.hpp"
#include "domain/scopes.hpp"

namespace paylink::app {
namespace {

constexpr int listed_clients_max = 1000;
constexpr std::size_t live_secrets_max = 2;
constexpr std::size_t shown_secret_end = 4;

Failure bad_client(std::string reason, std::string message) {
  return fail(ErrorCode::invalid_input, std::move(reason), std::move(message));
}

// One that is too long to be read again is not said again.
Failure bad_uri(const std::string& uri, const std::string& message) {
  return bad_client("bad_redirect_uri", (uri.size() > redirect_uri_bytes_max ? "" : "`" + uri + "`: ") + message);
}

// Each once, in the order they were given.
Result<std::vector<std::string>> check_uris(const std::vector<std::string>& wanted, store::ClientType type) {
  std::vector<std::string> uris;
  for (const std::string& uri : wanted) {
    const auto kind = redirect_uri_kind(uri);
    if (!kind) return bad_uri(uri, kind.error().message);
    if (*kind == RedirectUriKind::private_use && type == store::ClientType::confidential)
      return bad_uri(uri,
                     "The scheme of an app leads to a device, where no secret can be kept: it is for public "
                     "applications alone (--public).");
    if (std::ranges::find(uris, uri) == uris.end()) uris.push_back(uri);
  }
  if (uris.empty()) return bad_client("no_redirect_uri", "An application needs at least one redirect URI.");
  if (uris.size() > redirect_uris_max)
    return bad_client("too_many_redirect_uris",
                      "An application has at most " + std::to_string(redirect_uris_max) + " redirect URIs.");
  return uris;
}

Result<Scopes> check_scopes(const std::vector<std::string>& names) {
  if (names.empty()) return bad_client("no_scope", "An application needs at least one scope.");
  Scopes scopes;
  for (const std::string& name : names) {
    if (is_known_scope(name)) {
      scopes.add(name);
      continue;
    }
    std::string known;
    for (const auto scope : known_scopes()) known += (known.empty() ? "" : ", ") + std::string(scope);
    return bad_client("unknown_scope", "There is no scope `" + name + "`. The scopes are " + known + ".");
  }
  return scopes;
}

// They have no order of their own.
bool same_uris(std::vector<std::string> some, std::vector<std::string> others) {
  std::ranges::sort(some);
  std::ranges::sort(others);
  return some == others;
}

Result<Secret> issue_secret(store::OauthClientId client, const crypto::KeyRing& keys, sql::Transaction& tx) {
  Secret secret = crypto::make_client_secret(tx.random());
  const std::string& text = secret.reveal();
  TRY(store::OauthClients(tx).insert_secret(
      client,
      {Uuid::v7(tx.now(), tx.random()), keys.hash_token(text), text.substr(text.size() - shown_secret_end), {}}));
  return secret;
}

Result<store::OauthClient> find(std::string_view id, sql::Transaction& tx) {
  const auto parsed = store::OauthClientId::parse(id);
  std::optional<store::OauthClient> client;
  if (parsed) client = TRY(store::OauthClients(tx).find(*parsed));
  if (!client)
    return fail(ErrorCode::not_found, "no_client",
                "There is no application `" + std::string(id) + "`, or it is deleted already. `paylink clients list` " +
                    "shows the ids.");
  return *std::move(client);
}

}  // namespace

Result<CreatedClient> create_client(const CreateClient& command, const crypto::KeyRing& keys, sql::Transaction& tx) {
  auto uris = TRY(check_uris(command.redirect_uris, command.type));
  const Scopes scopes = TRY(check_scopes(command.scopes));
  const auto id = store::OauthClientId::create(tx.now(), tx.random());
  CreatedClient created{{id, command.name, command.type, scopes, std::move(uris), command.created_by, tx.now()}, {}};
  TRY(store::OauthClients(tx).insert(created.client));
  if (command.type == store::ClientType::confidential) created.secret = TRY(issue_secret(id, keys, tx));
  TRY(audit({AuditAction::client_created, command.created_by, {}, id.text(), command.name}, tx));
  return created;
}

Result<store::OauthClient> update_client(const UpdateClient& command, sql::Transaction& tx) {
  auto before = TRY(find(command.id, tx));
  store::OauthClients clients(tx);
  TRY(clients.lock(before.id));
  before = TRY(find(command.id, tx));  // as whoever had the lock has left it
  store::OauthClient client = before;
  if (command.name) client.name = *command.name;
  if (command.redirect_uris) client.redirect_uris = TRY(check_uris(*command.redirect_uris, client.type));
  std::string changes;
  if (client.name != before.name) changes = "name " + client.name;
  if (!same_uris(client.redirect_uris, before.redirect_uris)) {
    changes += (changes.empty() ? "redirect_uris" : ", redirect_uris");
    for (const std::string& uri : client.redirect_uris) changes += " " + uri;
  }
  if (changes.empty()) return client;
  TRY(clients.update(client));
  TRY(audit({AuditAction::client_updated, command.by, {}, client.id.text(), changes}, tx));
  return client;
}

Result<std::vector<ListedClient>> list_clients(sql::Transaction& tx) {
  store::OauthClients clients(tx);
  std::vector<ListedClient> listed;
  auto found = TRY(clients.list(listed_clients_max));
  for (auto& client : found) {
    auto secrets = TRY(clients.secrets(client.id));
    listed.push_back({std::move(client), std::move(secrets)});
  }
  return listed;
}

Result<RotatedClient> rotate_client(std::string_view id, std::chrono::seconds overlap, const std::string& by,
                                    const crypto::KeyRing& keys, sql::Transaction& tx) {
  auto client = TRY(find(id, tx));
  if (client.type == store::ClientType::public_client)
    return fail(ErrorCode::conflict, "public_client",
                "`" + client.name + "` is a public application: it has no secret that could be changed.");
  store::OauthClients clients(tx);
  // Whoever counts makes the next secret before anybody else counts.
  TRY(clients.lock(client.id));
  const auto before = TRY(clients.secrets(client.id));
  if (before.size() >= live_secrets_max && overlap.count() > 0)
    return fail(ErrorCode::conflict, "two_secrets",
                "The application has two secrets, of which the older ends at " +
                    to_rfc3339(before.back().expires_at.value_or(tx.now())) +
                    ". Wait until then, or end both now with --overlap 0.");
  // What ends at once has ended long ago, or a clock that is behind, or put back, would let it live on.
  TRY(clients.expire_secrets(client.id, overlap.count() > 0 ? tx.now() + overlap : Time{}));
  Secret secret = TRY(issue_secret(client.id, keys, tx));
  TRY(audit({AuditAction::client_secret_rotated, by, {}, client.id.text(), client.name}, tx));
  std::optional<Time> old_until;
  if (!before.empty() && overlap.count() > 0) old_until = tx.now() + overlap;
  return RotatedClient{std::move(client), std::move(secret), old_until};
}

Result<store::OauthClient> delete_client(std::string_view id, const std::string& by, sql::Transaction& tx) {
  auto client = TRY(find(id, tx));
  TRY(store::OauthClients(tx).erase(client.id));
  TRY(audit({AuditAction::client_deleted, by, {}, client.id.text(), client.name}, tx));
  return client;
}

}  // namespace paylink::app
