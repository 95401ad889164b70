#pragma once

namespace paylink::runtime {

// This thread gets a third of what others get, when they want it: where cores are few, no event loop is to wait for
// work that takes long. On Linux a thread has a priority of its own; whether it can be set or not, its work is done.
void lower_priority_of_this_thread();

}  // namespace paylink::runtime
