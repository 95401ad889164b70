#include "history.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace paylink::linearizability {
namespace {

// A busy server may leave a question unanswered; one that fails at it does not.
bool is_unread(const Request& request) { return request.answer == 0 || request.answer == 503; }

class Reader {
 public:
  explicit Reader(const History& history)
      : history_(history),
        unanswered_(static_cast<std::size_t>(std::ranges::count_if(history.requests, [](const Request& request) {
          return request.ask == Ask::pay && says_nothing(request);
        }))) {}

  Steps read() {
    for (const Request& request : history_.requests)
      if (request.ask == Ask::pay && request.answer == 201) numbers_.emplace(request.payment, numbers_.size());
    found_.model = LinkModel(numbers_.size());
    next_unknown_ = numbers_.size();
    for (const Request& request : history_.requests) add(request);
    if (next_unknown_ > LinkModel::payments_max) found_.nonsense = "more payments than can be told apart";
    return std::move(found_);
  }

 private:
  Date date_of(const Span& span) const {
    if (span.answered < history_.date.asked) return Date::ahead;
    return span.asked > history_.date.answered ? Date::past : Date::passing;
  }
  LinkStep step(const Request& request, Kind kind) const {
    return {.kind = kind, .span = request.span, .date = date_of(request.span)};
  }
  void nonsense(const Request& request) {
    found_.nonsense = "answered with " + std::to_string(request.answer) + " " + request.word;
  }

  void add(const Request& request) {
    switch (request.ask) {
      case Ask::link:
        return add_read(request);
      case Ask::payments:
        return add_list(request);
      case Ask::pay:
        return add_payment(request);
      case Ask::switch_off:
        return add_switch_off(request);
    }
  }
  void add_read(const Request& request) {
    const auto status = parse_status(request.word);
    if (is_unread(request)) return;
    if (request.answer != 200 || !status) return nonsense(request);
    LinkStep read = step(request, Kind::read);
    read.status = *status;
    found_.steps.push_back(std::move(read));
  }
  void add_list(const Request& request) {
    if (is_unread(request)) return;
    if (request.answer != 200) return nonsense(request);
    LinkStep list = step(request, Kind::list);
    std::size_t strangers = 0;
    for (const auto& [id, word] : request.listed) {
      const auto number = numbers_.find(id);
      if (number == numbers_.end()) {
        // Of a payment whose answer told no id; any other is another link's.
        if (++strangers > unanswered_) return nonsense(request);
        continue;
      }
      const auto payment = parse_payment(word);
      if (!payment) return nonsense(request);
      list.payments.emplace(number->second, *payment);
    }
    found_.steps.push_back(std::move(list));
  }
  // What is answered with 5xx may have begun, and may still end; or nobody decides, and the provider ends it.
  void add_payment(const Request& request) {
    if (request.answer == 409 && request.word == "link_not_open")
      return found_.steps.push_back(step(request, Kind::begin_refused));
    const bool is_known = request.answer == 201, is_unknown = says_nothing(request);
    const auto outcome = is_known ? parse_payment(request.word) : request.wanted;
    if ((!is_known && !is_unknown) || !outcome) return nonsense(request);
    LinkStep begin = step(request, Kind::begin), end = step(request, Kind::end);
    begin.payment = end.payment = is_known ? numbers_.at(request.payment) : next_unknown_++;
    if (is_unknown) begin.span.answered = end.span.answered = never;
    if (is_unknown) begin.date = end.date = date_of(begin.span);
    end.outcome = *outcome;
    end.after = found_.steps.size();
    found_.steps.push_back(std::move(begin));
    found_.steps.push_back(end);
    if (!is_unknown) return;
    end.outcome = Payment::expired;
    found_.steps.push_back(std::move(end));
  }
  void add_switch_off(const Request& request) {
    if (request.answer == 200 && request.word == "canceled")
      return found_.steps.push_back(step(request, Kind::switch_off));
    if (request.answer == 400 && request.word == "invalid_status")
      return found_.steps.push_back(step(request, Kind::switch_off_refused));
    if (!says_nothing(request)) return nonsense(request);
    LinkStep lost = step(request, Kind::switch_off);
    lost.span.answered = never;
    lost.date = date_of(lost.span);
    found_.steps.push_back(std::move(lost));
  }

