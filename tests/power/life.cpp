#include "life.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "disk_vfs.hpp"

namespace paylink::power {
namespace {

constexpr unsigned patience_s = 20;
constexpr int unanswered_status = 70;  // as the program's

// ---- what a process that ends tells the one that forked it

class Writer {
 public:
  void number(std::int64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void text(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    bytes_.append(value);
  }
  void send(int pipe) const {
    for (std::size_t sent = 0; sent < bytes_.size();) {
      const ssize_t count = ::write(pipe, bytes_.data() + sent, bytes_.size() - sent);
      if (count <= 0) ::_exit(2);
      sent += static_cast<std::size_t>(count);
    }
  }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(int pipe) {
    char buffer[65536];
    for (ssize_t count = 0; (count = ::read(pipe, buffer, sizeof buffer)) > 0;)
      bytes_.append(buffer, static_cast<std::size_t>(count));
  }
  bool is_empty() const { return bytes_.empty(); }
  std::int64_t number() {
    std::int64_t value = 0;
    std::memcpy(&value, bytes_.data() + at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  std::string text() {
    const auto size = static_cast<std::size_t>(number());
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

void write_life(const Life& life, int pipe) {
  Writer writer;
  writer.number(life.has_struck ? 1 : 0);
  writer.number(life.goes_on ? 1 : 0);
  writer.number(static_cast<std::int64_t>(life.accepted_at.size()));
  for (const std::size_t position : life.accepted_at) writer.number(static_cast<std::int64_t>(position));
  writer.number(life.refused_at ? static_cast<std::int64_t>(*life.refused_at) : -1);
  writer.text(life.why_not);
  writer.text(life.bad_answers);
  for (const int calls : life.calls) writer.number(calls);
  writer.number(static_cast<std::int64_t>(life.promises.size()));
  for (const Promise& promise : life.promises) {
    writer.number(static_cast<int>(promise.kind));
    writer.text(promise.key);
    writer.text(promise.value);
    writer.number(static_cast<std::int64_t>(promise.moment));
  }
  writer.number(static_cast<std::int64_t>(life.log.size()));
  for (const Operation& operation : life.log) {
    writer.number(static_cast<int>(operation.kind));
    writer.number(operation.file);
    writer.number(operation.offset);
    writer.text(operation.text);
    writer.number(operation.directory ? 1 : 0);
  }
  writer.send(pipe);
}

Life read_life(int pipe) {
  Reader reader(pipe);
  Life life;
  if (reader.is_empty()) return life;
  life.has_struck = reader.number() != 0;
  life.goes_on = reader.number() != 0;
  life.accepted_at.resize(static_cast<std::size_t>(reader.number()));
  for (std::size_t& position : life.accepted_at) position = static_cast<std::size_t>(reader.number());
  if (const auto position = reader.number(); position >= 0) life.refused_at = static_cast<std::size_t>(position);
  life.why_not = reader.text();
  life.bad_answers = reader.text();
  for (int& calls : life.calls) calls = static_cast<int>(reader.number());
  life.promises.resize(static_cast<std::size_t>(reader.number()));
  for (Promise& promise : life.promises) {
    promise.kind = static_cast<Promise::Kind>(reader.number());
    promise.key = reader.text();
    promise.value = reader.text();
    promise.moment = static_cast<std::size_t>(reader.number());
  }
  life.log.resize(static_cast<std::size_t>(reader.number()));
  for (Operation& operation : life.log) {
    operation.kind = static_cast<Operation::Kind>(reader.number());
    operation.file = static_cast<int>(reader.number());
    operation.offset = reader.number();
    operation.text = reader.text();
    operation.directory = reader.number() != 0;
  }
  return life;
}

// ---- the process that lives

class Living {
 public:
  Living(World& world, std::shared_ptr<Disk> disk, int pipe) : world_(world), disk_(std::move(disk)), pipe_(pipe) {}

  // As if it was killed at its end: nothing is closed.
  [[noreturn]] void run(const Flow* flow) {
    if (flow == nullptr) {
      world_.random.branch(1);
      world_.titles += 500'000;
    }
    const auto service = Service::start(
        world_, [this](const Result<>& outcome) { witness(outcome); },
        [this](const Error&) { tell_and_end(unanswered_status); });
    if (!service) tell_and_end(1);
    if (flow != nullptr) flow->run(**service);
    has_struck_ = disk_->has_struck();
    life_.calls = calls();
    disk_->disarm();
    const auto created = create(**service);
    life_.goes_on = created.has_value();
    if (!created) life_.why_not = created.error().reason + " " + created.error().detail;
    tell_and_end(0);
  }

 private:
  void witness(const Result<>& outcome) {
    world_.moment = disk_->position();
    if (outcome) life_.accepted_at.push_back(world_.moment);
    if (!outcome && !life_.refused_at) life_.refused_at = world_.moment;
    if (!outcome && outcome.error().code == ErrorCode::internal)
      life_.bad_answers += outcome.error().reason + ": " + outcome.error().detail + "; ";
  }
  std::array<int, 5> calls() const {
    std::array<int, 5> calls{};
    for (std::size_t i = 0; i < calls.size(); ++i) calls[i] = disk_->calls(static_cast<Call>(i));
    return calls;
  }
  // What was answered before this process began is kept by whoever forked it.
  [[noreturn]] void tell_and_end(int status) {
    life_.has_struck = has_struck_ || disk_->has_struck();
    life_.promises = world_.promises;
    life_.log = disk_->log();
    write_life(life_, pipe_);
    ::_exit(status);
  }

  World& world_;
  const std::shared_ptr<Disk> disk_;
  const int pipe_;
  bool has_struck_ = false;
  Life life_;
};

End end_of(int status) {
  if (!WIFEXITED(status)) return End::broken;
  switch (WEXITSTATUS(status)) {
    case 0:
      return End::served;
    case 1:
      return End::not_started;
    case unanswered_status:
      return End::unanswered;
    default:
      return End::broken;
  }
}

}  // namespace

Life live(World& world, const Files& files, const Numbers& numbers, const Flow* flow, const Fault& fault) {
  int ends[2];
  if (::pipe(ends) != 0) std::abort();
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    ::alarm(patience_s);
    const auto disk = std::make_shared<Disk>(files, Recording::yes, numbers);
    disk->pragmas.wal_autocheckpoint = 8;  // checkpoints are calls to the disk too
    disk->arm(fault);
    mount(disk);
    Living(world, disk, ends[1]).run(flow);
  }
  ::close(ends[1]);
  Life life = read_life(ends[0]);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  life.end = end_of(status);
  return life;
}

}  // namespace paylink::power
