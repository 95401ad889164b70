#pragma once

#include <span>
#include <string>
#include <string_view>

#include "merchant.hpp"

// What is done of everything that moves money or lets it be moved, as scripts. A script does what a payer, a merchant
// and the workers would do one after the other, and goes on when one of its steps is refused: it is run again from its
// start by whoever comes back after a crash.
namespace paylink::crash {

// How one begins.
enum class Begins : std::uint8_t { alone, connected_by_key, connected_by_authorization };

// The flow that leads to the last of them.
inline constexpr std::string_view authorizing = "authorize";

inline constexpr std::string_view usual_application = "app_aaaaaaaaaa";
// Its refresh tokens are good once (simulator/connect.hpp).
inline constexpr std::string_view rotating_application = "app_rotating_a";

// What whoever comes back, and does it all again, must be led to.
enum class Again : std::uint8_t { anywhere_sound, same_end };

struct Flow {
  std::string_view name;
  Begins begins;
  void (*run)(Merchant& merchant);
  std::string_view end;  // what it leads to when nothing goes wrong, as `state_of` says it
  Again again = Again::anywhere_sound;
  std::chrono::minutes later{0};  // so long after what it begins with
  std::string_view application = usual_application;
};

std::span<const Flow> flows();

// What workers do until there is nothing left to do at this moment.
void reconcile(Merchant& merchant);

// "link paid, attempts canceled paid, refunds refunded 3.30, connections enabled, grants used": what has come of it.
// Grants that are gone are left out.
std::string state_of(Merchant& merchant);

// What a look into the data file says is wrong with it; empty: nothing.
std::string complaints(Merchant& merchant);

}  // namespace paylink::crash
