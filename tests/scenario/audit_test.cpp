// The audit log: who did what that money or access depends on, and that nobody can change it unnoticed.

#include <gtest/gtest.h>

#include "bodies.hpp"
#include "database.hpp"
#include "payer.hpp"

namespace paylink::scenario {
namespace {

std::string audited(const Sandbox& sandbox, const std::string& action) {
  return value(sandbox.database(), "SELECT actor || ' ' || object || ' ' || detail FROM audit_events WHERE action = '" +
                                       action + "' ORDER BY id DESC LIMIT 1");
}

// "events 9, not bound yet 0, head 9:0a…, violations 0": its head, once every entry is bound.
std::string head_of(const Sandbox& sandbox) {
  std::string out;
  eventually([&] {
    out = operate(sandbox, {"audit", "verify"}).out;
    return out.find("not bound yet 0,") != std::string::npos;
  });
  const std::size_t begin = out.find("head ") + 5;
  return out.substr(begin, out.find(',', begin) - begin);
}

TEST(Audit, TellsWhoDidWhat) {
  Sandbox sandbox;
  const std::string uid = "uid " + std::to_string(::getuid());
  const Ended key = operate(sandbox, {"keys", "create", "--name", "shop", "--scope", "payment_link.read"});
  ASSERT_EQ(key.status, 0) << key.err;
  EXPECT_TRUE(audited(sandbox, "api_key_created").starts_with(uid + " ")) << audited(sandbox, "api_key_created");
  EXPECT_TRUE(audited(sandbox, "api_key_created").ends_with(" payment_link.read"));

  const Link link = create(sandbox, body(basket));
  ASSERT_EQ(settle_in_one_call(sandbox, link, "ideal", "paid"), "paid");
  const std::string payments = "/v2/payment_links/" + link.id + "/payments";
  const std::string payment = at(sandbox.get(payments).body, "/payments/0/id");
  const Answer refund =
      sandbox.post(payments + "/" + payment + "/refunds", R"({"refund":{"amount":{"value":"3.30","currency":"EUR"}}})");
  ASSERT_EQ(refund.status, 201) << refund.body;
  const std::string told = audited(sandbox, "refund_requested");
  EXPECT_TRUE(told.ends_with(" " + at(refund.body, "/refund/id") + " 3.30 EUR of " + payment)) << told;

  const Ended listed = operate(sandbox, {"audit", "list", "--output", "json"});
  EXPECT_EQ(listed.status, 0) << listed.err;
  EXPECT_EQ(at(listed.out, "/0/action"), "refund_requested");
  EXPECT_EQ(listed.out.find(sandbox.ready("/api_key/secret_key")), std::string::npos);
  EXPECT_EQ(operate(sandbox, {"audit", "list", "--organization", "nobody"}).status, 1);
}

// While the server runs and when it does not, after a restart, and when somebody has been at the database.
TEST(Audit, IsVerified) {
  Sandbox sandbox;
  const std::string head = head_of(sandbox);
  ASSERT_NE(head, "0:");
  ASSERT_EQ(operate(sandbox, {"keys", "create", "--name", "shop", "--scope", "payment_link.read"}).status, 0);
  const std::string later = head_of(sandbox);
  EXPECT_NE(later, head);
  EXPECT_NE(sandbox.process().err().find("\"audit_head\""), std::string::npos);
  EXPECT_EQ(sandbox.stop(), 0);
  const Ended sound = operate(sandbox, {"audit", "verify", "--head", head, "--head", later});
  EXPECT_EQ(sound.status, 0) << sound.err;
  EXPECT_NE(sound.out.find("head " + later + ", violations 0\n"), std::string::npos) << sound.out;

  execute(sandbox.database(), "UPDATE audit_events SET actor = 'uid 7' WHERE action = 'api_key_created' AND number = " +
                                  later.substr(0, later.find(':')));
  const Ended spoiled = operate(sandbox, {"audit", "verify"});
  EXPECT_EQ(spoiled.status, 1);
  EXPECT_NE(spoiled.err.find("is not what was written"), std::string::npos) << spoiled.err;
  const Ended usage = operate(sandbox, {"audit", "verify", "--head", "12"});
  EXPECT_EQ(usage.status, 2) << usage.err;
}

}  // namespace
}  // namespace paylink::scenario
