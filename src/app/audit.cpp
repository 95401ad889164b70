#include "app/audit.hpp"

#include "base/secret.hpp"

namespace paylink::app {
namespace {

constexpr int page_size = 500;

void append_number(std::string& bytes, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
}

// With their lengths, so that no two entries read alike.
void append_part(std::string& bytes, std::string_view text) {
  append_number(bytes, text.size());
  bytes += text;
}

std::string mac_of(const store::AuditEvent& event, const store::AuditHead& before, const crypto::KeyRing& keys) {
  std::string bytes;
  append_number(bytes, static_cast<std::uint64_t>(before.number) + 1);
  append_part(bytes, before.mac);
  append_part(bytes, event.id.text());
  append_number(bytes, static_cast<std::uint64_t>(to_microseconds(event.at)));
  append_part(bytes, event.organization ? event.organization->text() : std::string());
  for (const std::string* text : {&event.actor, &event.action, &event.object, &event.detail}) append_part(bytes, *text);
  return keys.sign_audit(bytes);
}

// Reads the log in its order and remembers what is wrong with it.
class Verifier {
 public:
  Verifier(const std::vector<store::AuditHead>& known, const crypto::KeyRing& keys) : known_(known), keys_(keys) {}

  void read(const store::AuditEvent& event) {
    if (event.number != head_.number + 1)
      complain("after entry " + std::to_string(head_.number) + " comes entry " + std::to_string(event.number) +
               ": what was between them is gone");
    // From a gap on each is held against what stands before it, so that one removal is told of once.
    const bool sound = equal_constant_time(mac_of(event, {event.number - 1, head_.mac}, keys_), event.mac);
    if (!sound && event.number == head_.number + 1)
      complain("entry " + std::to_string(event.number) + " (" + event.id.text() +
               ") is not what was written, or not by whoever has the master key");
    head_ = {event.number, event.mac};
    ++events_;
    for (const store::AuditHead& known : known_)
      if (known.number == event.number && known.mac != event.mac)
        complain("entry " + std::to_string(event.number) + " is another than the one that was noted");
  }

  AuditVerification finish(const store::AuditHead& stored, std::int64_t unbound) {
    if (stored.number != head_.number || stored.mac != head_.mac)
      complain("the log ends with entry " + std::to_string(head_.number) + ", its last was " +
               std::to_string(stored.number));
    for (const store::AuditHead& known : known_)
      if (known.number > head_.number)
        complain("the log ends with entry " + std::to_string(head_.number) + ", but entry " +
                 std::to_string(known.number) + " was noted");
    return {events_, unbound, head_, std::move(violations_)};
  }

 private:
  void complain(std::string sentence) {
    if (violations_.size() < violations_max) violations_.push_back(std::move(sentence));
  }

  const std::vector<store::AuditHead>& known_;
  const crypto::KeyRing& keys_;
  store::AuditHead head_;
  std::int64_t events_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace

Result<> audit(AuditNote note, sql::Transaction& tx) {
  return store::AuditLog(tx).insert({Uuid::v7(tx.now(), tx.random()), tx.now(), note.organization,
                                     std::move(note.actor), std::string(audit_action_names.name(note.action)),
                                     std::move(note.object), std::move(note.detail)});
}

std::string actor_of(const Caller& caller) {
  if (!caller.delegation) return "api_key " + caller.principal.text();
  return actor_of(*caller.delegation);
}

std::string actor_of(const store::Delegation& delegation) {
  return "client " + delegation.client.text() + " for membership " + delegation.membership.text();
}

std::string actor_of(UserId user) { return "user " + user.text(); }

Result<int> bind_audit_events(int limit, const crypto::KeyRing& keys, sql::Transaction& tx) {
  store::AuditLog log(tx);
  // Mostly there is nothing to do, and then nobody is made to wait for anybody.
  if (TRY(log.unbound(1)).empty()) return 0;
  // Of several nodes one binds them.
  if (!TRY(tx.try_claim("audit"))) return 0;
  store::AuditHead head = TRY(log.head());
  auto events = TRY(log.unbound(limit));
  for (store::AuditEvent& event : events) {
    event.mac = mac_of(event, head, keys);
    event.number = head.number + 1;
    TRY(log.bind(event));
    head = {event.number, event.mac};
  }
  if (!events.empty()) TRY(log.put_head(head));
  return static_cast<int>(events.size());
}

Result<AuditVerification> verify_audit_log(const std::vector<store::AuditHead>& known, const crypto::KeyRing& keys,
                                           sql::Transaction& tx) {
  store::AuditLog log(tx);
  Verifier verifier(known, keys);
  for (std::int64_t last = 0;;) {
    const auto events = TRY(log.after(last, page_size));
    if (events.empty()) break;
    for (const store::AuditEvent& event : events) verifier.read(event);
    last = events.back().number;
  }
  const store::AuditHead stored = TRY(log.head());
  const std::int64_t unbound = TRY(log.count_unbound());
  return verifier.finish(stored, unbound);
}

}  // namespace paylink::app
