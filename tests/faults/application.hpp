#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client.hpp"

namespace paylink::faults {

// The sandbox's application and the member it acts for, as their requests. Each answer is absent as `Client`'s are.
class Application {
 public:
  Application() = default;
  // From the ready file.
  explicit Application(std::string_view ready);

  // The field that holds the member's session; empty when there is none.
  std::string sign_in(Client& client) const;
  bool is_signed_in(Client& client, const std::string& session) const;

  // The member allows it, if he need be asked: the answer leads back with a code.
  std::optional<Answer> authorize(Client& client, const std::string& session) const;
  std::optional<Answer> exchange(Client& client, const std::string& code) const;
  std::optional<Answer> refresh(Client& client, const std::string& token) const;
  std::optional<Answer> revoke(Client& client, const std::string& token) const;
  // What the token may see.
  static std::optional<Answer> use(Client& client, const std::string& token);

 private:
  std::string proof() const;

  std::string id_;
  std::string secret_;
  std::string redirect_uri_;
  std::string email_;
  std::string password_;
};

// The code that `authorize` leads back with; empty when there is none.
std::string code_in(const Answer& answer);

}  // namespace paylink::faults
