#pragma once

#include <span>
#include <string>
#include <string_view>

#include "merchant.hpp"

// What is done of everything that moves money or lets it be moved, as scripts. A script does what a payer, a merchant
// and the workers would do one after the other, and goes on when one of its steps is refused: it is run again from its
// start by whoever comes back after a crash.
namespace paylink::crash {

struct Flow {
  std::string_view name;
  Connected connected;  // how it begins
  void (*run)(Merchant& merchant);
  std::string_view end;  // what it leads to when nothing goes wrong, as `state_of` says it
};

std::span<const Flow> flows();

// What workers do until there is nothing left to do at this moment.
void reconcile(Merchant& merchant);

// "link paid, attempts canceled paid, refunds refunded 3.30, connection enabled": what has come of it.
std::string state_of(Merchant& merchant);

// What a look into the data file says is wrong with it; empty: nothing.
std::string complaints(Merchant& merchant);

}  // namespace paylink::crash
