#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paylink::faults {

struct Answer {
  int status = 0;
  std::string head;
  std::string body;
};

// One keep-alive connection that blocks, to a server that may die at any moment. Not the product's own HTTP code: what
// is tested must not test itself.
class Client {
 public:
  // `authorization` empty: none is sent. `host` is what it is sent to by name, when others than the port's own address
  // serve under it.
  Client(std::uint16_t port, std::string authorization, std::string host = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // False when nobody is there. Who asks first knows of a request that was never sent that it had no effect.
  bool connect_if_needed();
  // Absent when the connection broke or nothing came for 30 seconds: whether the request took effect is unknown.
  // `fields` are whole lines of the head.
  std::optional<Answer> get(std::string_view path, std::string_view fields = {});
  // `idempotency_key` empty: none is sent.
  std::optional<Answer> post(std::string_view path, std::string_view body, std::string_view idempotency_key = {}) {
    return send("POST", path, body, idempotency_key);
  }
  std::optional<Answer> patch(std::string_view path, std::string_view idempotency_key) {
    return send("PATCH", path, {}, idempotency_key);
  }
  std::optional<Answer> remove(std::string_view path) { return send("DELETE", path, {}, {}); }
  std::optional<Answer> post_form(std::string_view path, std::string_view form, std::string_view fields = {});

 private:
  std::string begin(std::string_view method, std::string_view path, std::string_view fields) const;
  std::optional<Answer> send(std::string_view method, std::string_view path, std::string_view body,
                             std::string_view idempotency_key);
  std::optional<Answer> exchange(const std::string& request);
  std::optional<Answer> receive();
  void disconnect();

  const std::uint16_t port_;
  const std::string authorization_;
  const std::string host_;
  int socket_ = -1;
};

// The value of the first field of that name, which begins with a capital; empty when there is none.
std::string field_of(const Answer& answer, std::string_view name);

// The text of the first member `name` of a JSON text, absent when there is none. Enough for answers of a known shape.
std::optional<std::string> json_text(std::string_view json, std::string_view name);

}  // namespace paylink::faults
