#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "site.hpp"

namespace paylink::faults {

enum class Engine : std::uint8_t { sqlite, postgres };

struct CampaignOptions {
  std::string binary;
  std::string directory;  // emptied
  std::uint64_t seed = 1;
  int cycles = 50;
  Engine engine = Engine::sqlite;
  std::optional<Victim> victim;  // of each cycle; absent: all in turn
  int cut_starts = 1;            // in each cycle, before the one that serves; only on SQLite
};

struct CampaignResult {
  int cycles = 0;
  std::uint64_t cut_starts = 0;
  std::uint64_t acks_checked = 0;
  std::uint64_t refusals_checked = 0;
  std::uint64_t violations = 0;
  std::uint64_t lost = 0;  // of them: acknowledged links that a restart has lost
};

CampaignResult run_campaign(const CampaignOptions& options);

}  // namespace paylink::faults
