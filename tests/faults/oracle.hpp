#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paylink::faults {

// What can be done with a family of tokens.
enum class Step : std::uint8_t {
  redeem,          // its code
  renew,           // its tokens, by its refresh token
  revoke_access,   // its newest access token alone
  revoke_refresh,  // and so all of it
  replay_code,     // which ends it
  replay_refresh,  // a used one, which ends it too
};

// What was found wrong: counted, and the first ones told on stderr.
class Violations {
 public:
  // `invariant` is one of README.md: I1, I2, I4 to I11, or "I1 lost" for what a restart has lost.
  void add(std::string_view invariant, const std::string& sentence);
  std::uint64_t count() const { return count_; }
  std::uint64_t count_of(const std::string& invariant) const;
  std::string summary() const;  // "I1 3, I6 1"; empty when there are none

 private:
  std::mutex mutex_;
  std::uint64_t count_ = 0;
  std::map<std::string, std::uint64_t> by_invariant_;
};

// A create that was sent. `answer` is what came back with 201; absent while the outcome is unknown.
struct Create {
  std::string title;  // unique: finds the link again in the database
  std::string body;
  std::string key;  // empty: sent without an idempotency key
  std::optional<std::string> answer;
};

// A payment that the server said is paid.
struct PaidAnswer {
  std::string link;
  std::string payment;
};

// A part of a payment that was asked to be given back, with a key. `answer` is what came back with 201; absent while
// the outcome is unknown.
struct RefundRequest {
  PaidAnswer paid;
  std::string key;
  std::optional<std::string> answer;
};

// A link that was switched off, with a key. `answer` is what came back with 200; absent while the outcome is unknown.
struct Deactivation {
  std::string link;
  std::string key;
  std::optional<std::string> answer;
};

struct ApiKey {
  std::string id;
  std::string authorization;  // as its field says it
};

// What one authorization led to, as far as its application was told.
struct Family {
  std::string code;
  std::string refresh;                // the newest; empty before the code was exchanged
  std::vector<std::string> used;      // refresh tokens that were exchanged, in their order
  std::vector<std::string> access;    // those that were not revoked by themselves
  std::vector<std::string> revoked;   // access tokens that were
  bool has_ended = false;             // nothing of it is good any more
  std::optional<Step> in_doubt = {};  // the last one, when nobody knows what became of it
  int acks = 0;
};

// A link the server has acknowledged, and what may be said of it from then on.
struct KnownLink {
  std::string id;
  std::string core;  // the answered link without its status: the same bytes for ever
  bool reusable = false;
  std::string last_status;
};

// How often something was acknowledged, of each kind.
struct Acks {
  std::uint64_t links = 0, payments = 0, refunds = 0, deactivations = 0, keys_made = 0, keys_revoked = 0, tokens = 0;

  std::uint64_t sum() const { return links + payments + refunds + deactivations + keys_made + keys_revoked + tokens; }
  Acks& operator+=(const Acks& more);
  // "links 12, payments 3, …"; and whether there was none of some kind.
  std::string text() const;
  bool lacks_some() const;
};

// All that clients know: filled by many threads during a cycle, checked between cycles.
class Oracle {
 public:
  void created(Create create);
  void refused(std::string title);  // a create, as not available now: it promises that nothing was stored
  void paid(PaidAnswer paid);
  void deactivated(Deactivation deactivation);
  void refunded(RefundRequest refund);
  void key_made(ApiKey key);
  void key_revoked(ApiKey key);  // acknowledged; a key whose revocation is unknown is neither made nor revoked
  void held(Family family);      // by a client that has ended
  // A random one of the latest links, to read or pay; absent while there is none.
  std::optional<KnownLink> pick(std::uint64_t random);
  // The same of payments, to give parts of them back; absent too for one that was picked often enough: a provider takes
  // the same part of a payment for a mistake until an hour has passed.
  std::optional<PaidAnswer> pick_paid(std::uint64_t random);

  // What became known since the last call.
  struct News {
    std::vector<Create> creates;
    std::vector<std::string> refused;  // titles
    std::vector<PaidAnswer> paid;
    std::vector<Deactivation> deactivations;
    std::vector<RefundRequest> refunds;
    std::vector<ApiKey> keys_made;
    std::vector<ApiKey> keys_revoked;
    std::vector<Family> families;
  };
  News take_news();

  // Not for use while clients run.
  std::vector<KnownLink>& links() { return links_; }
  const Acks& acks() const { return acks_; }
  std::uint64_t refusals() const { return refusals_; }

 private:
  std::mutex mutex_;
  News news_;
  std::vector<KnownLink> links_;
  std::vector<PaidAnswer> payments_;
  std::map<std::string, int> picked_;  // payments, to be given back
  Acks acks_;
  std::uint64_t refusals_ = 0;
};

// The link of an answer as the harness knows it; absent when it is not one.
std::optional<KnownLink> read_link(std::string_view answer);

// May a client that saw `before` see `after` later?
bool link_may_go(std::string_view before, std::string_view after);
bool attempt_may_go(std::string_view before, std::string_view after);

}  // namespace paylink::faults
