// Statuses that openapi/paylink.yaml documents and no other scenario asks for.

#include <gtest/gtest.h>

#include "answers.hpp"
#include "bodies.hpp"
#include "payer.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

const std::string links = "/v2/payment_links";

class Statuses : public testing::Test {
 protected:
  static void SetUpTestSuite() { sandbox = std::make_unique<Sandbox>(); }
  static void TearDownTestSuite() {
    EXPECT_EQ(sandbox->stop(), 0) << sandbox->process().err();
    sandbox.reset();
  }
  static std::unique_ptr<Sandbox> sandbox;
};
std::unique_ptr<Sandbox> Statuses::sandbox;

const std::string too_large = repeated(256 * 1024 + 1, "x");

TEST_F(Statuses, BodiesThatAreTooLarge) {
  for (const std::string target : {"/v2/payment_links/connections", "/sandbox/clock", "/sandbox/payments",
                                   "/sandbox/connections", "/sandbox/payments/00000000-0000-7000-8000-000000000000"}) {
    SCOPED_TRACE(target);
    const Answer answer = sandbox->post(target, too_large);
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(errors_of(answer), "payload_too_large\n");
  }
}

TEST_F(Statuses, BodiesThatAreNoJson) {
  const Fields form = {{"Content-Type", "application/x-www-form-urlencoded"}};
  for (const std::string target : {"/v2/payment_links/connections", "/sandbox/clock", "/sandbox/payments",
                                   "/sandbox/connections", "/sandbox/payments/00000000-0000-7000-8000-000000000000"}) {
    SCOPED_TRACE(target);
    const Answer answer = sandbox->post(target, "a=b", form);
    EXPECT_EQ(answer.status, 415);
    EXPECT_EQ(errors_of(answer), "unsupported_media_type\n");
    EXPECT_EQ(errors_of(sandbox->post(target, "{")), "malformed_json\n");
  }
}

TEST_F(Statuses, KeysThatBelongToAnotherRequest) {
  const Fields key = {{"Idempotency-Key", "taken"}};
  const auto off = [&](const Link& link, const std::string& body) {
    return sandbox->ask(
        {.method = "PATCH", .target = links + "/" + link.id + "/deactivate", .fields = key, .body = body});
  };
  const Link first = create(*sandbox, body(basket)), second = create(*sandbox, body(basket));
  EXPECT_EQ(off(first, "").status, 200);
  EXPECT_EQ(errors_of(off(second, "")), "idempotency_key_reused\n");
  EXPECT_EQ(off(first, "{}").status, 200);  // what a PATCH has as its body is not looked at
  EXPECT_EQ(status_of(*sandbox, second), "open");

  Sandbox fresh({"--no-connection"});
  const Object wanted = {{"partner_callback_url", R"("https://shop.example.com/")"},
                         {"user_bank_account_id", quoted(fresh.ready("/bank_account_id"))},
                         {"user_phone_number", R"("+31612345678")"}};
  const std::string connections = "/v2/payment_links/connections";
  EXPECT_EQ(fresh.post("/sandbox/connections", R"({"status":"enabled"})").status, 404);  // none was begun
  EXPECT_EQ(fresh.post(connections, wanted.text(), key).status, 201);
  const Answer other = fresh.post(connections, wanted.with("user_phone_number", R"("+31612345679")").text(), key);
  EXPECT_EQ(errors_of(other), "idempotency_key_reused\n");
}

TEST_F(Statuses, WaysToTheProvider) {
  const Link link = create(*sandbox, body(basket));
  const Payer payer(*sandbox);
  const Answer submitted = payer.submit(link, payer.open(link));
  std::string back;
  const Address provider = payer.go_to_provider(submitted, back);
  const std::string way = submitted.field("Location");
  EXPECT_EQ(payer.look(sandbox->port(), way).status, 200);
  payer.decide(provider, "paid");
  const Answer done = payer.look(sandbox->port(), way);
  EXPECT_EQ(done.status, 303);
  EXPECT_EQ(done.field("Location"), way.substr(0, way.rfind('/')));
  EXPECT_EQ(payer.look(sandbox->port(), "/a/" + repeated(43, "x") + "/go").status, 404);
}

TEST_F(Statuses, WhatPagesAndProgramsLoad) {
  const Link link = create(*sandbox, body(basket));
  const std::string page = Payer(*sandbox).open(link).body;
  const std::size_t start = page.find("/assets/checkout.");
  ASSERT_NE(start, std::string::npos);
  const std::string asset = page.substr(start, page.find('"', start) - start);
  play(*sandbox,
       {{.name = "a style sheet", .target = asset, .answer_fields = {{"Content-Type", "text/css; charset=utf-8"}}},
        {.name = "an old style sheet", .target = "/assets/checkout.0000000000000000.css", .status = 404},
        {.name = "the API's description", .target = "/openapi.yaml", .says = {"openapi: 3.1"}},
        {.name = "the same for programs",
         .target = "/openapi.json",
         .values = {{"/openapi", "3.1.0"}},
         .answer_fields = {{"Content-Type", "application/json"}}}});
}

}  // namespace
}  // namespace paylink::scenario
