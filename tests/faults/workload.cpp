#include "workload.hpp"

#include <array>
#include <chrono>
#include <random>
#include <utility>

#include "applicant.hpp"
#include "clerk.hpp"

namespace paylink::faults {
namespace {

constexpr int client_count = 8;
constexpr int applicant_count = 2;
// Before a client tries again somewhere when a server was gone.
constexpr std::chrono::milliseconds pause_without_server{10};

// Says of a 503 that it promises nothing.
bool is_outcome_unknown(const Answer& answer) {
  return answer.body.find(R"("code":"outcome_unknown")") != std::string::npos;
}

// One client: a connection to each server, its own stream of choices, and the operations it mixes.
class Shopper {
 public:
  Shopper(const Target& target, Oracle& oracle, Violations& violations, std::uint64_t seed, int cycle, int index,
          Trigger& trigger)
      : target_(target),
        oracle_(oracle),
        violations_(violations),
        trigger_(trigger),
        choices_(seed * 1'000'003 + static_cast<std::uint64_t>(cycle) * 101 + static_cast<std::uint64_t>(index)),
        name_(std::to_string(seed) + "-" + std::to_string(cycle) + "-" + std::to_string(index)) {
    for (std::size_t node = 0; node < target.ports.size(); ++node) clients_.push_back(target.connect(node));
  }

  // False when a server is gone.
  bool act() {
    node_ = below(clients_.size());
    if (!client().connect_if_needed()) return false;
    const auto choice = below(100);
    if (choice < 43) return create();
    if (choice < 61) return read();
    if (choice < 80) return pay();
    if (choice < 87) return race();
    if (choice < 94) return give_back();
    return deactivate();
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return choices_() % limit; }
  Client& client() { return *clients_[node_]; }

