#pragma once

#include <gtest/gtest.h>

#include "bodies.hpp"
#include "browser.hpp"
#include "payer.hpp"
#include "process.hpp"
#include "routes.hpp"

namespace paylink::scenario {

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A real installation (`paylink serve`) beside a sandbox, whose simulator it takes for the provider.
class InstallationTest : public testing::Test {
 protected:
  static constexpr auto links = "/v2/payment_links", connections = "/v2/payment_links/connections";
  static constexpr auto callback = "https://shop.example.com/settings";

  void SetUp() override {
    never_record(port);  // openapi/paylink.yaml describes the sandbox too
    Words init{"init",
               "--key-file",
               key_file,
               "--name",
               "Acme",
               "--slug",
               "acme",
               "--email",
               "owner@acme.example",
               "--iban",
               "FR7716798000010000000000103",
               "--bic",
               "TRZOFR21XXX"};
    const Ended made = run(with_storage(init));
    ASSERT_EQ(made.status, 0) << made.err;
    installed = made.out;
    serve();
  }
  // Further words of the command line, and of its environment.
  virtual Words more_words() const { return {}; }
  virtual Words environment() const { return {}; }
  void serve() {
    const std::string url = "http://127.0.0.1:" + std::to_string(port);
    server.reset();
    Words words =
        with_storage({"serve", "--listen", "127.0.0.1:" + std::to_string(port), "--public-url", url, "--key-file",
                      key_file, "--mollie-url", sandbox.ready("/simulator_url"), "--log-level", "debug"});
    for (const std::string& word : more_words()) words.push_back(word);
    server.emplace(place, words, environment());
    ASSERT_TRUE(eventually([&] { return exchange(port, {.target = "/readyz"}).status == 200; })) << server->err();
  }
  Words with_storage(Words words) const {
    words.insert(words.end(), storage.words().begin(), storage.words().end());
    return words;
  }

  Answer call(const std::string& method, const std::string& target, const std::string& text = "") const {
    const std::string api_key = at(installed, "/api_key/login") + ":" + at(installed, "/api_key/secret_key");
    return exchange(port, {.method = method,
                           .target = target,
                           .fields = {{"Authorization", api_key}, {"Content-Type", "application/json"}},
                           .body = text});
  }
  // Begins a connection, or asks for the one there is; the path of its page.
  std::string begin(const std::string& back = callback) const {
    const Object wanted = {{"partner_callback_url", scenario::quoted(back)},
                           {"user_bank_account_id", scenario::quoted(at(installed, "/bank_account_id"))},
                           {"user_phone_number", R"("+31612345678")"},
                           {"user_website_url", R"("https://shop.example.com")"}};
    const Answer begun = call("POST", connections, wanted.text());
    EXPECT_EQ(begun.status, 201) << begun.body;
    return Address::parse(at(begun.body, "/connection_location")).target;
  }
  std::string page_now() const {
    return Address::parse(at(call("GET", connections).body, "/connection_location")).target;
  }
  std::string status() const { return at(call("GET", connections).body, "/status"); }

  Browser owner() const {
    Browser browser(port);
    EXPECT_EQ(browser.sign_in("owner@acme.example", at(installed, "/user/password")).status, 303);
    return browser;
  }
  std::string add_user(const std::string& email, const std::string& role) const {
    const Ended made =
        run(with_storage({"users", "create", "--organization", "acme", "--role", role, "--email", email}));
    EXPECT_EQ(made.status, 0) << made.err;
    return at(made.out, "/password");
  }

  Sandbox sandbox;
  TempDir place;
  std::string key_file = place.file("keys/key");
  Storage storage{place.file("data")};
  std::uint16_t port = free_port();
  std::string installed;
  std::optional<Process> server;
};

}  // namespace paylink::scenario