  const History& history_;
  const std::size_t unanswered_;                // payments
  std::map<std::string, std::size_t> numbers_;  // of payments whose id is known
  std::size_t next_unknown_ = 0;
  Steps found_;
};

std::string microseconds(std::uint64_t time, std::uint64_t begun) {
  if (time == never) return "never";
  return std::to_string((static_cast<std::int64_t>(time) - static_cast<std::int64_t>(begun)) / 1000);
}

std::string text_of(const Span& span, std::uint64_t begun) {
  return microseconds(span.asked, begun) + " to " + microseconds(span.answered, begun);
}

std::string text_of(const Request& request) {
  static constexpr std::array<std::string_view, 4> asks{"read", "list", "pay", "switch off"};
  static constexpr std::array<std::string_view, 7> outcomes{"none",     "open",    "superseded", "paid",
                                                            "canceled", "expired", "failed"};
  std::string text(asks.at(static_cast<std::size_t>(request.ask)));
  text += " " + std::to_string(request.answer) + " " + request.word;
  if (request.ask == Ask::pay)
    text += " " + request.payment + ", wanted " + std::string(outcomes.at(static_cast<std::size_t>(request.wanted)));
  for (const auto& [id, status] : request.listed) text += " " + id + "=" + status;
  return text;
}

bool is_read_as(const Request& request, std::string_view word) {
  return request.ask == Ask::link && request.answer == 200 && request.word == word;
}

// A read, and an earlier one, answered before it was asked for, that told the same final status.
bool is_known_before(const History& history, const Request& read) {
  return std::ranges::any_of(history.requests, [&](const Request& earlier) {
    return is_read_as(earlier, read.word) && earlier.span.answered < read.span.asked;
  });
}

}  // namespace

bool says_nothing(const Request& request) { return request.answer == 0 || request.answer >= 500; }

Steps steps_of(const History& history) { return Reader(history).read(); }

std::string complaint_about(const History& history) {
  const Steps found = steps_of(history);
  if (!found.nonsense.empty()) return found.nonsense;
  return is_linearizable(found.model, found.steps) ? std::string() : "it is not linearizable";
}

std::string text_of(const History& history) {
  std::vector<Request> requests = history.requests;
  std::ranges::sort(requests, {}, [](const Request& request) { return request.span.asked; });
  if (requests.empty()) return {};
  const std::uint64_t begun = requests.front().span.asked;
  std::string text = "  the date passed: " + text_of(history.date, begun) + "\n";
  for (const Request& request : requests) text += "  " + text_of(request.span, begun) + ": " + text_of(request) + "\n";
  return text;
}

bool spoil(History& history, Spoil how, std::uint64_t choice) {
  std::vector<Request*> candidates;
  std::size_t switches = 0;
  for (Request& request : history.requests) {
    const bool is_final = is_read_as(request, "paid") || is_read_as(request, "canceled");
    const bool is_switch = request.ask == Ask::switch_off && request.answer == 200;
    if (is_switch) ++switches;
    if (how == Spoil::lost_switch ? is_switch : is_final && is_known_before(history, request))
      candidates.push_back(&request);
  }
  if (candidates.empty() || (how == Spoil::lost_switch && switches > 1)) return false;
  Request& victim = *candidates[choice % candidates.size()];
  if (how == Spoil::stale_read) victim.word = "open";
  if (how == Spoil::exchanged_answer) victim.word = victim.word == "paid" ? "canceled" : "paid";
  if (how == Spoil::lost_switch) {
    victim.answer = 400;
    victim.word = "invalid_status";
    // Without a reader afterwards it could be that the date had passed, or that it was paid.
    return std::ranges::any_of(history.requests,
                               [](const Request& request) { return is_read_as(request, "canceled"); });
  }
  return true;
}

}  // namespace paylink::linearizability