  std::string create_body(const std::string& title) {
    const auto cents = std::to_string(100 + below(9'900));
    const auto price = cents.substr(0, cents.size() - 2) + "." + cents.substr(cents.size() - 2);
    const std::string methods = "\"potential_payment_methods\":[\"credit_card\",\"ideal\"]";
    if (below(5) == 0)
      return R"({"payment_link":{"invoice_id":"550e8400-e29b-41d4-a716-446655440001","invoice_number":")" + title +
             R"(","debitor_name":"Ada","amount":{"value":")" + price + R"(","currency":"EUR"},)" + methods + "}}";
    return "{\"payment_link\":{" + methods + ",\"reusable\":" + (below(4) == 0 ? "true" : "false") +
           R"(,"items":[{"title":")" + title + R"(","quantity":1,"unit_price":{"value":")" + price +
           R"(","currency":"EUR"},"vat_rate":"21.0"}]}})";
  }

  bool create() {
    Create create;
    create.title = "op-" + name_ + "-" + std::to_string(++operations_);
    create.body = create_body(create.title);
    if (below(2) == 0) create.key = "key-" + create.title;
    const auto answer = client().post("/v2/payment_links", create.body, create.key);
    if (answer && answer->status == 201) {
      pull_trigger();
      create.answer = answer->body;
    }
    if (answer && answer->status != 201 && answer->status != 503)
      violations_.add("I1", "a create was answered with " + std::to_string(answer->status) + ": " + answer->body);
    const bool again = create.answer && !create.key.empty() && below(3) == 0;
    const auto sent = create;
    if (answer && answer->status == 503 && !is_outcome_unknown(*answer))
      oracle_.refused(create.title);
    else if (!answer || answer->status == 201 || answer->status == 503)
      oracle_.created(std::move(create));
    if (sent.answer && below(2) == 0) return read_at_once(*sent.answer);
    return answer.has_value() && (!again || repeat(sent));
  }

  bool repeat(const Create& create) {
    const auto answer = anybody().post("/v2/payment_links", create.body, create.key);
    if (answer && answer->status == 201 && answer->body != *create.answer)
      violations_.add("I4", "the key of " + create.title + " was answered with other bytes");
    return answer.has_value();
  }

  void pull_trigger() { trigger_.pull(node_, Promise::link); }

  // Not always the one that has just answered.
  Client& anybody() { return *clients_[below(clients_.size())]; }

  // What has been acknowledged can be read by whoever hears of it.
  bool read_at_once(const std::string& created) {
    const auto link = read_link(created);
    if (link) return read(*link);
    violations_.add("I1", "a create was answered without a link: " + created);
    return true;
  }

  bool read() {
    const auto link = oracle_.pick(choices_());
    return !link || read(*link);
  }

  bool read(const KnownLink& link) {
    const auto answer = anybody().get("/v2/payment_links/" + link.id);
    if (!answer) return false;
    const auto now = answer->status == 200 ? read_link(answer->body) : std::nullopt;
    if (answer->status != 503 && (!now || now->core != link.core))
      violations_.add("I1",
                      "link " + link.id + " reads differently: " + std::to_string(answer->status) + " " + answer->body);
    return true;
  }

  std::string payment_body(const std::string& link) {
    static constexpr std::array<std::string_view, 10> outcomes = {"paid", "paid",     "paid",    "paid",    "paid",
                                                                  "paid", "canceled", "pending", "expired", "failed"};
    return R"({"payment_link_id":")" + link + R"(","payment_method":")" + (below(2) == 0 ? "credit_card" : "ideal") +
           R"(","debitor_email":"payer@example.com","outcome":")" + std::string(outcomes[below(outcomes.size())]) +
           "\"}";
  }

  bool send_payment(Client& client, const std::string& link, const std::string& body) {
    const auto answer = client.post("/sandbox/payments", body);
    if (!answer) return false;
    if (answer->status / 100 == 2) pull_trigger();
    if (answer->status / 100 == 2 && json_text(answer->body, "status") == "paid")
      oracle_.paid({link, json_text(answer->body, "id").value_or("")});
    // 409: the link is not open, or somebody has begun.
    const bool is_usual = answer->status / 100 == 2 || answer->status == 409 || answer->status == 503;
    if (!is_usual)
      violations_.add("I1", "a payment was answered with " + std::to_string(answer->status) + ": " + answer->body);
    return true;
  }

  bool pay() {
    const auto link = oracle_.pick(choices_());
    return !link || send_payment(client(), link->id, payment_body(link->id));
  }

  bool deactivate() {
    const auto link = oracle_.pick(choices_());
    if (!link) return true;
    Deactivation deactivation{link->id, "off-" + name_ + "-" + std::to_string(++operations_), std::nullopt};
    // Of a flow the sharpest moment is between its transactions.
    std::thread killer([this, wait = std::chrono::microseconds(below(3'000))] {
      std::this_thread::sleep_for(wait);
      pull_trigger();
    });
    const auto answer = client().patch("/v2/payment_links/" + link->id + "/deactivate", deactivation.key);
    killer.join();
    if (answer && answer->status == 200) {
      pull_trigger();
      deactivation.answer = answer->body;
    }
    // 400: it is paid, or its payment can no longer be canceled.
    if (answer && answer->status != 200 && answer->status != 400 && answer->status != 503)
      violations_.add("I1", "a deactivation was answered with " + std::to_string(answer->status) + ": " + answer->body);
    if (deactivation.answer || !answer || answer->status == 503) oracle_.deactivated(std::move(deactivation));
    return answer.has_value();
  }

  bool give_back() {
    const auto paid = oracle_.pick_paid(choices_());
    if (!paid) return true;
    RefundRequest refund{*paid, "back-" + name_ + "-" + std::to_string(++operations_), std::nullopt};
    const auto answer = client().post(refunds_path(*paid), refund_body, refund.key);
    if (answer && answer->status == 201) {
      pull_trigger();
      refund.answer = answer->body;
    }
    // 400: too little is left of it.
    if (answer && answer->status != 201 && answer->status != 400 && answer->status != 503)
      violations_.add("I1", "a refund was answered with " + std::to_string(answer->status) + ": " + answer->body);
    if (refund.answer || !answer || answer->status == 503) oracle_.refunded(std::move(refund));
    return answer.has_value();
  }

  // Two payers at one link at once.
  bool race() {
    const auto link = oracle_.pick(choices_());
    if (!link) return true;
    const auto first = payment_body(link->id);
    const auto second = payment_body(link->id);
    const auto rival_node = below(clients_.size());
    std::thread rival([&] { send_payment(*target_.connect(rival_node), link->id, second); });
    const bool alive = send_payment(client(), link->id, first);
    rival.join();
    return alive;
  }

  const Target& target_;
  std::vector<std::unique_ptr<Client>> clients_;  // of each node
  std::size_t node_ = 0;                          // that is asked now
  Oracle& oracle_;
  Violations& violations_;
  Trigger& trigger_;
  std::mt19937_64 choices_;
  const std::string name_;
  int operations_ = 0;
};

}  // namespace

