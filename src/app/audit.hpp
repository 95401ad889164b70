#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/caller.hpp"
#include "crypto/keyring.hpp"
#include "domain/names.hpp"
#include "sql/transaction.hpp"
#include "store/audit_log.hpp"
#include "store/members.hpp"

// The audit log: who did what that money or access depends on. An entry is written in the commit of what was done; soon
// after, it is bound to the one before it by a code that only the master key makes, so that whoever has the database
// alone can neither change, nor take out, nor reorder one unnoticed.
namespace paylink::app {

enum class AuditAction : std::uint8_t {
  organization_created,
  api_key_created,
  api_key_revoked,
  client_created,
  client_updated,
  client_secret_rotated,
  client_deleted,
  member_added,
  member_role_set,
  member_removed,
  password_reset,
  password_changed,
  signed_in,
  authenticated_again,
  application_allowed,
  application_revoked,
  token_replayed,
  connection_begun,
  connection_key_confirmed,
  connection_enabled,
  connection_disabled,
  refund_requested,
};

inline constexpr auto audit_action_names = names<AuditAction>({
    {AuditAction::organization_created, "organization_created"},
    {AuditAction::api_key_created, "api_key_created"},
    {AuditAction::api_key_revoked, "api_key_revoked"},
    {AuditAction::client_created, "client_created"},
    {AuditAction::client_updated, "client_updated"},
    {AuditAction::client_secret_rotated, "client_secret_rotated"},
    {AuditAction::client_deleted, "client_deleted"},
    {AuditAction::member_added, "member_added"},
    {AuditAction::member_role_set, "member_role_set"},
    {AuditAction::member_removed, "member_removed"},
    {AuditAction::password_reset, "password_reset"},
    {AuditAction::password_changed, "password_changed"},
    {AuditAction::signed_in, "signed_in"},
    {AuditAction::authenticated_again, "authenticated_again"},
    {AuditAction::application_allowed, "application_allowed"},
    {AuditAction::application_revoked, "application_revoked"},
    {AuditAction::token_replayed, "token_replayed"},
    {AuditAction::connection_begun, "connection_begun"},
    {AuditAction::connection_key_confirmed, "connection_key_confirmed"},
    {AuditAction::connection_enabled, "connection_enabled"},
    {AuditAction::connection_disabled, "connection_disabled"},
    {AuditAction::refund_requested, "refund_requested"},
});

struct AuditNote {
  AuditAction action;
  std::string actor;
  std::optional<OrganizationId> organization{};  // absent: the whole installation, or a person
  std::string object;
  std::string detail{};  // no secrets, no payers
};

// Writes it into this transaction.
Result<> audit(AuditNote note, sql::Transaction& tx);

std::string actor_of(const Caller& caller);  // "api_key 0198…", or the application and the member it acts for
std::string actor_of(const store::Delegation& delegation);
std::string actor_of(UserId user);  // "user 0198…"

// Binds at most `limit` entries, oldest first; says how many. Of several that try at once one does.
Result<int> bind_audit_events(int limit, const crypto::KeyRing& keys, sql::Transaction& tx);

struct AuditVerification {
  std::int64_t events = 0;              // that are bound
  std::int64_t unbound = 0;             // written in the last moments, or while no server ran
  store::AuditHead head{};              // the last that is bound, as it follows from the entries
  std::vector<std::string> violations;  // one sentence each, at most `violations_max`
};
inline constexpr int violations_max = 100;

// Holds every entry against the codes. `known` are ends that were noted before, from the log or an earlier
// verification: an entry that was taken from the end shows by them alone. Reads the whole log, in a transaction that
// shows one moment.
Result<AuditVerification> verify_audit_log(const std::vector<store::AuditHead>& known, const crypto::KeyRing& keys,
                                           sql::Transaction& tx);

}  // namespace paylink::app
