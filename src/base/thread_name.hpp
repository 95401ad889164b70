#pragma once

#include <string>

namespace paylink {

// What `top -H`, /proc and debuggers call the calling thread; the first 15 bytes are kept.
void name_thread(const std::string& name);

}  // namespace paylink
