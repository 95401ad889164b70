#pragma once

#include <string>
#include <string_view>

#include "simulator/faults.hpp"

namespace paylink::simulator {

// An answer in which each resource has something wrong, as one of the faults `wrong_…` says; what it does not have
// stays away. Links stay right.
std::string twisted(std::string_view answer, Fault fault);

}  // namespace paylink::simulator
