#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actor.hpp"
#include "app/testing.hpp"

namespace paylink::interleavings {

// Who acts; each has a letter in a schedule.
enum class Role : std::uint8_t { payer_a, payer_b, merchant, expiry, notices, reconciler };

// How payers pay: at once, or with a while in which the provider does not know yet whether they can.
enum class Way : std::uint8_t { at_once, by_and_by };

struct Scenario {
  std::string name;
  std::vector<Role> roles;
  Way way = Way::at_once;
  Reusable reusable = Reusable::no;
  Breakage breakage = Breakage::none;
};

// One link, and those who act on it.
class Stage : private app::testing::Shop {
 public:
  explicit Stage(const Scenario& scenario);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // As it was when nobody had done anything.
  void begin_again();
  // Who may take the next step; nobody when all have ended.
  std::vector<std::size_t> ready() const;
  char letter(std::size_t actor) const;
  void step(std::size_t actor);
  // What is wrong after a step; empty when nothing is.
  std::string check();
  // What everything that can still happen depends on.
  std::string fingerprint();
  // Lets the reconciler look until all is quiet; answers with what is wrong then.
  std::string settle();

 private:
  struct Node;
  Task<> act(Node& node);
  Task<> pay(Node& node, Uuid nonce, Uuid second_nonce);
  Task<> switch_off(Node& node);
  Task<> let_expire(Node& node);
  Task<> notify(Node& node);
  Task<> reconcile_in_turn(Node& node);

  bool others_are_done(const Node& node) const;
  std::optional<std::string> untold() const;
  std::string dump(const std::vector<std::string>& statements);
  std::string check_rows();
  std::string check_course();
  std::string check_agreement();

  const Scenario scenario_;
  const Time begun_at_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::string> dumps_, still_dumps_;  // a statement for each table
  std::string still_;                             // what is in those that do not change
  std::map<Uuid, AttemptState> known_states_;
  std::optional<LinkStatus> known_status_;
  std::vector<std::string> told_;  // payments that a notice was sent of
  std::string trouble_;            // an actor's, who should have none
  bool was_switched_off_ = false;  // the merchant was told so
};

}  // namespace paylink::interleavings
