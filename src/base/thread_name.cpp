#include "base/thread_name.hpp"

#include <pthread.h>

namespace paylink {

void name_thread(const std::string& name) {
  constexpr std::size_t kept = 15;
  ::pthread_setname_np(::pthread_self(), name.substr(0, kept).c_str());
}

}  // namespace paylink
