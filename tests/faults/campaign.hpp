#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "checks.hpp"
#include "oracle.hpp"
#include "server_process.hpp"

namespace paylink::faults {

struct CampaignOptions {
  std::string binary;
  std::string directory;  // emptied
  std::uint64_t seed = 1;
  int cycles = 50;
};

struct CampaignResult {
  int cycles = 0;
  std::uint64_t acks_checked = 0;
  std::uint64_t violations = 0;
};

CampaignResult run_campaign(const CampaignOptions& options);

}  // namespace paylink::faults
