#pragma once

#include "app/lane.hpp"
#include "store/testing.hpp"

// What tests of flows and endpoints share.
namespace paylink::app::testing {

// Runs everything at once, each step in a transaction of its own. After `writes_left` writes nothing can be stored any
// more: what a crash of the process looks like to the flow that was under way.
class TestLane final : public Lane {
 public:
  explicit TestLane(store::testing::Database& database) : database_(database) {}

  void submit_write(Work& work) noexcept override {
    ++writes;
    if (writes_left == 0) return work.done(fail(ErrorCode::unavailable, "down", "Crashed."));
    if (writes_left > 0) --writes_left;
    run(work);
  }
  void submit_read(Work& work) noexcept override { run(work); }

  int writes_left = -1;  // -1: there is no crash
  int writes = 0;

 private:
  void run(Work& work) {
    Result<> outcome = database_.write([&](sql::Transaction& tx) -> Result<> {
      try {
        return work.run(tx);
      } catch (const std::exception& exception) {
        return fail(ErrorCode::internal, "bug", "Something went wrong on our side.", exception.what());
      }
    });
    work.done(std::move(outcome));
  }

  store::testing::Database& database_;
};

}  // namespace paylink::app::testing
