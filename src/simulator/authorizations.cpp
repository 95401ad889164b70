#include "simulator/authorizations.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "simulator/payments.hpp"

namespace paylink::simulator {
namespace {

constexpr std::size_t token_letters = 30;

constexpr std::string_view resources[] = {"payments",      "refunds",   "profiles", "organizations", "onboarding",
                                          "payment-links", "customers", "mandates", "subscriptions", "balances",
                                          "settlements",   "invoices",  "webhooks", "clients"};

constexpr std::string_view select_application =
    "SELECT redirect_uri, secret_digest FROM applications WHERE client_id = $1";
constexpr std::string_view insert_application = "INSERT INTO applications (client_id, redirect_uri) VALUES ($1, $2)";
constexpr std::string_view update_secret = "UPDATE applications SET secret_digest = $2 WHERE client_id = $1";

constexpr std::string_view insert_authorization = R"sql(
  INSERT INTO authorizations (id, client_id, organization_id, scopes, code_digest, code_expires_at)
  VALUES ($1, $2, $3, $4, $5, $6)
)sql";
constexpr std::string_view use_code = R"sql(
  UPDATE authorizations SET code_digest = NULL, code_expires_at = NULL, refresh_digest = $3
  WHERE code_digest = $1 AND client_id = $2 AND code_expires_at > $4
  RETURNING id, scopes
)sql";
constexpr std::string_view select_by_refresh =
    "SELECT id, scopes FROM authorizations WHERE refresh_digest = $1 AND client_id = $2";

constexpr std::string_view update_refresh_digest = "UPDATE authorizations SET refresh_digest = $2 WHERE id = $1";

constexpr std::string_view insert_access_token =
    "INSERT INTO access_tokens (digest, authorization_id, expires_at) VALUES ($1, $2, $3)";
constexpr std::string_view delete_old_tokens = "DELETE FROM access_tokens WHERE expires_at <= $1";
constexpr std::string_view select_by_access = R"sql(
  SELECT a.id, a.client_id, a.organization_id, a.scopes
  FROM access_tokens t JOIN authorizations a ON a.id = t.authorization_id
  WHERE t.digest = $1 AND t.expires_at > $2
)sql";
constexpr std::string_view delete_access_token = R"sql(
  DELETE FROM access_tokens WHERE digest = $1
    AND authorization_id IN (SELECT id FROM authorizations WHERE client_id = $2)
)sql";
constexpr std::string_view delete_tokens_of = "DELETE FROM access_tokens WHERE authorization_id = $1";
constexpr std::string_view delete_authorization = "DELETE FROM authorizations WHERE id = $1";

// Of the applications whose refresh tokens are good once (connect.hpp).
constexpr std::string_view rotating_prefix = "app_rotating";

std::string digest_of(std::string_view secret) { return crypto::to_hex(crypto::sha256(secret)); }

}  // namespace

std::vector<std::string> all_scopes() {
  std::vector<std::string> all{"events.read"};
  for (const std::string_view resource : resources)
    for (const std::string_view right : {".read", ".write"}) all.push_back(std::string(resource).append(right));
  return all;
}

bool is_scope(std::string_view name) {
  const auto all = all_scopes();
  return std::ranges::find(all, name) != all.end();
}

bool Authorization::allows(std::string_view scope) const {
  return (" " + scopes + " ").find(" " + std::string(scope) + " ") != std::string::npos;
}

Result<std::optional<std::string>> Authorizations::redirect_uri(std::string_view client_id) {
  const sql::Rows rows = TRY(tx_.query(select_application, {client_id}));
  if (rows.empty()) return std::optional<std::string>();
  return std::optional<std::string>(rows.front().text(0));
}

Result<> Authorizations::know_application(std::string_view client_id, std::string_view redirect_uri) {
  return tx_.defer(insert_application, {client_id, redirect_uri});
}

Result<bool> Authorizations::is_secret(std::string_view client_id, const Secret& secret) {
  const sql::Rows rows = TRY(tx_.query(select_application, {client_id}));
  if (rows.empty() || secret.reveal().empty()) return false;
  const std::string digest = digest_of(secret.reveal());
  if (!rows.front().is_null(1)) return equal_constant_time(rows.front().text(1), digest);
  TRY(tx_.defer(update_secret, {client_id, digest}));
  return true;
}

Result<std::string> Authorizations::allow(std::string_view client_id, std::string_view organization,
                                          std::string_view scopes) {
  std::string code = random_id("auth_", token_letters, tx_.random());
  const std::string id = random_id("", token_letters, tx_.random());
  TRY(tx_.defer(insert_authorization, {id, client_id, organization, scopes, digest_of(code), tx_.now() + code_life}));
  return code;
}

Result<Secret> Authorizations::issue_access_token(std::string_view authorization) {
  TRY(tx_.defer(delete_old_tokens, {tx_.now()}));
  Secret token(random_id("access_", token_letters, tx_.random()));
  TRY(tx_.defer(insert_access_token, {digest_of(token.reveal()), authorization, tx_.now() + access_token_life}));
  return token;
}

Result<std::optional<Tokens>> Authorizations::exchange_code(std::string_view client_id, std::string_view code) {
  Secret refresh_token(random_id("refresh_", token_letters, tx_.random()));
  const sql::Rows rows =
      TRY(tx_.query(use_code, {digest_of(code), client_id, digest_of(refresh_token.reveal()), tx_.now()}));
  if (rows.empty()) return std::optional<Tokens>();
  Secret access_token = TRY(issue_access_token(rows.front().text(0)));
  return std::optional<Tokens>({std::move(access_token), std::move(refresh_token), std::string(rows.front().text(1))});
}

Result<std::optional<Tokens>> Authorizations::refresh(std::string_view client_id, std::string_view refresh_token) {
  const sql::Rows rows = TRY(tx_.query(select_by_refresh, {digest_of(refresh_token), client_id}));
  if (rows.empty()) return std::optional<Tokens>();
  Secret access_token = TRY(issue_access_token(rows.front().text(0)));
  Secret next(std::string{refresh_token});
  if (client_id.starts_with(rotating_prefix)) {
    next = Secret(random_id("refresh_", token_letters, tx_.random()));
    TRY(tx_.defer(update_refresh_digest, {rows.front().text(0), digest_of(next.reveal())}));
  }
  return std::optional<Tokens>({std::move(access_token), std::move(next), std::string(rows.front().text(1))});
}

Result<> Authorizations::revoke(std::string_view client_id, std::string_view token) {
  TRY(tx_.defer(delete_access_token, {digest_of(token), client_id}));
  const sql::Rows rows = TRY(tx_.query(select_by_refresh, {digest_of(token), client_id}));
  if (rows.empty()) return {};
  const std::string id(rows.front().text(0));
  TRY(tx_.defer(delete_tokens_of, {id}));
  return tx_.defer(delete_authorization, {id});
}

Result<std::optional<Authorization>> Authorizations::find(std::string_view access_token) {
  const sql::Rows rows = TRY(tx_.query(select_by_access, {digest_of(access_token), tx_.now()}));
  if (rows.empty()) return std::optional<Authorization>();
  const auto row = rows.front();
  return std::optional<Authorization>(
      {std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)), std::string(row.text(3))});
}

}  // namespace paylink::simulator
