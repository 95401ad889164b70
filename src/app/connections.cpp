#include "app/connections.hpp"

#include <algorithm>

#include "app/audit.hpp"
#include "app/connection_events.hpp"
#include "app/install.hpp"
#include "app/provider_grants.hpp"
#include "crypto/encoding.hpp"
#include "domain/redirect_uri.hpp"
#include "store/oauth_clients.hpp"
#include "store/organizations.hpp"

namespace paylink::app {
namespace {

constexpr std::chrono::minutes word_lifetime{30};
constexpr std::size_t time_size = 8, revision_size = 4, word_mac_size = 32;
constexpr std::size_t word_size = 2 * Uuid::size + time_size + revision_size + 1;

constexpr auto use_names = names<ConnectionUse>({{ConnectionUse::look, "look"}, {ConnectionUse::decide, "decide"}});

// The enumerator with that number, when there is one.
template <class Enum, std::size_t N>
std::optional<Enum> enumerator(char byte, const Names<Enum, N>& names) {
  for (const auto& row : names.rows)
    if (static_cast<unsigned char>(row.first) == static_cast<unsigned char>(byte)) return row.first;
  return std::nullopt;
}

// Big-endian; nothing is decided of a connection four billion times.
std::string revision_bytes(std::int64_t revision) {
  std::string bytes;
  for (std::size_t i = revision_size; i-- > 0;) bytes += static_cast<char>(revision >> (8 * i));
  return bytes;
}

std::int64_t revision_of(std::string_view bytes) {
  std::int64_t revision = 0;
  for (const char byte : bytes) revision = revision << 8 | static_cast<unsigned char>(byte);
  return revision;
}

std::string sign_word(std::string_view head, const crypto::KeyRing& keys) {
  return keys.sign_form("connection|" + std::string(head));
}

bool waits(const Connection& connection, const ProviderKey& key) {
  return connection.status == ConnectionStatus::pending && key.grant && key.mode == "live" && !key.is_account_complete;
}

Result<> use_key(Connection& connection, const ProviderKey& key, const crypto::KeyRing& keys, sql::Transaction& tx) {
  const OrganizationId organization = connection.organization;
  if (connection.grant && connection.grant != key.grant)
    TRY(replace_grant(organization, *connection.grant, key.grant ? Successor::grant : Successor::key, tx));
  const auto state = waits(connection, key) ? ProviderGrantState::waiting : ProviderGrantState::used;
  if (key.grant) TRY(confirm_grant(organization, *key.grant, state, tx));
  const std::string seal = connection_seal(organization, connection.id);
  connection.api_key_sealed = key.grant ? std::string() : keys.seal(key.key, seal, tx.random());
  connection.grant = key.grant;
  connection.account_name = key.account_name;
  connection.mode = key.mode;
  connection.profile_id = key.profile_id;
  connection.profile_name = key.profile_name;
  connection.proposed.reset();
  ++connection.revision;
  return {};
}

Failure invalid(const std::string& field, const std::string& detail) {
  Failure failure = fail(ErrorCode::invalid_input, "invalid", detail);
  failure.error().faults.push_back({"invalid", "/" + field, field + " " + detail});
  return failure;
}

Failure account_of_somebody_else() {
  return invalid("user_bank_account_id",
                 "must be one of the organization's bank accounts; GET /v2/bank_accounts lists them");
}

// The merchant is shown where he will return to, on a page of ours: an application names no place but its own.
Result<> check_callback(const std::string& url, store::OauthClientId id, sql::Transaction& tx) {
  const auto client = TRY(store::OauthClients(tx).find(id));
  const std::string host = web_host(url);
  if (client && !host.empty())
    for (const std::string& uri : client->redirect_uris)
      if (web_host(uri) == host) return {};
  return invalid("partner_callback_url",
                 "must be at a host of one of the application's redirect URIs, which the server's operator registers");
}

}  // namespace

Result<Connection> begin_connection(const BeginConnection& command, const Caller& caller, sql::Transaction& tx) {
  if (caller.delegation) TRY(check_callback(command.callback_url, caller.delegation->client, tx));
  const auto account = store::Organizations(tx).find_bank_account(caller.organization, command.bank_account);
  if (!account && account.error().code == ErrorCode::not_found) return account_of_somebody_else();
  if (!account) return Failure{account.error()};
  store::Connections connections(tx);
  const auto latest = TRY(connections.latest(caller.organization));
  if (latest && latest->status != ConnectionStatus::disabled)
    return fail(ErrorCode::invalid_input, "multiple_connections_not_allowed",
                "This organization has a connection already, which is " +
                    std::string(connection_status_names.name(latest->status)) + ".");
  const Connection connection{caller.organization,
                              ConnectionId::create(tx.now(), tx.random()),
                              "mollie",
                              "test",
                              ConnectionStatus::pending,
                              "",
                              command.bank_account,
                              command.callback_url,
                              command.phone_number,
                              command.business_description,
                              command.website_url};
  TRY(connections.insert(connection));
  TRY(audit({AuditAction::connection_begun, actor_of(caller), caller.organization, connection.id.text()}, tx));
  return connection;
}

Result<Connection> find_connection(const FindConnection&, const Caller& caller, sql::Transaction& tx) {
  auto latest = TRY(store::Connections(tx).latest(caller.organization));
  if (!latest) return fail(ErrorCode::not_found, "not_found", "connection not found");
  return *std::move(latest);
}

Result<Connection> enable_connection(OrganizationId organization, ConnectionId id, const ProviderKey& key,
                                     const crypto::KeyRing& keys, sql::Transaction& tx) {
  store::Connections connections(tx);
  Connection connection = TRY(connections.find_for_update(organization, id));
  if (connection.status == ConnectionStatus::enabled) return connection;
  if (connection.status != ConnectionStatus::pending)
    return fail(ErrorCode::invalid_input, "invalid_status", "This connection is disabled. Begin a new one.");
  const bool is_ready = !waits(connection, key);
  TRY(use_key(connection, key, keys, tx));
  if (is_ready) connection.status = ConnectionStatus::enabled;
  TRY(connections.update(connection));
  if (is_ready) TRY(tell_connection_event(ConnectionEvent::enabled, connection, tx));
  return connection;
}

Result<> enable_waiting(OrganizationId organization, ConnectionId id, sql::Transaction& tx) {
  store::Connections connections(tx);
  Connection connection = TRY(connections.find_for_update(organization, id));
  if (connection.status != ConnectionStatus::pending || !connection.grant) return {};
  connection.status = ConnectionStatus::enabled;
  connection.proposed.reset();
  ++connection.revision;
  TRY(connections.update(connection));
  return tell_connection_event(ConnectionEvent::enabled, connection, tx);
}

Result<> replace_key(Connection connection, const ProviderKey& key, const crypto::KeyRing& keys, sql::Transaction& tx) {
  TRY(use_key(connection, key, keys, tx));
  return store::Connections(tx).update(connection);
}

// The key stays, and a grant as long as it takes: payments under way are still asked about.
Result<Connection> disable_connection(OrganizationId organization, ConnectionId id, sql::Transaction& tx) {
  store::Connections connections(tx);
  Connection connection = TRY(connections.find_for_update(organization, id));
  if (connection.status == ConnectionStatus::disabled) return connection;
  const bool told = connection.status == ConnectionStatus::enabled;
  connection.status = ConnectionStatus::disabled;
  connection.proposed.reset();
  ++connection.revision;
  TRY(connections.update(connection));
  TRY(end_grants(organization, id, tx));
  if (told) TRY(tell_connection_event(ConnectionEvent::revoked, connection, tx));
  return connection;
}

ConnectionUse connection_use_of(const Caller& caller) {
  return caller.scopes.has(Scope::payment_link_write) ? ConnectionUse::decide : ConnectionUse::look;
}

std::string make_connection_word(const Connection& connection, ConnectionUse use, const crypto::KeyRing& keys,
                                 Time now) {
  std::string head(connection.organization.uuid().raw());
  head.append(connection.id.uuid().raw());
  head += time_bytes(now);
  head += revision_bytes(connection.revision);
  head += static_cast<char>(use);
  return crypto::to_base64url(head + sign_word(head, keys));
}

std::optional<ConnectionWord> read_connection_word(std::string_view word, const crypto::KeyRing& keys, Time now) {
  const auto bytes = crypto::from_base64url(word);
  if (!bytes || bytes->size() != word_size + word_mac_size) return std::nullopt;
  const std::string_view head = std::string_view(*bytes).substr(0, word_size);
  if (!equal_constant_time(sign_word(head, keys), std::string_view(*bytes).substr(head.size()))) return std::nullopt;
  if (time_of_bytes(head.substr(2 * Uuid::size, time_size)) <= now - word_lifetime) return std::nullopt;
  const auto use = enumerator(head.back(), use_names);
  if (!use) return std::nullopt;  // another version's
  const std::int64_t revision = revision_of(head.substr(2 * Uuid::size + time_size, revision_size));
  return ConnectionWord{OrganizationId(Uuid::of_bytes(head)), ConnectionId(Uuid::of_bytes(head.substr(Uuid::size))),
                        revision, *use};
}

Result<ConnectionView> view_connection(const ConnectionWord& word, sql::Transaction& tx) {
  store::Organizations organizations(tx);
  Connection connection = TRY(store::Connections(tx).find(word.organization, word.connection));
  Organization organization = TRY(organizations.find(word.organization));
  BankAccount account = TRY(organizations.find_bank_account(word.organization, connection.bank_account));
  const bool can_decide = word.use == ConnectionUse::decide && connection.revision == word.revision;
  auto given = TRY(store::ProviderGrants(tx).latest(word.organization, word.connection, ProviderGrantState::given));
  return ConnectionView{std::move(connection), can_decide, std::move(organization), std::move(account),
                        std::move(given)};
}

}  // namespace paylink::app
