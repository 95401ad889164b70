#include "application.hpp"

#include <gtest/gtest.h>

#include "payer.hpp"

namespace paylink::scenario {
namespace {

const std::string uri = "https://shop.example/callback";

}  // namespace

Application::Application(const Sandbox& sandbox, const std::string& name, const Words& scopes) : sandbox_(sandbox) {
  Words words = {"clients", "create", "--name", name, "--redirect-uri", uri};
  for (const std::string& scope : scopes) words.insert(words.end(), {"--scope", scope});
  const Ended made = operate(sandbox, words);
  EXPECT_EQ(made.status, 0) << made.err;
  id_ = at(made.out, "/client_id");
  secret_ = at(made.out, "/client_secret");
}

std::string Application::code(Browser& member, const std::string& organization, const std::string& scope) const {
  const std::string target = "/oauth2/auth?response_type=code&state=12345678&client_id=" + id_ +
                             "&redirect_uri=" + encoded(uri) + "&scope=" + encoded(scope) +
                             "&organization_id=" + organization;
  Answer answer = member.look(target);
  if (answer.status == 200) {
    const std::string page = answer.body.substr(std::min(answer.body.find("<main"), answer.body.size()));
    answer = member.send(target, "decision=approve&token=" + encoded(hidden({200, {}, page}, "token")));
  }
  const std::string way = answer.field("Location"), start = uri + "?code=";
  EXPECT_TRUE(way.starts_with(start)) << answer.status << " " << way << " " << answer.body;
  return way.substr(std::min(start.size(), way.size()), way.find('&') - start.size());
}

Answer Application::exchange(const std::string& code) const {
  return post("/oauth2/token", "grant_type=authorization_code&redirect_uri=" + encoded(uri) + "&code=" + code);
}

Answer Application::refresh(const std::string& token) const {
  return post("/oauth2/token", "grant_type=refresh_token&refresh_token=" + token);
}

Answer Application::revoke(const std::string& token) const { return post("/oauth2/revoke", "token=" + token); }

Tokens Application::connect(Browser& member, const std::string& organization, const std::string& scope) const {
  return tokens_of(exchange(code(member, organization, scope)));
}

Answer Application::post(const std::string& target, const std::string& form) const {
  return Payer(sandbox_).send_form(sandbox_.port(), target, form + "&client_id=" + id_ + "&client_secret=" + secret_);
}

Tokens tokens_of(const Answer& answer) {
  EXPECT_EQ(answer.status, 200) << answer.body;
  return {at(answer.body, "/access_token"), at(answer.body, "/refresh_token")};
}

}  // namespace paylink::scenario
