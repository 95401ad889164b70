#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <memory>
#include <thread>

#include "sql/postgres/testing.hpp"
#include "sql/postgres/testing_proxy.hpp"

namespace paylink::sql::postgres {
namespace {

using testing::Socket;

template <auto release>
struct Release {
  template <class Thing>
  void operator()(Thing* thing) const {
    release(thing);
  }
};
using Context = std::unique_ptr<SSL_CTX, Release<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Release<SSL_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;

Context context_with_a_certificate() {
  Key key(EVP_EC_gen("P-256"));
  Certificate certificate(X509_new());
  ENSURE(X509_set_pubkey(certificate.get(), key.get()) == 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
  ENSURE(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  Context context(SSL_CTX_new(TLS_server_method()));
  ENSURE(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1);
  ENSURE(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1);
  return context;
}

// Ends TLS before the server, which speaks none, and passes its answers on in records as long as TLS allows; the
// server's own are half as long.
class TlsFront {
 public:
  explicit TlsFront(const std::string& url)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), server_url_(url) {
    sockaddr_in own = loopback(0);
    socklen_t size = sizeof own;
    ENSURE(::bind(listener_.descriptor(), reinterpret_cast<const sockaddr*>(&own), size) == 0);
    ENSURE(::listen(listener_.descriptor(), 1) == 0);
    ENSURE(::getsockname(listener_.descriptor(), reinterpret_cast<sockaddr*>(&own), &size) == 0);
    const std::size_t address = url.find('@') + 1;
    url_ = url.substr(0, address) + "127.0.0.1:" + std::to_string(ntohs(own.sin_port)) +
           url.substr(url.find('/', address)) + "?sslmode=require";
    serving_ =
        std::thread([this] { serve(Socket(::accept4(listener_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC))); });
  }
  ~TlsFront() {
    ::shutdown(listener_.descriptor(), SHUT_RDWR);
    serving_.join();
  }
  TlsFront(const TlsFront&) = delete;
  TlsFront& operator=(const TlsFront&) = delete;

  const std::string& url() const { return url_; }

 private:
  static constexpr std::size_t record_bytes = 16'384;
  static constexpr int silence_ms = 10;

  static sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  Socket connect_to_server() const {
    const std::size_t colon = server_url_.find(':', server_url_.find('@'));
    const sockaddr_in address = loopback(std::stoi(server_url_.substr(colon + 1)));
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ENSURE(::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    return Socket(server);
  }

  // Until the client hangs up.
  void serve(const Socket& client) const {
    char request[8];  // whether it may speak TLS
    if (!client.is_open() || ::recv(client.descriptor(), request, sizeof request, MSG_WAITALL) != sizeof request)
      return;
    ENSURE(client.send("S"));
    const Context context = context_with_a_certificate();
    const Session session(SSL_new(context.get()));
    ENSURE(SSL_set_fd(session.get(), client.descriptor()) == 1);
    if (SSL_accept(session.get()) != 1) return;
    const Socket server = connect_to_server();
    std::string said;
    const auto pass_on = [&](std::size_t bytes) {
      const bool is_done = bytes == 0 || SSL_write(session.get(), said.data(), static_cast<int>(bytes)) > 0;
      said.erase(0, bytes);
      return is_done;
    };
    for (;;) {
      pollfd wanted[] = {{client.descriptor(), POLLIN, 0}, {server.descriptor(), POLLIN, 0}};
      const bool is_silent = SSL_pending(session.get()) == 0 && ::poll(wanted, 2, silence_ms) == 0;
      if (is_silent && !pass_on(said.size())) return;
      if (SSL_pending(session.get()) > 0 || wanted[0].revents != 0) {
        char asked[record_bytes];
        const int bytes = SSL_read(session.get(), asked, sizeof asked);
        if (bytes <= 0 || !server.send({asked, static_cast<std::size_t>(bytes)})) return;
      }
      if (wanted[1].revents != 0) said += server.receive();
      while (said.size() >= record_bytes)
        if (!pass_on(record_bytes)) return;
    }
  }

  Socket listener_;
  const std::string server_url_;
  std::string url_;
  std::thread serving_;
};

// In rows of 3,000.
constexpr std::string_view select_bytes =
    "SELECT repeat('x', 3000) FROM generate_series(1, CAST($1 AS INTEGER) / 3000)"
    " UNION ALL SELECT repeat('x', CAST($1 AS INTEGER) % 3000)";

// What the library has taken off the socket, but not out of its record, makes no sound there.
TEST(PostgresTls, AnswersOfAnyLengthAreReadAtOnce) {
  NEEDS_SERVER();
  const TlsFront front(testing::server_url());
  auto opened =
      Connection::open({.url = front.url(), .application_name = "test", .statement_time = std::chrono::seconds(1)});
  ASSERT_TRUE(opened.has_value()) << opened.error().detail;
  for (std::int64_t bytes = 15'000; bytes <= 50'000; bytes += 250) {
    const Value length[] = {bytes};
    const auto rows = (*opened)->query(select_bytes, length);
    ASSERT_TRUE(rows.has_value()) << bytes << ": " << rows.error().detail;
    ASSERT_EQ(rows->size(), static_cast<std::size_t>(bytes / 3'000 + 1));
  }
}

}  // namespace
}  // namespace paylink::sql::postgres
