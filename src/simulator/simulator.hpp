#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "http/client.hpp"
#include "pages/site.hpp"

namespace paylink::simulator {

struct Options {
  std::string address = "127.0.0.1";  // numeric; the sandbox keeps it on the loopback
  std::uint16_t port = 0;             // 0: the one it had last, as addresses with it are about, else any free one
  std::string database;               // path of a file of its own, created when it is missing
  // What its pages are made with, which outlives it; null: something of its own, which takes 3 MiB.
  const pages::Site* site = nullptr;
};

// A payment provider that speaks a part of Mollie's protocol, with the pages that a payer meets at each method, on
// which a tester may also decide at once how a payment ends. Everything it has answered is in its database, so it
// outlives the program it runs in.
//
// Differs from the real one: addresses on the loopback may be notified; any API key `test_…` is a profile of its own;
// any currency is taken; a card that is declined ends the payment; cards are typed into a page of the simulator,
// which takes its test cards only (test_cards.hpp). Any `app_…` is an application (connect.hpp), and whoever is asked
// to allow one is always asked; with an access token live payments can be made, in which no money moves either.
class Simulator {
 public:
  // Fails with `address_in_use`, `storage_unavailable` or `schema_too_new`. What is passed by reference has to outlive
  // it.
  static Result<std::unique_ptr<Simulator>> create(const Options& options, const Clock& clock, Random& random,
                                                   http::Client& client);
  virtual ~Simulator() = default;

  virtual const std::string& base_url() const = 0;  // "http://127.0.0.1:41234"; paths of the API start with /v2/
  virtual void start() = 0;                         // serves, and sends notifications, from here on
  virtual void stop() = 0;                          // once; lets requests under way finish
};

}  // namespace paylink::simulator
