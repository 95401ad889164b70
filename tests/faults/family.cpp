#include "family.hpp"

#include <algorithm>
#include <utility>

namespace paylink::faults {
namespace {

// 503, and nothing came of it, or that is not known.
Told told_unavailable(const Answer& answer) {
  return answer.body.find("not known") == std::string::npos ? Told::unavailable : Told::nothing;
}

Told told_by(const std::optional<Answer>& answer) {
  if (!answer) return Told::nothing;
  if (answer->status == 503) return told_unavailable(*answer);
  return answer->status == 200 ? Told::done : Told::refused;
}

// Enough of a secret to find it again in the clients' log.
std::string tail_of(const std::string& secret) {
  return secret.substr(secret.size() - std::min<std::size_t>(secret.size(), 7));
}

bool is_replay(Step step) { return step == Step::replay_code || step == Step::replay_refresh; }

std::string_view name_of(Step step) {
  switch (step) {
    case Step::redeem:
      return "redeem";
    case Step::renew:
      return "renew";
    case Step::revoke_access:
      return "revoke_access";
    case Step::revoke_refresh:
      return "revoke_refresh";
    case Step::replay_code:
      return "replay_code";
    case Step::replay_refresh:
      return "replay_refresh";
  }
  return "";
}

}  // namespace

std::string describe(const Family& family) {
  std::string text = tail_of(family.code) + " renewed " + std::to_string(family.used.size()) + ", revoked " +
                     std::to_string(family.revoked.size()) + (family.has_ended ? ", ended" : "");
  if (family.in_doubt) text.append(", unknown ").append(name_of(*family.in_doubt));
  return text;
}

Family Steward::begin(Client& client, const std::string& session, Told& told) const {
  Family family;
  const auto answer = application_.authorize(client, session);
  told = told_by(answer);
  if (told == Told::nothing || told == Told::unavailable) return family;
  family.code = code_in(*answer);
  ++family.acks;
  if (family.code.empty())
    violations_.add("I8", "who is signed in gets no code: " + std::to_string(answer->status) + " " + answer->head);
  return family;
}

bool Steward::is_possible(const Family& family, Step step) {
  switch (step) {
    case Step::redeem:
      return family.refresh.empty();
    case Step::replay_refresh:
      return !family.used.empty();
    case Step::revoke_access:
      return !family.access.empty();
    case Step::renew:
    case Step::revoke_refresh:
    case Step::replay_code:
      return !family.refresh.empty();
  }
  return false;
}

Told Steward::take(Client& client, Family& family, Step step) const {
  const bool is_again = family.in_doubt == step;
  const auto answer = send(client, family, step);
  const Told told = told_by(answer);
  if (told == Told::nothing) family.in_doubt = step;
  if (told == Told::nothing || told == Told::unavailable) return told;
  family.in_doubt.reset();
  ++family.acks;
  if (told == Told::done)
    note_done(family, step, *answer);
  else if (answer->body.find("\"invalid_grant\"") != std::string::npos)
    note_refused(family, step, is_again);
  else
    violate(family, step, "was answered with " + std::to_string(answer->status) + ": " + answer->body);
  return told;
}

void Steward::check_good(Client& client, const Family& family) const {
  if (family.has_ended || family.in_doubt) return;
  for (const auto& token : family.access) check(client, family, token, 200);
}

void Steward::check_ended(Client& client, const Family& family) const {
  for (const auto& token : family.revoked) check(client, family, token, 401);
  if (!family.has_ended) return;
  for (const auto& token : family.access) check(client, family, token, 401);
}

void Steward::check(Client& client, const Family& family, const std::string& token, int status) const {
  const auto answer = Application::use(client, token);
  if (!answer || answer->status == status || answer->status == 503) return;
  violations_.add("I8", "a token of family " + describe(family) + " that " + (status == 200 ? "is good" : "has ended") +
                            " gets " + std::to_string(answer->status));
}

std::optional<Answer> Steward::send(Client& client, const Family& family, Step step) const {
  switch (step) {
    case Step::redeem:
    case Step::replay_code:
      return application_.exchange(client, family.code);
    case Step::renew:
      return application_.refresh(client, family.refresh);
    case Step::replay_refresh:
      return application_.refresh(client, family.used.back());
    case Step::revoke_access:
      return application_.revoke(client, family.access.back());
    case Step::revoke_refresh:
      return application_.revoke(client, family.refresh);
  }
  return std::nullopt;
}

void Steward::note_done(Family& family, Step step, const Answer& answer) const {
  if (step == Step::revoke_access) {
    family.revoked.push_back(std::move(family.access.back()));
    family.access.pop_back();
    return;
  }
  if (step == Step::revoke_refresh) {
    family.has_ended = true;
    return;
  }
  if (is_replay(step)) violate(family, step, "gave tokens once more");
  if (family.has_ended) violate(family, step, "gave tokens although the family has ended");
  const auto access = json_text(answer.body, "access_token"), refresh = json_text(answer.body, "refresh_token");
  if (!access || !refresh) return violate(family, step, "was answered without tokens: " + answer.body);
  if (!family.refresh.empty()) family.used.push_back(family.refresh);
  family.refresh = *refresh;
  family.access.push_back(*access);
}

void Steward::note_refused(Family& family, Step step, bool is_again) const {
  // It had been done after all: presented again, it has ended whatever it led to.
  if (!is_replay(step) && !is_again && !family.has_ended)
    violate(family, step, "was refused, though it should be good");
  family.has_ended = true;
}

void Steward::violate(const Family& family, Step step, const std::string& sentence) const {
  violations_.add("I8", std::string(name_of(step)) + " of family " + describe(family) + " " + sentence);
}

}  // namespace paylink::faults
