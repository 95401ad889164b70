// Lists of links and payments, and switching links off: contract.md 1.3 and 1.4.

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "answers.hpp"
#include "bodies.hpp"
#include "payer.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

const std::string links = "/v2/payment_links";

// A basket of one item at this price, without VAT.
std::string priced(const std::string& price) {
  return R"({"payment_link":{"potential_payment_methods":["credit_card","paypal"],"items":[{"title":"A","quantity":1,)"
         R"("unit_price":{"value":")" +
         price + R"(","currency":"EUR"},"vat_rate":"0"}]}})";
}

std::string deactivate(const Link& link) { return links + "/" + link.id + "/deactivate"; }
std::string payments(const Link& link) { return links + "/" + link.id + "/payments"; }

// The ids of an answered page, in order, under the given names.
std::string page_of(const Answer& answer, const std::vector<std::pair<std::string, Link>>& named) {
  std::string names;
  for (int i = 0;; ++i) {
    const std::string id = at(answer.body, "/payment_links/" + std::to_string(i) + "/id");
    if (id == "(nothing)") return names;
    for (const auto& [name, link] : named)
      if (link.id == id) names += name;
  }
}

// Ids follow time by the millisecond: two links of the same one come in either order.
Link create_next(const Sandbox& sandbox, const std::string& price) {
  std::this_thread::sleep_for(std::chrono::milliseconds(3));
  return create(sandbox, priced(price));
}

class Lists : public testing::Test {
 protected:
  Answer patch(const std::string& target, const std::string& body = "") const {
    return sandbox.ask({.method = "PATCH", .target = target, .body = body});
  }

  Sandbox sandbox;
  const std::vector<std::pair<std::string, Link>> all = {{"a", create_next(sandbox, "20.00")},
                                                         {"b", create_next(sandbox, "10.00")},
                                                         {"c", create_next(sandbox, "30.00")},
                                                         {"d", create_next(sandbox, "10.00")}};
};

// Step after step, and something else between.
TEST_F(Lists, AreWalkedByCursor) {
  const auto walk = [&](const std::string& query, const std::string& cursor) {
    return sandbox.ask({.target = links + "?" + query + "cursor=" + cursor});
  };
  const auto next_of = [](const Answer& answer) { return at(answer.body, "/meta/next_cursor"); };
  const auto first = walk("per_page=2&sort_by=amount:asc&", "");
  EXPECT_EQ(page_of(first, all), "bd");
  EXPECT_EQ(at(first.body, "/meta/per_page"), "2");
  EXPECT_EQ(at(first.body, "/meta/total_count"), "(nothing)");
  const std::string cursor = next_of(first);
  EXPECT_EQ(cursor.size(), 54U);
  create_next(sandbox, "5.00");  // before it in the order
  const auto second = walk("per_page=1&sort_by=amount:asc&", cursor);
  EXPECT_EQ(page_of(second, all), "a");
  const auto third = walk("per_page=5&sort_by=amount:asc&", next_of(second));
  EXPECT_EQ(page_of(third, all), "c");
  EXPECT_EQ(next_of(third), "null");

  const Sandbox other;
  std::string changed = cursor;
  changed[0] = changed[0] == 'A' ? 'B' : 'A';
  for (const auto& [query, place] :
       {std::pair("sort_by=amount:desc&", cursor), std::pair("sort_by=amount:asc&status=paid&", cursor),
        std::pair("sort_by=amount:asc&metadata[a]=b&", cursor), std::pair("", cursor),
        std::pair("sort_by=amount:asc&", changed), std::pair("sort_by=amount:asc&", cursor + "A"),
        std::pair("sort_by=amount:asc&page=2&", cursor), std::pair("", std::string("nonsense"))}) {
    const auto refused = walk(query, place);
    EXPECT_EQ(refused.status, 400) << query << place;
  }
  EXPECT_EQ(other.ask({.target = links + "?sort_by=amount:asc&cursor=" + cursor}).status, 400);
  EXPECT_EQ(
      walk("sort_by=amount:asc&status=open,paid&", next_of(walk("per_page=1&sort_by=amount:asc&status=paid,open&", "")))
          .status,
      200);
}

