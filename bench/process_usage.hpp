#pragma once

#include <unistd.h>

#include <array>
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
  std::int64_t own_kib = 0;           // RssAnon: without files that are mapped
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

struct CpuSeconds {
  double own = 0;             // user and system time
  double ended_children = 0;  // the same of its children that are gone
};

// A process that is gone counts as nothing.
inline CpuSeconds cpu_seconds(const std::string& pid) {
  const auto stat = read_all("/proc/" + pid + "/stat");
  const auto name_end = stat.rfind(')');  // the second field may hold blanks and brackets itself
  if (name_end == std::string::npos) return {};
  std::istringstream fields(stat.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field <= 13; ++field) fields >> skipped;
  std::array<std::int64_t, 4> ticks{};
  for (auto& value : ticks) fields >> value;
  const auto per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  return {static_cast<double>(ticks[0] + ticks[1]) / per_second, static_cast<double>(ticks[2] + ticks[3]) / per_second};
}

// What a process and all its children have used so far, wherever they are now: one that ends moves its time to the
// process, which waits for it.
inline double family_cpu_seconds(const std::string& pid) {
  const auto parent = cpu_seconds(pid);
  double sum = parent.own + parent.ended_children;
  std::istringstream children(read_all("/proc/" + pid + "/task/" + pid + "/children"));
  for (std::string child; children >> child;) sum += cpu_seconds(child).own;
  return sum;
}

// A process that is gone counts as nothing.
inline ProcessUsage process_usage(const std::vector<std::string>& pids) {
  ProcessUsage sum;
  for (const auto& pid : pids) {
    sum.cpu_seconds += cpu_seconds(pid).own;
    const auto status = read_all("/proc/" + pid + "/status");
    sum.resident_kib += status_kib(status, "VmRSS");
    sum.resident_max_kib += status_kib(status, "VmHWM");
    sum.own_kib += status_kib(status, "RssAnon");
  }
  return sum;
}

}  // namespace paylink::bench