std::string refunds_path(const PaidAnswer& paid) {
  return "/v2/payment_links/" + paid.link + "/payments/" + paid.payment + "/refunds";
}

void Trigger::arm(Strike strike, Promise at) {
  const std::lock_guard lock(mutex_);
  strike_ = std::move(strike);
  at_ = at;
}

void Trigger::pull(std::size_t node, Promise made) {
  const std::lock_guard lock(mutex_);
  if (made != Promise::any && at_ != Promise::any && made != at_) return;
  if (const auto strike = std::exchange(strike_, nullptr)) strike(node);
}

Workload::Workload(Target target, Oracle& oracle, Violations& violations, std::uint64_t seed, int cycle)
    : target_(std::move(target)), oracle_(oracle), violations_(violations), seed_(seed), cycle_(cycle) {
  for (int index = 0; index < client_count; ++index) clients_.emplace_back([this, index] { run_client(index); });
  for (int index = 0; index < applicant_count; ++index) clients_.emplace_back([this, index] { run_applicant(index); });
  clients_.emplace_back([this] { run_operator(); });
}

void Workload::join() {
  stopping_ = true;
  for (auto& client : clients_)
    if (client.joinable()) client.join();
}

// Ends with the first command that fails: the server is gone, or there is something wrong that a check will find.
void Workload::run_operator() {
  const auto node = static_cast<std::size_t>(cycle_) % target_.data_dirs.size();
  const Clerk clerk(target_.binary, target_.data_dirs[node], target_.database);
  for (int turn = 0; !stopping_ && turn < 20; ++turn) {
    auto key = clerk.make_key("cycle " + std::to_string(cycle_));
    if (!key) return;
    if (turn % 2 == 0) {
      oracle_.key_made(*std::move(key));
      continue;
    }
    if (!clerk.revoke(*key)) return;
    oracle_.key_revoked(*std::move(key));
  }
}

void Workload::run_applicant(int index) {
  const auto seed =
      seed_ * 1'000'003 + static_cast<std::uint64_t>(cycle_) * 101 + 50 + static_cast<std::uint64_t>(index);
  Applicant applicant(target_, violations_, seed, trigger_);
  while (!stopping_) {
    if (applicant.act()) continue;
    if (target_.ports.size() == 1) break;
    std::this_thread::sleep_for(pause_without_server);
  }
  for (auto& family : applicant.families()) oracle_.held(std::move(family));
}

void Workload::run_client(int index) {
  Shopper shopper(target_, oracle_, violations_, seed_, cycle_, index, trigger_);
  while (!stopping_) {
    if (shopper.act()) continue;
    if (target_.ports.size() == 1) return;
    std::this_thread::sleep_for(pause_without_server);
  }
}

}  // namespace paylink::faults
