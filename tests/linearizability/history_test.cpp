// What is read from answers, by hand: those that say nothing prove nothing, and excuse no more than they have to.

#include "history.hpp"

#include <gtest/gtest.h>

namespace paylink::linearizability {
namespace {

Request read(std::uint64_t asked, int answer, const std::string& word) {
  return {.ask = Ask::link, .span = {asked, asked + 1}, .answer = answer, .word = word, .payment = {}};
}
Request pay(std::uint64_t asked, int answer, const std::string& word, Payment wanted) {
  return {
      .ask = Ask::pay, .span = {asked, asked + 1}, .answer = answer, .word = word, .payment = "p", .wanted = wanted};
}
History history_of(std::vector<Request> requests, Span date = {never, never}) {
  return {"link", std::move(requests), date};
}

TEST(Histories, LearnNothingFromAServerThatIsBusy) {
  EXPECT_EQ(complaint_about(history_of({read(1, 200, "open"), read(3, 503, "overloaded"), read(5, 0, "")})), "");
  EXPECT_NE(complaint_about(history_of({read(1, 200, "open"), read(3, 404, "not_found")})), "");
  EXPECT_NE(complaint_about(history_of({read(1, 200, "open"), read(3, 500, "internal_error")})), "");
  EXPECT_NE(complaint_about(history_of({read(1, 200, "open"), read(3, 200, "lost")})), "");
}

TEST(Histories, LetAPaymentOfUnknownFateExpireAtTheProvider) {
  const Span date{3, 4};
  const Request unknown = pay(1, 503, "provider_unavailable", Payment::paid);
  EXPECT_EQ(complaint_about(history_of({unknown, read(6, 200, "open"), read(8, 200, "expired")}, date)), "");
  EXPECT_EQ(complaint_about(history_of({unknown, read(6, 200, "open"), read(8, 200, "paid")}, date)), "");
  // It ends once, and what is told of it stays so.
  EXPECT_NE(complaint_about(history_of({unknown, read(6, 200, "paid"), read(8, 200, "expired")}, date)), "");
}

TEST(Histories, LetAPaymentWhoseEndIsToldEndSo) {
  const Span date{3, 4};
  const Request failed = pay(1, 201, "failed", Payment::paid);
  EXPECT_EQ(complaint_about(history_of({failed, read(6, 200, "expired")}, date)), "");
  EXPECT_NE(complaint_about(history_of({failed, read(6, 200, "open")}, date)), "");
  EXPECT_NE(complaint_about(history_of({failed, read(6, 200, "paid")}, date)), "");
}

TEST(Histories, ListNoPaymentsOfOtherLinks) {
  const Request known = pay(1, 201, "paid", Payment::paid), unknown = pay(1, 503, "", Payment::paid);
  Request list{.ask = Ask::payments, .span = {6, 7}, .answer = 200, .word = "", .payment = {}};
  list.listed = {{"p", "paid"}};
  EXPECT_EQ(complaint_about(history_of({known, list})), "");
  list.listed.emplace_back("of another", "open");
  EXPECT_NE(complaint_about(history_of({known, list})), "");
  EXPECT_EQ(complaint_about(history_of({known, unknown, list})), "") << "it may be that one's";
}

TEST(Histories, AreWrittenInTheOrderOfAsking) {
  const std::string text = text_of(history_of({read(2'001, 200, "paid"), pay(1, 201, "paid", Payment::paid)}));
  EXPECT_EQ(text,
            "  the date passed: never to never\n  0 to 0: pay 201 paid p, wanted paid\n  2 to 2: read 200 paid\n");
}

}  // namespace
}  // namespace paylink::linearizability
