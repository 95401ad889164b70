#pragma once

#include <chrono>

namespace paylink::main {

// A connection, or a reader of our output, that is gone must not end the process.
void ignore_broken_pipes();

// For servers: SIGTERM and SIGINT, blocked in every thread started later, and waited for by the main one.
void block_signals();
void wait_for_signal();
// The same, but not for ever.
void wait_for_signal(std::chrono::milliseconds at_most);

}  // namespace paylink::main
