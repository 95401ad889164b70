#pragma once

#include <string_view>

#include "domain/organization.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

// What others will be told, and what the operator should look at; each row is written in the commit of its cause.
class Events {
 public:
  explicit Events(sql::Transaction& tx) : tx_(tx) {}

  // `payload` is the event's data as JSON.
  Result<> add_outbox(OrganizationId organization, std::string_view type, std::string_view payload);
  // The first alert of a kind about an attempt stays; the same trouble seen again changes nothing.
  Result<> add_alert(OrganizationId organization, AttemptId attempt, std::string_view kind, std::string_view detail);
  // The same about a connection.
  Result<> add_alert(OrganizationId organization, ConnectionId connection, std::string_view kind,
                     std::string_view detail);
  // Deletes at most `limit` outbox rows made before `before`; the number deleted.
  Result<int> purge_outbox(Time before, int limit);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
