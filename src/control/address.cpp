#include "control/address.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace paylink::control {

Result<Address> Address::of(const std::string& path) {
  Address address;
  address.address_.sun_family = AF_UNIX;
  std::string name = path;
  if (name.size() >= sizeof address.address_.sun_path) {
    const std::size_t slash = path.rfind('/');
    address.directory_ = ::open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (address.directory_ < 0)
      return fail(ErrorCode::unavailable, "control_socket_unusable", "Cannot reach the directory of " + path + ".",
                  std::strerror(errno));
    name = "/proc/self/fd/" + std::to_string(address.directory_) + path.substr(slash);
  }
  std::memcpy(address.address_.sun_path, name.data(), name.size());
  return address;
}

Address::Address(Address&& other) noexcept
    : address_(other.address_), directory_(std::exchange(other.directory_, -1)) {}

Address::~Address() {
  if (directory_ >= 0) ::close(directory_);
}

}  // namespace paylink::control
