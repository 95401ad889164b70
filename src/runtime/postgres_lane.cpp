#include "runtime/postgres_lane.hpp"

#include "base/thread_name.hpp"
#include "runtime/postgres_reader.hpp"
#include "runtime/postgres_writer.hpp"

namespace paylink::runtime {
namespace {

// A server that is silent, rather than gone, costs each batch all its patience: what has waited as long behind it does
// not wait for its turn, or a long queue would for many times that.
template <class Runner>
void serve(WorkQueue& queue, Runner& runner, std::size_t batch_max, std::chrono::milliseconds patience) {
  Batch batch;
  while (queue.take(batch, batch_max)) {
    const auto reached = runner.run(batch);
    batch.clear();
    if (reached) continue;
    queue.take_since(batch, std::chrono::steady_clock::now() - patience);
    if (!batch.empty()) refuse(batch, reached.error());
    batch.clear();
  }
}

}  // namespace

PostgresLane::PostgresLane(const PostgresLaneOptions& options, const Clock& clock, Random& random)
    : writes_(options.queue_max),
      reads_(options.queue_max),
      slow_reads_(options.queue_max),
      has_slow_readers_(options.readers > 1) {
  for (int i = 0; i < options.writers; ++i)
    threads_.emplace_back([this, options, &clock, &random] {
      name_thread("write lane");
      PostgresWriter writer(options, clock, random);
      serve(writes_, writer, options.batch_max, options.patience);
    });
  for (int i = 0; i < options.readers; ++i)
    threads_.emplace_back([this, options, &clock, &random, is_slow = i < options.readers / 2] {
      name_thread(is_slow ? "slow reads" : "read lane");
      PostgresReader reader(options, clock, random);
      if (is_slow)
        serve(slow_reads_, reader, 1, options.patience);
      else
        serve(reads_, reader, PostgresReader::batch_max, options.patience);
    });
}

PostgresLane::~PostgresLane() {
  writes_.close();
  reads_.close();
  slow_reads_.close();
  for (std::thread& thread : threads_) thread.join();
}

void PostgresLane::submit_write(app::Work& work) noexcept {
  if (!writes_.push(work)) refuse_overloaded(work);
}

void PostgresLane::submit_read(app::Work& work) noexcept {
  if (!reads_.push(work)) refuse_overloaded(work);
}

void PostgresLane::submit_slow_read(app::Work& work) noexcept {
  if (!has_slow_readers_) return submit_read(work);
  if (!slow_reads_.push(work)) refuse_overloaded(work);
}

}  // namespace paylink::runtime
