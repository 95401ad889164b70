#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "link_model.hpp"

namespace paylink::linearizability {

enum class Ask : std::uint8_t { link, payments, pay, switch_off };

// What a client asked about a link, and what it was told.
struct Request {
  Ask ask = Ask::link;
  Span span;
  int answer = 0;                  // HTTP; 0: none
  std::string word;                // of the link or the payment: its status; of a refusal: its code
  std::string payment;             // its id
  Payment wanted = Payment::paid;  // of a payment: how the payer chose
  std::vector<std::pair<std::string, std::string>> listed{};  // ids and statuses
};

// No answer, or 5xx: whether what was asked for has been done nobody knows.
bool says_nothing(const Request& request);

// A link with all that was asked about it, in no order.
struct History {
  std::string link;
  std::vector<Request> requests;
  Span date;  // it passed some time within; `asked` is `never` when nobody saw it pass
};

// Those requests as steps of the model; a sentence when one was answered as no link may answer.
struct Steps {
  LinkModel model{0};
  std::vector<LinkStep> steps;
  std::string nonsense;
};
Steps steps_of(const History& history);

// Empty when one link that does one thing after the other may have answered so.
std::string complaint_about(const History& history);

// A line for each request in the order of asking, with microseconds since the first: for those who are to find out why.
std::string text_of(const History& history);

// Spoils an answer so that no link may have given all of them, if there is one that lends itself to it.
enum class Spoil : std::uint8_t { stale_read, exchanged_answer, lost_switch };
bool spoil(History& history, Spoil how, std::uint64_t choice);

}  // namespace paylink::linearizability
