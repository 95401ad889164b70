#include "domain/scopes.hpp"

#include <gtest/gtest.h>

namespace paylink {
namespace {

TEST(Scopes, AreReadAsRfc6749WritesThem) {
  EXPECT_EQ(Scopes::parse("")->text(), "");
  EXPECT_EQ(Scopes::parse("payment_link.write payment_link.read")->text(), "payment_link.read payment_link.write");
  EXPECT_EQ(Scopes::parse("webhook webhook")->text(), "webhook");
  for (const auto* text : {" ", "webhook ", " webhook", "webhook  payment_link.read", "webhook\tpayment_link.read",
                           "Webhook", "payment_link", "payment_link.*", "webhook,payment_link.read"})
    EXPECT_FALSE(Scopes::parse(text)) << text;
}

TEST(Scopes, AreComparedAsSets) {
  const auto two = *Scopes::parse("payment_link.read webhook"), one = *Scopes::parse("webhook");
  EXPECT_TRUE(two.includes(one));
  EXPECT_FALSE(one.includes(two));
  EXPECT_TRUE(one.includes({}));
  EXPECT_EQ(two.within(*Scopes::parse("card.read payment_link.read")).text(), "payment_link.read");
  EXPECT_EQ(two.without(one).text(), "payment_link.read");
  EXPECT_TRUE(one.without(two).empty());
  EXPECT_TRUE(two.has("webhook"));
  EXPECT_FALSE(one.has("payment_link.read"));
}

// The whole table: docs/oauth.md shows it, and `paylink users create --role` goes by it.
TEST(Scopes, AreWhatARoleMayAllow) {
  const auto only_reads = [](std::string_view name) { return name.ends_with(".read") || name == offline_access; };
  const auto of_managers = *Scopes::parse(
      "payment_link.create payment_link.write product.write client.write client_invoice.write attachment.write "
      "supplier_invoice.write");
  EXPECT_EQ(known_scopes().size(), 39u);
  for (const auto name : known_scopes()) {
    SCOPED_TRACE(name);
    EXPECT_TRUE(role_may(Role::owner, name));
    EXPECT_TRUE(role_may(Role::admin, name));
    EXPECT_EQ(role_may(Role::manager, name), only_reads(name) || of_managers.has(name));
    EXPECT_EQ(role_may(Role::reporter, name), only_reads(name));
  }
}

}  // namespace
}  // namespace paylink
