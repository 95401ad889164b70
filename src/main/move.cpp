#include <unistd.h>

#include <chrono>
#include <iostream>

#include "cli/table.hpp"
#include "main/commands.hpp"
#include "main/places.hpp"
#include "store/move.hpp"

namespace paylink::main {
namespace {

using Steady = std::chrono::steady_clock;

// Lines on stderr, at most one a second; on a terminal it is always the same one.
class ProgressLine {
 public:
  void show(const store::MoveProgress& progress) {
    const auto now = Steady::now();
    const std::string what =
        (progress.phase == store::MovePhase::copying ? "copying " : "comparing ") + std::string(progress.table);
    if (what != what_) {
      what_ = what;
      before_ = {progress.rows, now};
    }
    if (now - shown_ < std::chrono::seconds(1)) return;
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now - before_.at).count();
    const std::int64_t rate = milliseconds == 0 ? 0 : (progress.rows - before_.rows) * 1'000 / milliseconds;
    const std::string line = what + ": " + std::to_string(progress.rows) + " rows, " + std::to_string(rate) + " rows/s";
    std::cerr << (is_terminal_ ? "\r\x1b[K" + line : line + "\n") << std::flush;
    shown_ = now;
    before_ = {progress.rows, now};
    is_shown_ = true;
  }
  void clear() {
    if (is_terminal_ && is_shown_) std::cerr << "\r\x1b[K" << std::flush;
  }

 private:
  struct Seen {
    std::int64_t rows = 0;
    Steady::time_point at;
  };

  const bool is_terminal_ = ::isatty(STDERR_FILENO) == 1;
  bool is_shown_ = false;
  std::string what_;
  Seen before_;
  Steady::time_point shown_ = Steady::now();
};

void print_counts(const store::MoveOutcome& outcome) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, count] : outcome.tables) rows.push_back({name, std::to_string(count)});
  std::cout << cli::table({"TABLE", "ROWS"}, rows, 0);
}

int summarize(const store::MoveOutcome& outcome, std::chrono::seconds time) {
  print_counts(outcome);
  if (!outcome.differences.empty()) {
    std::cout << std::flush;
    for (const std::string& difference : outcome.differences) std::cerr << "paylink: " << difference << "\n";
    std::cerr << "paylink: The target is not what the source is, and the move is not finished. Empty the target and "
                 "move again.\n";
    return 1;
  }
  std::int64_t rows = 0;
  for (const auto& table : outcome.tables) rows += table.rows;
  std::cout << "Moved " << rows << " rows of " << outcome.tables.size() << " tables in " << time.count()
            << " s; each was compared with the source. From now on serve the "
               "target: the source\nis as it was, but that it knows where it was moved to, and cannot be served.\n";
  return 0;
}

// What both ends need before anything is read: they differ, the source is there, and both are ours alone.
Result<> take_both(Place& from, Place& to, TakenDirs& dirs) {
  const std::string source = TRY(from.identity());
  const std::string target = TRY(to.identity());
  if (source == target) return fail(ErrorCode::invalid_input, "bad_setting", "--from and --to are the same database.");
  if (!from.exists()) return fail(ErrorCode::not_found, "no_installation", "There is no file at --from.");
  TRY(from.take(dirs));
  return to.take(dirs);
}

Result<store::TargetState> look_at(Place& to, const std::string& source, Time now) {
  if (!to.exists()) return store::TargetState::empty;
  const auto target = TRY(to.look(now));
  return store::look_at_target(*target, source);
}

// All of it in the file, where it is one: whoever keeps that may not keep its log.
Result<> leave_for(const std::string& target, Place& from) {
  const auto source = TRY(from.change(SystemClock().now()));
  TRY(source->in_transaction([&](sql::Transaction& tx) { return store::Moves(tx).depart(target); }));
  TRY(source->make_whole());
  // A server whose sessions were all away when it was looked for finds the departure when it comes back, or is here.
  auto alone = from.close();
  if (alone || alone.error().reason != "in_use") return alone;
  const auto stay = [](sql::Transaction& tx) -> Result<> {
    TRY(store::Moves(tx).stay());
    return {};
  };
  TRY(source->in_transaction(stay));
  return fail(
      ErrorCode::conflict, "in_use",
      "A server has come to the source meanwhile, and may have written what is not in the target. Stop it, empty "
      "the target, and move again.");
}

}  // namespace

Result<int> move(const MoveCommand& command) {
  const auto started = Steady::now();
  SystemRandom random;
  const Time now = SystemClock().now();
  const auto from = TRY(Place::parse("--from", command.from, random));
  const auto to = TRY(Place::parse("--to", command.to, random));
  TakenDirs dirs;
  TRY(take_both(*from, *to, dirs));
  const auto source = TRY(from->look(now));
  const std::string identity = TRY(source->identity());
  const auto state = TRY(look_at(*to, identity, now));
  const std::string target_identity = TRY(to->identity());
  TRY(store::check_source(*source, target_identity, state));
  if (state == store::TargetState::finished) {
    // The last run may not have come to the end of this.
    const auto target = TRY(to->prepare(now));
    TRY(target->make_whole());
    std::cout << "This was moved already; there was nothing to do.\n";
    return 0;
  }
  if (state == store::TargetState::unfinished) std::cerr << "Going on where the last run stopped.\n";
  const auto target = TRY(to->prepare(now));
  TRY(from->close());
  ProgressLine line;
  const auto show = [&](const store::MoveProgress& progress) { line.show(progress); };
  const auto leave = [&](const std::string& place) { return leave_for(place, *from); };
  const auto outcome = store::move_installation(*source, *target, leave, {command.chunk_rows, show});
  line.clear();
  if (!outcome) return Failure{outcome.error()};
  return summarize(*outcome, std::chrono::duration_cast<std::chrono::seconds>(Steady::now() - started));
}

}  // namespace paylink::main
