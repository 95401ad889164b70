#include "process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "answers.hpp"

namespace paylink::scenario {
namespace {

std::vector<char*> pointers(Words& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

bool names_field(const Fields& fields, const std::string& name) {
  return std::ranges::find(fields, name, &Fields::value_type::first) != fields.end();
}

}  // namespace

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "paylink-scenario-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void write_file(const std::string& path, const std::string& content, mode_t mode) {
  std::ofstream(path, std::ios::binary) << content;
  ::chmod(path.c_str(), mode);
}

std::string binary() {
  const char* named = std::getenv("PAYLINK_BIN");
  return named != nullptr ? named : PAYLINK_BINARY;
}

void pause_shortly() { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }

std::uint16_t port_of(const std::string& url) {
  return static_cast<std::uint16_t>(std::atoi(url.c_str() + url.rfind(':') + 1));
}

std::uint16_t free_port() {
  constexpr unsigned first = 10'000, count = 10'000;
  static std::random_device random;
  for (int tries = 0; tries < 1'000; ++tries) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(first + random() % count));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool is_free = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(probe);
    if (is_free) return ntohs(address.sin_port);
  }
  throw std::runtime_error("no free port");
}

Process::Process(const TempDir& place, const Words& arguments, const Words& environment) {
  static std::atomic<int> counter = 0;
  const std::string number = std::to_string(++counter);
  out_ = place.file("out-" + number);
  err_ = place.file("err-" + number);
  Words words{binary()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  Words variables(environment);
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  const auto argv = pointers(words), envp = pointers(variables);
  pid_ = ::fork();
  if (pid_ != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
  ::dup2(::open(out_.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600), STDOUT_FILENO);
  ::dup2(::open(err_.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600), STDERR_FILENO);
  ::execve(argv[0], argv.data(), envp.data());
  std::perror(argv[0]);
  ::_exit(127);
}

Process::~Process() {
  if (!poll()) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  // Who was killed does not say so by its status.
  if (const std::string said = err(); said.find("Sanitizer") != std::string::npos) ADD_FAILURE() << said;
}

void Process::signal(int number) const {
  if (!status_) ::kill(pid_, number);
}

std::optional<int> Process::poll() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    has_dumped_core_ = WIFSIGNALED(status) && WCOREDUMP(status);
  }
  return status_;
}

bool Process::is_running() { return !poll(); }

int Process::wait() {
  if (eventually([&] { return !is_running(); }, std::chrono::seconds(20))) return *status_;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  status_ = -1;
  return -1;
}

Ended run(const Words& arguments, const Words& environment) {
  const TempDir place;
  Process process(place, arguments, environment);
  const int status = process.wait();
  return {status, process.out(), process.err()};
}

Sandbox::Sandbox(Words flags, Words environment) : flags_(std::move(flags)), environment_(std::move(environment)) {
  start();
}

void Sandbox::start(const Words& flags) {
  const std::string ready_file = place_.file("ready.json");
  std::filesystem::remove(ready_file);
  // With a public URL the ready file does not tell the port.
  const bool hidden = std::ranges::find(flags_, "--public-url") != flags_.end();
  port_ = hidden ? free_port() : 0;
  Words arguments{"sandbox", "--listen", "127.0.0.1:" + std::to_string(port_), "--ready-file", ready_file};
  arguments.insert(arguments.end(), where().begin(), where().end());
  arguments.insert(arguments.end(), flags_.begin(), flags_.end());
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  process_ = std::make_unique<Process>(place_, arguments, environment_);
  const bool up = eventually([&] { return std::filesystem::exists(ready_file) || !process_->is_running(); });
  if (!up || !process_->is_running()) throw std::runtime_error("the sandbox did not start: " + process_->err());
  ready_ = read_file(ready_file);
  const std::string url = ready("/base_url");
  if (!hidden) port_ = port_of(url);
  never_record(port_of(ready("/simulator_url")));
  record(port_);
}

int Sandbox::stop() {
  process_->signal(SIGTERM);
  return process_->wait();
}

std::string Sandbox::ready(const std::string& pointer) const { return at(ready_, pointer); }

Answer Sandbox::ask(Message message) const {
  if (!names_field(message.fields, "Authorization")) message.fields.emplace_back("Authorization", bearer());
  if (message.method == "POST" && !names_field(message.fields, "Content-Type"))
    message.fields.emplace_back("Content-Type", "application/json");
  return exchange(port_, message);
}

Answer Sandbox::post(const std::string& target, const std::string& body, Fields fields) const {
  return ask({.method = "POST", .target = target, .fields = std::move(fields), .body = body});
}

Ended operate(const Sandbox& sandbox, Words words) {
  words.insert(words.end(), sandbox.where().begin(), sandbox.where().end());
  return run(words);
}

}  // namespace paylink::scenario
