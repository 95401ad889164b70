#pragma once

#include <type_traits>
#include <utility>

#include "app/lane.hpp"
#include "runtime/run_now.hpp"

namespace paylink::main {

// Waits for one step on the write lane; never on an event loop.
template <class Step>
auto write_now(app::Lane& lane, const sql::Tenant& tenant, Step step) {
  const auto wait = [](app::Lane& on, sql::Tenant whose,
                       Step what) -> Task<std::invoke_result_t<Step&, sql::Transaction&>> {
    auto reply = co_await on.write(whose, std::move(what));
    co_return reply;
  };
  return runtime::run_now(wait(lane, tenant, std::move(step)));
}

}  // namespace paylink::main
