#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "domain/organization.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

// One entry of the audit log: no secrets in it, and no payers.
struct AuditEvent {
  Uuid id;  // version 7, of the moment
  Time at;
  std::optional<OrganizationId> organization;  // absent: the whole installation
  std::string actor;                           // "user 0198…", "api_key 0198…", "uid 0"
  std::string action;                          // "connection_enabled"
  std::string object;                          // what it was done to: an id, mostly
  std::string detail;                          // for whoever reads it; may be empty
  std::int64_t number = 0;                     // from 1 on, without gaps; 0: not bound yet
  std::string mac{};                           // 32 bytes that bind it to the one before; empty: not bound yet
};

// The last entry that is bound.
struct AuditHead {
  std::int64_t number = 0;  // 0: there is none
  std::string mac{};
};

std::string write_audit_head(const AuditHead& head);  // "17:0a1b…", the code in hexadecimal; "0:"
std::optional<AuditHead> parse_audit_head(std::string_view text);

class AuditLog {
 public:
  explicit AuditLog(sql::Transaction& tx) : tx_(tx) {}

  Result<> insert(const AuditEvent& event);

  Result<AuditHead> head();
  Result<> put_head(const AuditHead& head);
  // Those that are not bound yet, oldest first.
  Result<std::vector<AuditEvent>> unbound(int limit);
  Result<std::int64_t> count_unbound();
  Result<> bind(const AuditEvent& event);  // stores number and mac

  // Bound ones with greater numbers, in their order.
  Result<std::vector<AuditEvent>> after(std::int64_t number, int limit);
  // Newest first, bound or not, from the one before `before` on; of one organization, or of all.
  Result<std::vector<AuditEvent>> newest(const std::optional<OrganizationId>& organization, const Uuid& before,
                                         int limit);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
