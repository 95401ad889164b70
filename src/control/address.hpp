#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <string>

#include "base/result.hpp"

namespace paylink::control {

// unix(7): a path has 107 bytes at most. Fails with `control_socket_unusable`.
inline Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  if (path.size() >= sizeof address.sun_path)
    return fail(ErrorCode::invalid_input, "control_socket_unusable",
                "The path " + path + " is too long for a socket: it may have " +
                    std::to_string(sizeof address.sun_path - 1) + " bytes. Choose a shorter --data-dir.");
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

}  // namespace paylink::control
