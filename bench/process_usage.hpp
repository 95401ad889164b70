#pragma once

#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace paylink::bench {

// What a set of processes has used so far, as proc(5) tells it. All threads are included.
struct ProcessUsage {
  double cpu_seconds = 0;             // user and system time
  std::int64_t resident_kib = 0;      // VmRSS
  std::int64_t resident_max_kib = 0;  // VmHWM
};

// The value of a "Name:   123 kB" line; 0 when there is none.
inline std::int64_t status_kib(const std::string& status, const std::string& name) {
  const auto at = status.find("\n" + name + ":");
  return at == std::string::npos ? 0 : std::strtoll(status.c_str() + at + name.size() + 2, nullptr, 10);
}

inline std::string read_all(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// A process that is gone counts as nothing.
inline ProcessUsage process_usage(const std::vector<std::string>& pids) {
  ProcessUsage sum;
  for (const auto& pid : pids) {
    const auto stat = read_all("/proc/" + pid + "/stat");
    const auto name_end = stat.rfind(')');  // the second field may hold blanks and brackets itself
    if (name_end == std::string::npos) continue;
    std::istringstream fields(stat.substr(name_end + 1));
    std::string skipped;
    for (int field = 3; field <= 13; ++field) fields >> skipped;
    std::int64_t user_ticks = 0;
    std::int64_t system_ticks = 0;
    fields >> user_ticks >> system_ticks;
    sum.cpu_seconds += static_cast<double>(user_ticks + system_ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
    const auto status = read_all("/proc/" + pid + "/status");
    sum.resident_kib += status_kib(status, "VmRSS");
    sum.resident_max_kib += status_kib(status, "VmHWM");
  }
  return sum;
}

}  // namespace paylink::bench