TEST_F(Lists, EveryFilterAndOrder) {
  settle_in_one_call(sandbox, all[0].second, "paypal", "paid");
  EXPECT_EQ(patch(deactivate(all[2].second)).status, 200);
  struct Case {
    std::string query, page, total;
  };
  const Case cases[] = {
      {"", "dcba", "4"},
      {"?sort_by=amount:asc", "bdac", "4"},
      {"?sort_by=amount:desc", "cadb", "4"},
      {"?sort_by=expiration_date:asc", "abcd", "4"},
      {"?sort_by=expiration_date:desc", "dcba", "4"},
      {"?status[]=open", "db", "2"},
      {"?status%5B%5D=open&status%5B%5D=paid", "dba", "3"},
      {"?status[]=open,canceled", "dcb", "3"},
      {"?status[0]=open&status[1]=canceled", "dcb", "3"},
      {"?status=canceled", "c", "1"},
      {"?status=expired", "", "0"},
      {"?per_page=3", "dcb", "4"},
      {"?per_page=3&page=2", "a", "4"},
      {"?per_page=3&current_page=2", "a", "4"},
      {"?per_page=3&page=3", "", "4"},
      {"?per_page=1&page=1000000000", "", "4"},
      {"?status=open&sort_by=amount:desc&per_page=1&page=2", "b", "2"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.query);
    const Answer answer = sandbox.get(links + c.query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(page_of(answer, all), c.page);
    EXPECT_EQ(at(answer.body, "/meta/total_count"), c.total);
  }
  const auto meta = [&](const std::string& query) {
    const std::string body = sandbox.get(links + query).body;
    return body.substr(body.find("\"meta\""));
  };
  EXPECT_EQ(meta("?per_page=3"), R"("meta":{"current_page":1,"next_page":2,"prev_page":null,"total_pages":2,)"
                                 R"("total_count":4,"per_page":3}})");
  EXPECT_EQ(meta("?per_page=3&page=2"), R"("meta":{"current_page":2,"next_page":null,"prev_page":1,"total_pages":2,)"
                                        R"("total_count":4,"per_page":3}})");
  EXPECT_EQ(meta("?status=expired"), R"("meta":{"current_page":1,"next_page":null,"prev_page":null,"total_pages":0,)"
                                     R"("total_count":0,"per_page":100}})");
  // An entry is the link as creating it answers.
  const Answer one = sandbox.get(links + "/" + all[3].second.id);
  const std::string entry = sandbox.get(links + "?per_page=1").body;
  const std::string bare = one.body.substr(0, one.body.find(",\"payment_link\":"));
  EXPECT_TRUE(entry.starts_with("{\"payment_links\":[" + bare + "}],")) << entry;
}

TEST_F(Lists, WrongQueries) {
  const auto refused = [](const char* name, const std::string& query, const std::string& errors) {
    return Scenario{.name = name, .target = links + query, .status = 400, .errors = errors};
  };
  play(sandbox, {
                    refused("page 0", "?page=0", "out_of_range page\n"),
                    refused("page -1", "?page=-1", "out_of_range page\n"),
                    refused("page beyond any", "?page=1000000001", "out_of_range page\n"),
                    refused("page beyond 64 bits", "?page=99999999999999999999", "out_of_range page\n"),
                    refused("page no number", "?page=x", "invalid_format page\n"),
                    refused("page empty", "?page=", "invalid_format page\n"),
                    refused("page twice", "?page=1&page=2", "invalid page\n"),
                    refused("both names of page", "?page=1&current_page=1", "invalid current_page\n"),
                    refused("per_page 0", "?per_page=0", "out_of_range per_page\n"),
                    refused("per_page 101", "?per_page=101", "out_of_range per_page\n"),
                    refused("unknown status", "?status[]=open,lost", "not_in_list status[]\n"),
                    refused("both names of status", "?status[]=open&status=paid", "invalid status\n"),
                    refused("empty status", "?status=", "not_in_list status\n"),
                    refused("unknown order", "?sort_by=name:asc", "not_in_list sort_by\n"),
                    refused("no direction", "?sort_by=amount", "not_in_list sort_by\n"),
                    refused("unknown parameter", "?color=red", "invalid color\n"),
                    refused("several at once", "?page=0&per_page=0&x=1",
                            "out_of_range page\nout_of_range per_page\ninvalid x\n"),
                    refused("broken escape", "?page=%zz", "bad_request\n"),
                    {.name = "100 on a page", .target = links + "?per_page=100", .status = 200},
                });
}

TEST_F(Lists, ExpireByTheClockWithoutWaiting) {
  EXPECT_EQ(sandbox.post("/sandbox/clock", R"({"advance":"8785h"})").status, 200);
  EXPECT_EQ(at(sandbox.get(links + "?status=expired").body, "/meta/total_count"), "4");
  EXPECT_EQ(at(sandbox.get(links + "?status=open").body, "/meta/total_count"), "0");
}

TEST_F(Lists, LinksAreSwitchedOff) {
  const Link& link = all[0].second;
  const Answer first = patch(deactivate(link));
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(at(first.body, "/status"), "canceled");
  EXPECT_EQ(at(first.body, "/payment_link/status"), "canceled");
  EXPECT_EQ(patch(deactivate(link), "{}").body, first.body);  // again: the same
  EXPECT_EQ(patch(deactivate(link), "no JSON at all").body, first.body);
  const Answer page = Payer(sandbox).open(link);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body.find("<form"), std::string::npos);
  settle_in_one_call(sandbox, link, "paypal", "paid", 409);

  settle_in_one_call(sandbox, all[1].second, "paypal", "paid");
  settle_in_one_call(sandbox, all[2].second, "paypal", "pending");
  const auto refused = [](const Answer& answer, const std::string& state) {
    check(answer, {.status = 400, .errors = "invalid_status\n", .says = {"that is " + state + " cannot"}});
  };
  refused(patch(deactivate(all[1].second)), "paid");
  refused(patch(deactivate(all[2].second)), "processing");
  EXPECT_EQ(sandbox.post("/sandbox/clock", R"({"advance":"8785h"})").status, 200);
  refused(patch(deactivate(all[3].second)), "expired");
  check(patch(links + "/01900000-0000-7000-8000-000000000000/deactivate"), {.status = 404, .errors = "not_found\n"});
  check(patch(links + "/none/deactivate"), {.status = 404, .errors = "not_found\n"});
}

