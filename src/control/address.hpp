#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <string>

#include "base/result.hpp"

namespace paylink::control {

// Where a socket is: good for `bind` and `connect` as long as it lives. unix(7) gives a path 107 bytes; one that is
// longer is reached through its directory.
class Address {
 public:
  // Fails with `control_socket_unusable`.
  static Result<Address> of(const std::string& path);
  Address(Address&& other) noexcept;
  ~Address();
  Address(const Address&) = delete;
  Address& operator=(const Address&) = delete;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  socklen_t size() const { return sizeof address_; }

 private:
  Address() = default;
  sockaddr_un address_{};
  int directory_ = -1;
};

}  // namespace paylink::control
