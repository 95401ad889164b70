#include "simulator/faulty.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "json/faults.hpp"
#include "simulator/answers.hpp"
#include "simulator/twist.hpp"

namespace paylink::simulator {
namespace {

constexpr std::size_t huge_bytes = std::size_t{8} * 1024 * 1024;

// What the server would send, but that it closes the connection then.
std::string bytes_of(const http::Response& response) {
  std::string bytes = "HTTP/1.1 " + std::to_string(response.status) + " ";
  bytes.append(http::reason_phrase(response.status)).append("\r\nConnection: close\r\n");
  if (!response.content_type.empty()) bytes.append("Content-Type: ").append(response.content_type).append("\r\n");
  bytes.append(response.fields);
  bytes.append("Content-Length: ").append(std::to_string(response.body.size())).append("\r\n\r\n");
  return bytes.append(response.body);
}

http::Response refused(const FaultRule& rule, std::string_view base_url) {
  auto response = error_answer(rule.status, "The fault dial wants this call to fail.", "", base_url);
  if (rule.retry_after >= 0) response.add_field("Retry-After", std::to_string(rule.retry_after));
  return response;
}

http::Response redirected(std::string_view base_url) {
  http::Response response{307, "text/html", "<p>It has moved.</p>\n", {}};
  response.add_field("Location", std::string(base_url) + "/v2/methods");
  return response;
}

// An answer that is wrong and otherwise as any.
http::Response spoil(http::Response response, Fault fault) {
  if (response.status >= 300) return response;
  if (fault == Fault::malformed) response.body = "<html><body>Everything is fine.</body></html>";
  if (fault == Fault::truncated) response.body.resize(response.body.size() / 2);
  if (fault == Fault::huge_body) response.body.append(huge_bytes, ' ');
  const bool is_twisted = fault == Fault::wrong_amount || fault == Fault::wrong_currency || fault == Fault::wrong_id ||
                          fault == Fault::wrong_mode || fault == Fault::wrong_metadata;
  if (is_twisted) response.body = twisted(response.body, fault);
  return response;
}

// The connection's bytes are no business of the server's any more. `response`: what was done is answered so.
void treat_badly(http::Exchange& exchange, const Hit& hit, const http::Response& response, Wire& wire,
                 std::string_view base_url) {
  const int socket = exchange.take_over();
  if (socket < 0) {
    LOG(warn, "simulator_fault_not_played", {"fault", fault_names.name(hit.rule.fault)});
    return exchange.respond(
        error_answer(500, "The fault could not be played: send one request at a time.", "", base_url));
  }
  const std::string bytes = bytes_of(response);
  if (hit.rule.fault == Fault::drip) return wire.drip(socket, bytes, hit.time);
  // In the middle of the body, or at the end of the head when there is none.
  const std::size_t cut = std::max<std::size_t>(response.body.size() / 2, 1);
  if (hit.rule.fault == Fault::reset) return Wire::reset(socket, std::string_view(bytes).substr(0, bytes.size() - cut));
  wire.say_nothing(socket);
}

void delay(http::Exchange& exchange, const Hit& hit, std::function<http::Response()> answer, Wire& wire) {
  if (hit.rule.when == When::before)
    return wire.later(hit.time, [&exchange, answer = std::move(answer)] {
      exchange.continue_on_loop([&exchange, answer] { exchange.respond(answer()); });
    });
  wire.later(hit.time, [&exchange, response = answer()] { exchange.respond(response); });
}

}  // namespace

void answer_badly(http::Exchange& exchange, const Hit& hit, std::function<http::Response()> answer, Wire& wire,
                  std::string_view base_url) {
  switch (hit.rule.fault) {
    case Fault::timeout_before:
      return treat_badly(exchange, hit, {}, wire, base_url);
    case Fault::timeout_after:
    case Fault::drip:
    case Fault::reset:
      return treat_badly(exchange, hit, answer(), wire, base_url);
    case Fault::delay:
      return delay(exchange, hit, std::move(answer), wire);
    case Fault::status:
      if (hit.rule.when == When::after) (void)answer();
      return exchange.respond(refused(hit.rule, base_url));
    case Fault::redirect:
      return exchange.respond(redirected(base_url));
    case Fault::malformed:
    case Fault::truncated:
    case Fault::huge_body:
    case Fault::wrong_amount:
    case Fault::wrong_currency:
    case Fault::wrong_id:
    case Fault::wrong_mode:
    case Fault::wrong_metadata:
    case Fault::drop:
    case Fault::duplicate:
    case Fault::reorder:
      return exchange.respond(spoil(answer(), hit.rule.fault));
  }
}

http::Response answer_about_faults(const http::Request& request, FaultDial& dial, std::string_view base_url) {
  using http::Method;
  if (request.method == Method::del) {
    dial.clear();
    return {204, {}, {}, {}};
  }
  if (request.method == Method::get || request.method == Method::head)
    return {200, "application/json", dial.json(), {}};
  if (request.method != Method::post) {
    auto response = error_answer(405, "The method is not supported on this path.", "", base_url);
    response.add_field("Allow", "GET, HEAD, POST, DELETE");
    return response;
  }
  if (!http::is_media_type(request.field("Content-Type").value_or(""), "application/json"))
    return error_answer(415, "The Content-Type has to be application/json", "", base_url);
  const auto rule = decode_fault(request.body);
  if (!rule) {
    const auto& faults = rule.error().faults;
    const std::string where = faults.empty() ? std::string() : faults.front().where;
    return error_answer(400, where.empty() ? rule.error().message : where.substr(1) + ": " + rule.error().message,
                        where.empty() ? where : where.substr(1), base_url);
  }
  dial.add(*rule);
  return {201, "application/json", dial.json(), {}};
}

}  // namespace paylink::simulator
