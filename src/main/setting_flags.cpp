#include "main/setting_flags.hpp"

#include <malloc.h>
#include <sys/resource.h>

#include <iostream>

namespace paylink::main {
namespace {

// As many connections as the system allows: the limit on ours is a setting.
void raise_file_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

// Large answers go back to the system when they have been sent. Left alone, glibc learns from the first ones freed that
// blocks of up to 32 MB are worth keeping, in a heap for each thread: the process stays as large as its worst moment.
void give_memory_back() {
  ::mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
  ::mallopt(M_TRIM_THRESHOLD, 4 * 1024 * 1024);
}

int report(const Result<int>& outcome) {
  stop_logging();
  if (outcome) return *outcome;
  std::cerr << "paylink: " << outcome.error().message << "\n";
  if (!outcome.error().detail.empty()) std::cerr << "  (" << outcome.error().detail << ")\n";
  return outcome.error().reason == "bad_setting" || outcome.error().reason == "usage" ? wrong_usage : 1;
}

}  // namespace

void SettingFlags::add_to(CLI::App& command, Wanted wanted) {
  command.add_option("--config", config, "configuration file (TOML); flags and PAYLINK_* win over it");
  for (const Setting& setting : all_settings()) {
    if (wanted == Wanted::of_storage && !setting.is_of_storage()) continue;
    if (setting.is_secret) continue;
    command.add_option_function<std::string>(
        setting.flag(), [this, name = setting.name](const std::string& value) { values[name] = value; },
        setting.help + " [" + setting.variable() + "]");
  }
}

int run_with_settings(const SettingFlags& flags, const std::function<Result<int>(const Settings&)>& command) {
  const auto settings = read_settings(flags.values, flags.config, flags.server);
  if (!settings) return report(Failure{settings.error()});
  start_logging(settings->log_level);
  raise_file_limit();
  give_memory_back();
  return report(command(*settings));
}

}  // namespace paylink::main
