#include "sql/postgres/protection.hpp"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace paylink::sql::postgres {
namespace {

struct FreeParsed {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using ParsedUrl = std::unique_ptr<PQconninfoOption, FreeParsed>;

// What the URL says, else the environment; empty: neither does.
std::string said(const ParsedUrl& url, std::string_view keyword, const char* variable) {
  for (const PQconninfoOption* option = url.get(); option->keyword != nullptr; ++option)
    if (keyword == option->keyword && option->val != nullptr && *option->val != '\0') return option->val;
  const char* const value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

// A name for it, a socket of its own, 127.0.0.0/8 or ::1.
bool is_this_machine(const std::string& host) {
  if (host.empty() || host.front() == '/' || host.front() == '@' || host == "localhost") return true;
  in_addr narrow{};
  in6_addr wide{};
  if (::inet_pton(AF_INET, host.c_str(), &narrow) == 1) return ntohl(narrow.s_addr) >> 24 == 127;
  return ::inet_pton(AF_INET6, host.c_str(), &wide) == 1 && IN6_IS_ADDR_LOOPBACK(&wide);
}

// Of hosts separated by commas the first that is not this machine; empty when there is none.
std::string first_of_others(std::string_view hosts) {
  while (!hosts.empty()) {
    const std::size_t end = std::min(hosts.find(','), hosts.size());
    std::string host(hosts.substr(0, end));
    if (!is_this_machine(host)) return host;
    hosts.remove_prefix(std::min(end + 1, hosts.size()));
  }
  return {};
}

// A password whose `@` or `/` is not percent-encoded ends early, and its rest is taken for a host, a port or a
// database, which are repeated where they cannot be reached.
bool may_hold_a_password(const ParsedUrl& url) {
  for (const PQconninfoOption* option = url.get(); option->keyword != nullptr; ++option) {
    const std::string_view keyword = option->keyword, text = option->val == nullptr ? "" : option->val;
    if (keyword == "host" && text.find('@', 1) != std::string_view::npos) return true;
    if (keyword == "dbname" && text.find_first_of("@/") != std::string_view::npos) return true;
    if (keyword == "port" && text.find_first_not_of("0123456789,") != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

Result<std::string> unprotected_host(const std::string& url) {
  char* problem = nullptr;
  const ParsedUrl parsed(PQconninfoParse(url.c_str(), &problem));
  PQfreemem(problem);
  if (!parsed || may_hold_a_password(parsed))
    return fail(
        ErrorCode::invalid_input, "bad_setting",
        "That is no address of PostgreSQL's form: postgresql://USER@HOST/DATABASE. In a password @, /, ?, # and % "
        "are percent-encoded (%40, %2F, %3F, %23, %25); no host and no database has an @ in its name, or a "
        "database a slash.");
  if (!said(parsed, "sslmode", "PGSSLMODE").empty()) return std::string();
  if (said(parsed, "gssencmode", "PGGSSENCMODE") == "require") return std::string();
  // What a service says stands before the environment, and is not known here.
  const std::string service = said(parsed, "service", "PGSERVICE");
  if (!service.empty()) return "of the service " + service;
  const std::string addresses = said(parsed, "hostaddr", "PGHOSTADDR");
  if (std::string far = first_of_others(addresses); !far.empty()) return far;
  // A name beside an address is not looked up.
  const bool is_complete = !addresses.empty() && (',' + addresses + ',').find(",,") == std::string::npos;
  return is_complete ? std::string() : first_of_others(said(parsed, "host", "PGHOST"));
}

}  // namespace paylink::sql::postgres
