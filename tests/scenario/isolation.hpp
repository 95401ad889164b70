#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "payer.hpp"
#include "process.hpp"
#include "routes.hpp"

// What the isolation tests have in common: three organizations, and what may be asked about them at every route.
namespace paylink::scenario {

// What the ids in a route's path, or in its body, are.
enum class Holds : std::uint8_t {
  nothing,  // none: the answer is about whoever asks
  link,     // a link's id, of the API
  payment,  // a link's id and one of a payment of it
  account,  // a bank account's id, in the body
  page,     // an organization's id, with a link's secret in the query
  attempt,  // an attempt's word
  word,     // a connection's word
};

struct Entry {
  Holds holds = Holds::nothing;
  std::string body = {};  // of a request that changes something; {account} stands for the id of one
  // What a stranger's id is answered with; an id that is nobody's gets the same bytes.
  int stranger = 404;
};

// By the route's name.
const std::map<std::string, Entry>& entries();

// Those that a route asks for.
extern const std::vector<std::string> asked_scopes;

extern const std::string nobodys;  // an id

struct Tenant {
  std::string slug, organization, account;
  std::map<std::string, std::string> keys = {};  // "all" has every scope
  Link link = {};
  std::string secret = {};   // of the link's URL
  std::string payment = {};  // the id of a payment of the link
  std::string attempt = {};  // its word
  std::string word = {};     // its connection's
  // What may be seen by nobody else.
  std::vector<std::string> markers = {};
};

// What somebody shows to the API, and what it is good for.
struct Credential {
  std::string name;
  std::string authorization;
  std::vector<std::string> scopes = {};
};

// Of a route that asks for a scope, or for anybody known at all.
bool asks_who_calls(const Route& route);

std::string without_trace(const Answer& answer);

class Isolation : public testing::Test {
 protected:
  Isolation();

  // A key of each for every scope.
  void make_keys();

  Answer ask(const std::string& method, const std::string& target, const std::string& authorization,
             const std::string& body = "") const;
  // The route's request about what `owner` has.
  Answer ask_about(const Route& route, const Tenant& owner, const std::string& authorization) const;
  // The same about what nobody has.
  Answer ask_about_nobody(const Route& route, const std::string& authorization) const;

  // Those whom a request to that route can be about: `who` alone when it has no ids of the API.
  std::vector<const Tenant*> owners(const Route& route, const Tenant& who) const;

  // Asks the route about everybody: `who` sees his own when the scopes let him, and of others what is nobody's.
  // Answers how many requests that took.
  int expect_own(const Route& route, const Tenant& who, const Credential& credential) const;
  void expect_nothing_of_others(const Tenant& who, const Answer& answer) const;

  Sandbox sandbox;
  std::vector<Tenant> tenants;

 private:
  void add_tenant(const std::string& slug, char digit);
  std::string new_key(const Tenant& tenant, const std::vector<std::string>& granted) const;
  void furnish(Tenant& tenant);
};

}  // namespace paylink::scenario
