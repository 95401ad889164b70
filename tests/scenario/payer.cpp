#include "payer.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace paylink::scenario {
namespace {

Address refreshed_to(const Answer& answer) {
  const std::string refresh = answer.field("Refresh");
  EXPECT_TRUE(refresh.starts_with("0; url=http://127.0.0.1:")) << answer.status << " " << refresh << answer.body;
  return Address::parse(refresh.substr(std::min<std::size_t>(7, refresh.size())));
}

}  // namespace

Address Address::parse(const std::string& url) {
  const std::size_t host = std::min(url.find("//"), url.size() - std::min<std::size_t>(2, url.size())) + 2;
  const std::size_t slash = std::min(url.find('/', host), url.size());
  return {port_of(url.substr(0, slash)), url.substr(slash)};
}

std::string hidden(const Answer& page, const std::string& name) {
  const std::string start = "name=\"" + name + "\" value=\"";
  const std::size_t found = page.body.find(start);
  if (found == std::string::npos) return {};
  const std::size_t begin = found + start.size();
  return page.body.substr(begin, page.body.find('"', begin) - begin);
}

Link create(const Sandbox& sandbox, const std::string& body) {
  const Answer answer = sandbox.post("/v2/payment_links", body);
  EXPECT_EQ(answer.status, 201) << answer.body;
  return {at(answer.body, "/payment_link/id"), Address::parse(at(answer.body, "/payment_link/url")).target};
}

std::string status_of(const Sandbox& sandbox, const Link& link) {
  return at(sandbox.get("/v2/payment_links/" + link.id).body, "/status");
}

std::string settle_in_one_call(const Sandbox& sandbox, const Link& link, const std::string& method,
                               const std::string& outcome, int status) {
  const Answer answer =
      sandbox.post("/sandbox/payments", R"({"payment_link_id":")" + link.id + R"(","payment_method":")" + method +
                                            R"(","debitor_email":"ada@example.com","outcome":")" + outcome + "\"}");
  EXPECT_EQ(answer.status, status) << answer.body;
  return at(answer.body, "/payment/status");
}

Answer Payer::send_form(std::uint16_t port, const std::string& target, const std::string& form,
                        const Fields& fields) const {
  Message message{.method = "POST", .target = target, .fields = fields, .body = form};
  message.fields.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  return exchange(port, message);
}

Answer Payer::submit(const Link& link, const Answer& page, const std::string& more, const Fields& fields) const {
  const std::string form = "token=" + hidden(page, "token") + "&email=ada%40example.com&method=credit_card" + more;
  return send_form(port(), link.target, form, fields);
}

Address Payer::go_to_provider(const Answer& submitted, std::string& back) const {
  const std::string location = submitted.field("Location");
  EXPECT_EQ(submitted.status, 303) << submitted.body;
  EXPECT_TRUE(location.starts_with("/a/") && location.ends_with("/go")) << location;
  back = location.substr(0, location.rfind('/'));
  const Answer way = look(port(), location);
  EXPECT_EQ(way.status, 200);
  return refreshed_to(way);
}

Answer Payer::decide(const Address& provider, const std::string& outcome) const {
  const Answer decided = send_form(provider.port, provider.target, "outcome=" + outcome);
  if (decided.status != 303) return decided;
  const Answer finished = look(provider.port, decided.field("Location"));
  EXPECT_EQ(finished.status, 200);
  const Address home = refreshed_to(finished);
  return look(home.port, home.target);
}

}  // namespace paylink::scenario
