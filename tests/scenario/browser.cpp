#include "browser.hpp"

#include <cctype>
#include <sstream>

#include "payer.hpp"

namespace paylink::scenario {

std::string encoded(const std::string& text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = std::isalnum(byte) != 0 || std::string_view("-._~").find(c) != std::string_view::npos;
    result += is_plain ? std::string(1, c) : std::string{'%', digits[byte >> 4], digits[byte & 15]};
  }
  return result;
}

std::string form_token(const Answer& page, const std::string& action) {
  const std::size_t form = page.body.find("action=\"" + action + "\"");
  if (form == std::string::npos) return {};
  return hidden({0, {}, page.body.substr(form)}, "token");
}

Answer Browser::look(const std::string& target, Fields fields) {
  return exchange_with_cookies({.target = target, .fields = std::move(fields)});
}

Answer Browser::send(const std::string& target, const std::string& form, Fields fields) {
  fields.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  return exchange_with_cookies({.method = "POST", .target = target, .fields = std::move(fields), .body = form});
}

Answer Browser::sign_in(const std::string& email, const std::string& password, const std::string& return_to) {
  const Answer page = look("/sign-in?return=" + encoded(return_to));
  return send("/sign-in", "token=" + hidden(page, "token") + "&return=" + encoded(hidden(page, "return")) +
                              "&email=" + encoded(email) + "&password=" + encoded(password));
}

Answer Browser::sign_in() { return sign_in(sandbox_->ready("/user/email"), sandbox_->ready("/user/password")); }

Answer Browser::exchange_with_cookies(Message message) {
  std::string sent;
  for (const auto& [name, value] : cookies)
    sent.append(sent.empty() ? "" : "; ").append(name).append("=").append(value);
  if (!sent.empty()) message.fields.emplace_back("Cookie", sent);
  const Answer answer = exchange(sandbox_ != nullptr ? sandbox_->port() : port_, message);
  std::istringstream lines(answer.head);
  constexpr std::string_view name = "Set-Cookie: ";
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name)) continue;
    const std::string pair = line.substr(name.size(), line.find(';') - name.size());
    const std::size_t equals = pair.find('=');
    if (line.find("Max-Age=0") != std::string::npos)
      cookies.erase(pair.substr(0, equals));
    else
      cookies[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return answer;
}

}  // namespace paylink::scenario
