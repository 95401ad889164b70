#pragma once

namespace paylink::main {

// SIGTERM and SIGINT, blocked in every thread started later, and waited for by the main one. A connection the peer has
// closed must not end the process: SIGPIPE is ignored.
void block_signals();
void wait_for_signal();

}  // namespace paylink::main
