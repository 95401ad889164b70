#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client.hpp"
#include "database.hpp"

namespace paylink::scenario {

// A private directory that goes when this does.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  std::string file(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& content, mode_t mode = 0600);

// The program under test: PAYLINK_BIN, else the one of this build.
std::string binary();

// The port at the end of a URL without a path.
std::uint16_t port_of(const std::string& url);
// A port of 127.0.0.1 that nobody listens on, and that no outgoing connection is given by chance.
std::uint16_t free_port();

using Words = std::vector<std::string>;

// One run of the program. It does not outlive this, nor the test.
class Process {
 public:
  // `environment` holds NAME=VALUE words added to the test's own.
  Process(const TempDir& place, const Words& arguments, const Words& environment = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const;
  bool is_running();
  // The exit status, or 128 and the signal it died of; waits at most 20 s, then kills it and says -1.
  int wait();
  // Once it has ended.
  bool has_dumped_core() const { return has_dumped_core_; }
  std::string out() const { return read_file(out_); }  // what it printed so far
  std::string err() const { return read_file(err_); }

 private:
  std::optional<int> poll();

  pid_t pid_ = -1;
  std::optional<int> status_;
  bool has_dumped_core_ = false;
  std::string out_;
  std::string err_;
};

struct Ended {
  int status;
  std::string out;
  std::string err;
};

// Runs the program to its end.
Ended run(const Words& arguments, const Words& environment = {});

// Waits until `condition` holds, at most that long; says whether it does.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds at_most = std::chrono::seconds(15));

void pause_shortly();

// A sandbox in a private data directory, up and answering.
class Sandbox {
 public:
  explicit Sandbox(Words flags = {}, Words environment = {});

  // Ends it by SIGTERM (the exit status is returned), or starts it again on the same data.
  int stop();
  void start(const Words& flags = {});

  std::uint16_t port() const { return port_; }
  // A member of the ready file, by JSON pointer.
  std::string ready(const std::string& pointer) const;
  std::string bearer() const { return "Bearer " + ready("/access_token"); }
  std::string api_key() const { return ready("/api_key/login") + ":" + ready("/api_key/secret_key"); }
  const TempDir& place() const { return place_; }
  std::string data_dir() const { return place_.file("data"); }
  // Its database, for `value` and its like, and how a command finds it.
  const std::string& database() const { return storage_.name(); }
  const Words& where() const { return storage_.words(); }
  Process& process() { return *process_; }

  // With the sandbox's access token and Content-Type: application/json unless the message says otherwise.
  Answer ask(Message message) const;
  Answer get(const std::string& target) const { return ask({.target = target}); }
  Answer post(const std::string& target, const std::string& body, Fields fields = {}) const;

 private:
  TempDir place_;
  Storage storage_{data_dir()};
  Words flags_;
  Words environment_;
  std::uint16_t port_ = 0;
  std::string ready_;
  std::unique_ptr<Process> process_;
};

// Runs a command of the operator's on the sandbox's data: {"keys", "list"}.
Ended operate(const Sandbox& sandbox, Words words);

template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds at_most) {
  const auto end = std::chrono::steady_clock::now() + at_most;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    pause_shortly();
  }
  return true;
}

}  // namespace paylink::scenario