// The simulated provider takes back cards while they are being settled, and nothing else.
TEST_F(Lists, APaymentBeingSettledIsCanceledWithItsLink) {
  const Link& link = all[0].second;
  settle_in_one_call(sandbox, link, "credit_card", "pending");
  EXPECT_EQ(status_of(sandbox, link), "processing");
  const auto with_key = [&] {
    return sandbox.ask(
        {.method = "PATCH", .target = deactivate(link), .fields = {{"Idempotency-Key", "off"}}, .body = ""});
  };
  const Answer first = with_key();
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(at(first.body, "/status"), "canceled");
  EXPECT_EQ(at(sandbox.get(payments(link)).body, "/payments/0/status"), "canceled");
  const Answer second = with_key();
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.field("Idempotent-Replayed"), "true");
}

TEST_F(Lists, MoneyThatArrivesAfterALinkWasSwitchedOffGoesBack) {
  const Link& link = all[0].second;
  const Payer payer(sandbox);
  std::string back;
  const Address provider = payer.go_to_provider(payer.submit(link, payer.open(link)), back);
  EXPECT_EQ(patch(deactivate(link)).status, 200);
  payer.decide(provider, "paid");  // unless the reconciler was faster
  EXPECT_TRUE(eventually([&] {
    sandbox.post("/sandbox/clock", R"({"advance":"1h"})");  // a refund takes its time
    const std::string body = sandbox.get(payments(link)).body;
    const std::string status = at(body, "/payments/0/status");
    return status == "canceled" || (status == "paid" && at(body, "/payments/0/amount_refunded/value") == "20.00");
  })) << sandbox.get(payments(link)).body;
  EXPECT_EQ(status_of(sandbox, link), "canceled");
}

TEST_F(Lists, PaymentsOfALink) {
  const Link& link = all[0].second;
  EXPECT_EQ(sandbox.get(payments(link)).body,
            R"({"payments":[],"meta":{"current_page":1,"next_page":null,"prev_page":null,"total_pages":0,)"
            R"("total_count":0,"per_page":100}})");
  settle_in_one_call(sandbox, link, "credit_card", "failed");
  settle_in_one_call(sandbox, link, "paypal", "paid");
  play(sandbox, {
                    {.name = "newest first",
                     .target = payments(link),
                     .values = {{"/payments/0/status", "paid"},
                                {"/payments/0/payment_method", "paypal"},
                                {"/payments/0/amount/value", "20.00"},
                                {"/payments/1/status", "failed"},
                                {"/payments/1/paid_at", "null"},
                                {"/meta/total_count", "2"}}},
                    {.name = "oldest first",
                     .target = payments(link) + "?sort_by=creation_date:asc",
                     .values = {{"/payments/0/status", "failed"}, {"/payments/1/status", "paid"}}},
                    {.name = "of one status",
                     .target = payments(link) + "?status[]=failed&status[]=open",
                     .values = {{"/payments/0/status", "failed"}, {"/meta/total_count", "1"}}},
                    {.name = "the second page",
                     .target = payments(link) + "?per_page=1&page=2",
                     .values = {{"/payments/0/status", "failed"}, {"/meta/prev_page", "1"}}},
                    {.name = "a link's status is none of a payment's",
                     .target = payments(link) + "?status=processing",
                     .status = 400,
                     .errors = "not_in_list status\n"},
                    {.name = "another order",
                     .target = payments(link) + "?sort_by=amount:asc",
                     .status = 400,
                     .errors = "not_in_list sort_by\n"},
                    {.name = "an unknown link",
                     .target = links + "/01900000-0000-7000-8000-000000000000/payments",
                     .status = 404,
                     .errors = "not_found\n"},
                });
}

}  // namespace
}  // namespace paylink::scenario
