// The checker itself: what must be told apart, by hand. A line is a step with the moments at which it was asked for and
// answered.

#include "linearizable.hpp"

#include <gtest/gtest.h>

#include "link_model.hpp"

namespace paylink::linearizability {
namespace {

using Steps = std::vector<LinkStep>;
using enum Status;

// The payments of a case are 0 and 1.
constexpr std::size_t known_payments = 2;

Steps read(std::uint64_t asked, std::uint64_t answered, Status status, Date date = Date::ahead) {
  return {{.kind = Kind::read, .span = {asked, answered}, .date = date, .status = status}};
}
Steps list(std::uint64_t asked, std::uint64_t answered, std::map<std::size_t, Payment> payments) {
  return {{.kind = Kind::list, .span = {asked, answered}, .payments = std::move(payments)}};
}
Steps pay(std::uint64_t asked, std::uint64_t answered, std::size_t payment, Payment outcome, Date date = Date::ahead) {
  const LinkStep begin{.kind = Kind::begin, .span = {asked, answered}, .date = date, .payment = payment};
  LinkStep end{.kind = Kind::end, .span = {asked, answered}, .date = date, .payment = payment, .outcome = outcome};
  end.after = 0;  // of these two
  return {begin, end};
}
Steps other(Kind kind, std::uint64_t asked, std::uint64_t answered, Date date = Date::ahead) {
  return {{.kind = kind, .span = {asked, answered}, .date = date}};
}
Steps refused(std::uint64_t asked, std::uint64_t answered, Date date = Date::ahead) {
  return other(Kind::begin_refused, asked, answered, date);
}
Steps off(std::uint64_t asked, std::uint64_t answered, Date date = Date::ahead) {
  return other(Kind::switch_off, asked, answered, date);
}
Steps off_refused(std::uint64_t asked, std::uint64_t answered, Date date = Date::ahead) {
  return other(Kind::switch_off_refused, asked, answered, date);
}

struct Case {
  const char* name;
  std::vector<Steps> requests;
};

bool is_good(const Case& c) {
  Steps all;
  for (const Steps& request : c.requests) {
    const std::size_t first = all.size();
    for (LinkStep step : request) {
      if (step.after) step.after = *step.after + first;
      all.push_back(std::move(step));
    }
  }
  return is_linearizable(LinkModel(known_payments), all);
}

constexpr auto paid_money = Payment::paid, failed_try = Payment::failed;

TEST(Linearizable, RejectsWhatCannotHaveBeen) {
  const Case cases[] = {
      {"paid by nobody", {read(1, 2, paid)}},
      {"canceled by nobody", {read(1, 2, canceled)}},
      {"expired before its date", {read(1, 2, expired)}},
      {"open after its date", {read(1, 2, open, Date::past)}},
      {"a stale read after a payment", {pay(1, 2, 0, paid_money), read(3, 4, open)}},
      {"a stale read after it was switched off", {off(1, 2), read(3, 4, open)}},
      {"paid, and open again", {pay(1, 9, 0, paid_money), read(2, 3, paid), read(4, 5, open)}},
      {"two read it in turn, one from the past", {off(1, 9), read(2, 3, canceled), read(4, 8, open)}},
      {"paid, and switched off after that", {pay(1, 2, 0, paid_money), off(3, 4)}},
      {"switched off, and paid after that", {off(1, 2), pay(3, 4, 0, paid_money)}},
      {"a try could begin when it was paid", {pay(1, 2, 0, paid_money), pay(3, 4, 1, failed_try)}},
      {"refused while it was open", {refused(1, 2), read(3, 4, open)}},
      {"refused after a try that failed", {pay(1, 2, 0, failed_try), refused(3, 4)}},
      {"a try that failed has paid it", {pay(1, 2, 0, failed_try), read(3, 4, paid)}},
      {"could not be switched off, and was open", {off_refused(1, 2), read(3, 4, open)}},
      {"could not be switched off, and was canceled", {off(1, 2), off_refused(3, 4)}},
      {"read as paid before anybody began", {read(1, 2, paid), pay(3, 4, 0, paid_money)}},
      {"both: canceled to one and paid to another",
       {off(1, 9), pay(1, 9, 0, paid_money), read(10, 11, canceled), read(12, 13, paid)}},
      {"a payment that is not in the list", {pay(1, 2, 0, paid_money), list(3, 4, {})}},
      {"in the list before it was begun", {list(1, 2, {{0, Payment::open}}), pay(3, 4, 0, failed_try)}},
      {"listed as paid, it has failed", {pay(1, 2, 0, failed_try), list(3, 4, {{0, Payment::paid}})}},
      {"listed as open after it has ended", {pay(1, 2, 0, paid_money), list(3, 4, {{0, Payment::open}})}},
      {"the list runs ahead, and back",
       {pay(1, 9, 0, paid_money), list(2, 3, {{0, Payment::paid}}), list(4, 5, {{0, Payment::open}})}},
      {"paid in the list, and the link is open",
       {pay(1, 9, 0, paid_money), list(2, 3, {{0, Payment::paid}}), read(4, 5, open)}},
      {"begun after its date", {pay(1, 2, 0, paid_money, Date::past)}},
      {"switched off after its date", {off(1, 2, Date::past)}},
      {"the order of two and that of their readers differ",
       {off(1, 20), pay(1, 20, 0, paid_money), read(2, 3, paid), off_refused(2, 3), read(21, 22, canceled)}},
      {"an answer that was lost cannot act before it was asked for", {read(1, 2, canceled), off(3, never)}},
  };
  for (const Case& c : cases) EXPECT_FALSE(is_good(c)) << c.name;
  EXPECT_GE(std::size(cases), 20U);
}

TEST(Linearizable, AcceptsWhatOneAfterTheOtherMayHaveDone) {
  const Case cases[] = {
      {"nothing", {}},
      {"a life", {read(1, 2, open), pay(3, 4, 0, failed_try), pay(5, 6, 1, paid_money), read(7, 8, paid)}},
      {"two readers meanwhile, before and after", {off(1, 9), read(2, 8, open), read(2, 8, canceled)}},
      {"they need not agree on who was first", {pay(1, 9, 0, paid_money), read(2, 8, paid), read(3, 7, open)}},
      {"who is overtaken has paid for nothing",
       {pay(1, 9, 0, paid_money), pay(2, 8, 1, paid_money), refused(10, 11), read(12, 13, paid)}},
      {"in process in the list", {pay(1, 9, 0, paid_money), list(2, 3, {{0, Payment::open}}), read(4, 5, paid)}},
      {"given up, and canceled at the provider some time",
       {pay(1, 20, 0, Payment::canceled), off(2, 3), list(4, 5, {{0, Payment::open}}),
        list(6, 7, {{0, Payment::canceled}})}},
      {"paid after it was switched off", {pay(1, 9, 0, paid_money), off(2, 3), read(10, 11, canceled)}},
      {"switched off twice", {off(1, 2), off(3, 4), read(5, 6, canceled)}},
      {"its date passes", {read(1, 2, open), read(3, 8, expired, Date::passing), read(9, 10, expired, Date::past)}},
      {"meanwhile it is either", {read(3, 4, expired, Date::passing), pay(5, 6, 0, paid_money, Date::passing)}},
      {"begun in time, paid in time", {pay(1, 9, 0, paid_money, Date::passing), read(10, 11, paid, Date::past)}},
      {"over: nobody may pay or switch off", {refused(1, 2, Date::past), off_refused(3, 4, Date::past)}},
      {"an answer was lost, and it was done", {off(1, never), read(2, 3, open), read(4, 5, canceled)}},
      {"an answer was lost, and it was not", {off(1, never), read(2, 3, open), pay(4, 5, 0, paid_money)}},
      {"an answer was lost between the halves of a payment",
       {pay(1, never, 0, paid_money), read(2, 3, open), read(4, 5, paid)}},
  };
  for (const Case& c : cases) EXPECT_TRUE(is_good(c)) << c.name;
}

}  // namespace
}  // namespace paylink::linearizability
