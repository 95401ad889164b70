#pragma once

#include <string>

#include "browser.hpp"
#include "process.hpp"

namespace paylink::scenario {

struct Tokens {
  std::string access;
  std::string refresh;  // with the scope offline_access
};

// An application with a secret, made as an operator makes one, and the requests by which it comes by tokens.
class Application {
 public:
  Application(const Sandbox& sandbox, const std::string& name, const Words& scopes);

  const std::string& id() const { return id_; }
  const std::string& secret() const { return secret_; }

  // Whoever is signed in at `member` allows it, for that organization: the code, at once where nobody need be asked.
  std::string code(Browser& member, const std::string& organization, const std::string& scope) const;
  Answer exchange(const std::string& code) const;
  Answer refresh(const std::string& token) const;
  Answer revoke(const std::string& token) const;
  // All of it, for what has to be done.
  Tokens connect(Browser& member, const std::string& organization, const std::string& scope) const;

 private:
  Answer post(const std::string& target, const std::string& form) const;

  const Sandbox& sandbox_;
  std::string id_;
  std::string secret_;
};

// Of an answer with status 200.
Tokens tokens_of(const Answer& answer);

}  // namespace paylink::scenario
