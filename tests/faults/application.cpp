#include "application.hpp"

namespace paylink::faults {
namespace {

// The value of the last hidden input of that name: a page's own form comes after the one that signs out.
std::string hidden(const Answer& page, std::string_view name) {
  const std::string start = "name=\"" + std::string(name) + "\" value=\"";
  const auto at = page.body.rfind(start);
  if (at == std::string::npos) return {};
  const auto begin = at + start.size();
  return page.body.substr(begin, page.body.find('"', begin) - begin);
}

// The field by which a browser sends a cookie back; empty when the answer sets none.
std::string cookie_of(const Answer& answer) {
  const auto set = field_of(answer, "Set-Cookie");
  return set.empty() ? set : "Cookie: " + set.substr(0, set.find(';')) + "\r\n";
}

}  // namespace

// Nothing of it needs to be encoded in an address or a form.
Application::Application(std::string_view ready)
    : id_(json_text(ready, "client_id").value_or("")),
      secret_(json_text(ready, "client_secret").value_or("")),
      redirect_uri_(json_text(ready, "redirect_uri").value_or("")),
      email_(json_text(ready, "email").value_or("")),
      password_(json_text(ready, "password").value_or("")) {}

std::string Application::sign_in(Client& client) const {
  const auto page = client.get("/sign-in");
  if (!page) return {};
  const auto form = "token=" + hidden(*page, "token") + "&email=" + email_ + "&password=" + password_;
  const auto answer = client.post_form("/sign-in", form, cookie_of(*page));
  return answer && answer->status == 303 ? cookie_of(*answer) : std::string();
}

bool Application::is_signed_in(Client& client, const std::string& session) const {
  const auto answer = client.get("/account", session);
  return answer && answer->status == 200;
}

std::optional<Answer> Application::authorize(Client& client, const std::string& session) const {
  const auto target =
      "/oauth2/auth?response_type=code&state=12345678&scope=offline_access%20organization.read&client_id=" + id_ +
      "&redirect_uri=" + redirect_uri_;
  auto answer = client.get(target, session);
  if (!answer || answer->status != 200) return answer;
  // What the form is sent to is of this organization, as the page says it.
  auto action = answer->body.substr(answer->body.rfind("action=\"") + 8);
  action = action.substr(0, action.find('"'));
  for (auto at = action.find("&amp;"); at != std::string::npos; at = action.find("&amp;")) action.erase(at + 1, 4);
  return client.post_form(action, "decision=approve&token=" + hidden(*answer, "token"), session);
}

std::optional<Answer> Application::exchange(Client& client, const std::string& code) const {
  return client.post_form("/oauth2/token",
                          "grant_type=authorization_code&redirect_uri=" + redirect_uri_ + "&code=" + code + proof());
}

std::optional<Answer> Application::refresh(Client& client, const std::string& token) const {
  return client.post_form("/oauth2/token", "grant_type=refresh_token&refresh_token=" + token + proof());
}

std::optional<Answer> Application::revoke(Client& client, const std::string& token) const {
  return client.post_form("/oauth2/revoke", "token=" + token + proof());
}

std::optional<Answer> Application::use(Client& client, const std::string& token) {
  return client.get("/v2/organization", "Authorization: Bearer " + token + "\r\n");
}

std::string Application::proof() const { return "&client_id=" + id_ + "&client_secret=" + secret_; }

std::string code_in(const Answer& answer) {
  const auto location = field_of(answer, "Location");
  constexpr std::string_view start = "?code=";
  const auto at = location.find(start);
  if (answer.status != 303 || at == std::string::npos) return {};
  const auto begin = at + start.size();
  return location.substr(begin, location.find('&', begin) - begin);
}

}  // namespace paylink::faults
