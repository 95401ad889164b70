// The neighbours of the payment links that clients look at first: contract.md 1.

#include <gtest/gtest.h>

#include "answers.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

TEST(Organization, ShowsItself) {
  const Sandbox sandbox;
  const std::string id = sandbox.ready("/organization/id"), slug = sandbox.ready("/organization/slug");
  const std::string account = sandbox.ready("/bank_account_id");
  const std::string shown = R"({"id":")" + account + R"(","slug":")" + slug +
                            R"(-bank-account-1","organization_id":")" + id +
                            R"(","name":"Main account","iban":"FR7716798000010000000000103","bic":"TRZOFR21XXX",)" +
                            R"("currency":"EUR","main":true,"status":"active"})";
  const std::string accounts = R"("bank_accounts":[)" + shown + "]";
  const auto refused = [](const char* name, const std::string& target, const std::string& errors) {
    return Scenario{.name = name, .target = target, .status = 400, .errors = errors};
  };
  play(
      sandbox,
      {
          {
              .name = "organization",
              .target = "/v2/organization",
              .values = {{"/organization/id", id},
                         {"/organization/slug", slug},
                         {"/organization/name", "Acme Sandbox"},
                         {"/organization/legal_name", "Acme Sandbox"}},
          },
          {.name = "by API key",
           .target = "/v2/organization",
           .fields = {{"Authorization", sandbox.api_key()}},
           .says = {accounts}},
          {.name = "bank accounts",
           .target = "/v2/bank_accounts",
           .exact = "{" + accounts + R"(,"meta":{"current_page":1,"next_page":null,"prev_page":null,"total_pages":1,)" +
                    R"("total_count":1,"per_page":100}})"},
          {.name = "past the end",
           .target = "/v2/bank_accounts?page=2",
           .exact = R"({"bank_accounts":[],"meta":{"current_page":2,"next_page":null,"prev_page":1,"total_pages":1,)"
                    R"("total_count":1,"per_page":100}})"},
          refused("page 0", "/v2/bank_accounts?page=0", "out_of_range page\n"),
          refused("a status", "/v2/bank_accounts?status=open", "invalid status\n"),
          {.name = "membership",
           .target = "/v2/membership",
           .says = {R"("first_name":"","last_name":"")"},
           .values = {{"/membership/organization_id", id},
                      {"/membership/email", sandbox.ready("/user/email")},
                      {"/membership/role", "owner"},
                      {"/membership/team_id", id}}},
          {.name = "nobody",
           .target = "/v2/organization",
           .fields = {{"Authorization", "Bearer nonsense"}},
           .status = 401,
           .errors = "authorization_token_invalid\n"},
      });
}

// Clients know the roles by the original's words.
TEST(Organization, ShowsTheRoleOfWhoeverAsks) {
  const Sandbox sandbox;
  ASSERT_EQ(operate(sandbox, {"users", "create", "--email", "ada@acme.example", "--role", "owner"}).status, 0);
  for (const auto& [role, shown] : {std::pair{"admin", "admin"}, {"manager", "manager"}, {"reporter", "reporting"}}) {
    ASSERT_EQ(operate(sandbox, {"users", "set-role", sandbox.ready("/user/email"), "--role", role}).status, 0);
    const auto is_shown = [&, expected = std::string(shown)] {
      return at(sandbox.get("/v2/membership").body, "/membership/role") == expected;
    };
    EXPECT_TRUE(eventually(is_shown, std::chrono::seconds(1))) << role;
  }
}

}  // namespace
}  // namespace paylink::scenario
