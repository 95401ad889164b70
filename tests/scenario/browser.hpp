#pragma once

#include <map>
#include <string>

#include "answers.hpp"
#include "process.hpp"

namespace paylink::scenario {

// A browser that keeps cookies, and knows of pages only what their forms hold.
class Browser {
 public:
  explicit Browser(const Sandbox& sandbox) : sandbox_(&sandbox) {}
  // Of a server that is no sandbox.
  explicit Browser(std::uint16_t port) : port_(port) {}

  Answer look(const std::string& target, Fields fields = {});
  // `form` is what was filled in, encoded.
  Answer send(const std::string& target, const std::string& form, Fields fields = {});
  // The sign-in page and its form; the answer to that.
  Answer sign_in(const std::string& email, const std::string& password, const std::string& return_to = "/account");
  // As the sandbox's own user.
  Answer sign_in();

  std::map<std::string, std::string> cookies;

 private:
  Answer exchange_with_cookies(Message message);

  const Sandbox* sandbox_ = nullptr;
  std::uint16_t port_ = 0;
};

// The token of the form that `page` sends to `action`; "" when it has none.
std::string form_token(const Answer& page, const std::string& action);

// As a form's value.
std::string encoded(const std::string& text);

}  // namespace paylink::scenario
