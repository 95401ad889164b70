#pragma once

#include <string>

#include "answers.hpp"
#include "process.hpp"

namespace paylink::scenario {

// An absolute URL of 127.0.0.1 in its two parts.
struct Address {
  std::uint16_t port;
  std::string target;

  static Address parse(const std::string& url);
};

struct Link {
  std::string id;
  std::string target;  // of its page
};

Link create(const Sandbox& sandbox, const std::string& body);
std::string status_of(const Sandbox& sandbox, const Link& link);
std::string settle_in_one_call(const Sandbox& sandbox, const Link& link, const std::string& method,
                               const std::string& outcome, int status = 201);

// A browser without cookies and scripts.
class Payer {
 public:
  explicit Payer(const Sandbox& sandbox) : sandbox_(&sandbox) {}
  // Of a server that is no sandbox.
  explicit Payer(std::uint16_t port) : port_(port) {}

  Answer open(const Link& link) const { return look(port(), link.target); }
  Answer look(std::uint16_t port, const std::string& target) const { return exchange(port, {.target = target}); }

  // Fills the form of `page` in and sends it; `more` goes behind its other answers.
  Answer submit(const Link& link, const Answer& page, const std::string& more = "", const Fields& fields = {}) const;
  Answer send_form(std::uint16_t port, const std::string& target, const std::string& form,
                   const Fields& fields = {}) const;

  // From the answer to the form to the provider's page; the payment's own page is left in `back`.
  Address go_to_provider(const Answer& submitted, std::string& back) const;
  // Presses a button there and comes back to where the provider sends the payer; the answer is the payment's page.
  Answer decide(const Address& provider, const std::string& outcome) const;

 private:
  std::uint16_t port() const { return sandbox_ != nullptr ? sandbox_->port() : port_; }

  const Sandbox* sandbox_ = nullptr;
  std::uint16_t port_ = 0;
};

// The value of the hidden input `name`, or "" when the page has none.
std::string hidden(const Answer& page, const std::string& name);

}  // namespace paylink::scenario
