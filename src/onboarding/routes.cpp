#include "onboarding/routes.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <variant>

#include "onboarding/connect_page.hpp"
#include "session/forms.hpp"
#include "session/fresh.hpp"
#include "session/sign_in_way.hpp"

namespace paylink::onboarding {
namespace {

using runtime::Access;
using runtime::Input;

constexpr std::string_view pages_path = "/connect/";
constexpr std::size_t key_bytes_max = 256, code_bytes_max = 512, state_bytes_max = 128, id_bytes_max = 64;

// Somebody who has the address of a connection's page.
struct Visit {
  app::ConnectionWord word;
  std::optional<app::PresentedSession> presented;
  std::string page;   // its path
  std::string after;  // what the page is shown after: "decided", "refused"
};

// Somebody whom the provider has led back.
struct Landing {
  std::optional<app::PresentedSession> presented;
  app::ConnectReturn back;
};

struct Submission {
  Visit visit;
  http::Pairs form;
  std::string path;
};

// Somebody who may be here.
struct Seen {
  app::SignedIn signed_in;
  Visit visit;
  app::ConnectionView view;
  std::optional<KeyFault> fault{};
  std::optional<ProfileChoice> choice{};
};

// Where to go on.
struct DoneThere {
  std::string path;
};
// To the provider.
struct GoThere {
  app::SignedIn signed_in;
  Visit visit;
  std::string url;
};
using Reply = std::variant<DoneThere, Seen, GoThere>;

Failure not_fresh() {
  return fail(ErrorCode::unauthenticated, "not_fresh", "This needs a password typed within the last ten minutes.");
}

// The path of the page that a path of this folder belongs to: /connect/{word}.
std::string page_of(std::string_view path) { return std::string(path.substr(0, path.find('/', pages_path.size()))); }

// As it was copied: with what stood around it.
std::string trimmed(const std::string& text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
  const std::size_t end = text.find_last_not_of(blanks) + 1;
  return text.substr(begin, std::max(end, begin) - begin);
}

// What the form that confirms is bound to: that very proposal.
std::string confirm_place(const std::string& page, Time proposed_at) {
  return page + "/confirm " + std::to_string(to_microseconds(proposed_at));
}

class Handlers {
 public:
  explicit Handlers(Onboarding parts) : parts_(std::move(parts)) {}

  Result<Visit> decode(const Input& input) const {
    const auto word = app::read_connection_word(input.path.values[0], parts_.keys, parts_.clock.now());
    if (!word) return fail(ErrorCode::not_found, "not_found", "There is nothing at this address.");
    return Visit{*word, parts_.cookies.presented(input.request), page_of(input.request.path),
                 std::string(input.request.query)};
  }

  Result<Submission> decode_form(const Input& input) const {
    TRY(session::refuse_from_elsewhere(input.request));
    auto visit = TRY(decode(input));
    auto form = TRY(session::read_form(input.request));
    return Submission{std::move(visit), std::move(form), std::string(input.request.path)};
  }

  Result<Landing> decode_return(const Input& input) const {
    const auto pairs = http::parse_pairs(input.request.query);
    if (!pairs) return fail(ErrorCode::conflict, "outdated_authorization", "This is no answer of the provider's.");
    Landing landing{parts_.cookies.presented(input.request), {}};
    landing.back.state = session::field_of(*pairs, "state", state_bytes_max);
    landing.back.code = Secret(session::field_of(*pairs, "code", code_bytes_max));
    landing.back.error = session::field_of(*pairs, "error", id_bytes_max);
    return landing;
  }

  Task<Result<Reply>> show(Visit visit) {
    CO_TRY(signed_in, co_await enter(visit));
    auto seen = co_await see(std::move(signed_in), std::move(visit), std::nullopt);
    co_return seen;
  }

  Task<Result<Reply>> propose(Submission submission) {
    CO_TRY(signed_in, co_await enter(submission.visit));
    CO_CHECK(check_token(submission, submission.path));
    Secret key(trimmed(session::field_of(submission.form, "key", key_bytes_max)));
    std::optional<KeyFault> fault;
    if (key.reveal().empty()) {
      fault = KeyFault::missing;
    } else {
      auto proposed = co_await parts_.provider_keys.propose(visitor(submission.visit, signed_in), std::move(key));
      if (proposed) co_return Reply(DoneThere{submission.visit.page});
      fault = key_fault_of(proposed.error());
      if (!fault) co_return std::move(proposed).failure();
    }
    auto seen = co_await see(std::move(signed_in), std::move(submission.visit), fault);
    co_return seen;
  }

  Task<Result<Reply>> authorize(Submission submission) {
    CO_TRY(signed_in, co_await enter(submission.visit));
    CO_CHECK(check_token(submission, submission.path));
    CO_TRY(url, co_await parts_.connect_account->begin(visitor(submission.visit, signed_in)));
    co_return Reply(GoThere{std::move(signed_in), std::move(submission.visit), std::move(url)});
  }

  // Nothing is decided here, so the password may be older: what follows asks for it.
  Task<Result<Reply>> land(Landing landing) {
    CO_TRY(signed_in, co_await app::require_session(landing.presented, parts_.lane, parts_.clock));
    landing.back.user = signed_in.user;
    CO_TRY(page, co_await parts_.connect_account->finish(std::move(landing.back)));
    co_return Reply(DoneThere{std::string(pages_path) + page.word + (page.was_refused ? "?refused" : "")});
  }

  Task<Result<Reply>> choose(Submission submission) {
    CO_TRY(signed_in, co_await enter(submission.visit));
    CO_CHECK(check_token(submission, submission.path));
    auto profile = session::field_of(submission.form, "profile", id_bytes_max);
    auto mode = session::field_of(submission.form, "mode", id_bytes_max);
    const auto who = visitor(submission.visit, signed_in);
    auto chosen = co_await parts_.connect_account->choose(who, std::move(profile), std::move(mode));
    if (chosen) co_return Reply(DoneThere{submission.visit.page});
    const auto fault = key_fault_of(chosen.error());
    if (!fault) co_return std::move(chosen).failure();
    auto seen = co_await see(std::move(signed_in), std::move(submission.visit), fault);
    co_return seen;
  }

  Task<Result<Reply>> confirm(Submission submission) {
    CO_TRY(signed_in, co_await enter(submission.visit));
    std::int64_t moment = 0;
    const std::string text = session::field_of(submission.form, "proposal", 20);
    std::from_chars(text.data(), text.data() + text.size(), moment);
    const Time proposed_at = from_microseconds(moment);
    CO_CHECK(check_token(submission, confirm_place(submission.visit.page, proposed_at)));
    CO_CHECK(co_await parts_.provider_keys.confirm(visitor(submission.visit, signed_in), proposed_at));
    co_return Reply(DoneThere{submission.visit.page + "?decided"});
  }

  Task<Result<Reply>> discard(Submission submission) {
    CO_TRY(signed_in, co_await enter(submission.visit));
    CO_CHECK(check_token(submission, submission.path));
    CO_CHECK(co_await parts_.provider_keys.discard(visitor(submission.visit, signed_in)));
    co_return Reply(DoneThere{submission.visit.page});
  }

  Task<Result<Reply>> disconnect(Submission submission) {
    CO_TRY(signed_in, co_await enter(submission.visit));
    CO_CHECK(check_token(submission, submission.path));
    CO_CHECK(co_await parts_.provider_keys.disconnect(visitor(submission.visit, signed_in)));
    co_return Reply(DoneThere{submission.visit.page + "?decided"});
  }

  http::Response encode(const Reply& reply, const http::Request& request) const {
    if (const auto* done = std::get_if<DoneThere>(&reply)) return http::see_other(done->path);
    if (const auto* go = std::get_if<GoThere>(&reply))
      return leaving_page(language_of(request), {go->signed_in.email, token(go->visit, "/sign-out")}, go->url);
    const auto& seen = std::get<Seen>(reply);
    const Visit& visit = seen.visit;
    const std::string& page = visit.page;
    ConnectPage shown{.frame = {seen.signed_in.email, token(visit, "/sign-out")},
                      .view = seen.view,
                      .forms = {page,
                                token(visit, page + "/key"),
                                {},
                                token(visit, page + "/discard"),
                                token(visit, page + "/disconnect"),
                                token(visit, page + "/authorize"),
                                token(visit, page + "/profile")},
                      .fault = seen.fault,
                      .offers_authorization = parts_.connect_account != nullptr,
                      .choice = seen.choice,
                      .came_back = visit.after == "refused" ? Return::refused : Return::none,
                      .just_decided = visit.after == "decided" && !seen.view.can_decide};
    shown.proposal = app::proposal_of(shown.view, parts_.clock.now());
    if (shown.proposal != nullptr) shown.forms.confirm_token = token(visit, confirm_place(page, shown.proposal->at));
    return connect_page(language_of(request), shown);
  }

  http::Response encode_error(const Error& error, const http::Request& request) const {
    // Back from the provider there is no page yet to lead to; who has been signed out meanwhile comes here again.
    const bool is_return = request.path == return_path;
    const std::string page = is_return ? std::string(request.target) : page_of(request.path);
    if (error.reason == "signed_out") return session::to_sign_in(page);
    if (error.reason == "not_fresh") return session::to_confirm(page);
    const bool leads_back = !is_return && error.code != ErrorCode::not_found && error.reason != "not_administrator";
    return notice_page(language_of(request), error, leads_back ? page : std::string());
  }

 private:
  std::string token(const Visit& visit, std::string_view place) const {
    return session::make_form_token(parts_.keys, {place, visit.presented->hash}, parts_.clock.now());
  }

  static app::ConnectionVisitor visitor(const Visit& visit, const app::SignedIn& signed_in) {
    return {visit.word, signed_in.user};
  }

  const pages::Language& language_of(const http::Request& request) const {
    return parts_.site.language(request.field("Accept-Language").value_or(""));
  }

  // Who is signed in there, and has shown lately that it is him.
  Task<Result<app::SignedIn>> enter(const Visit& visit) {
    CO_TRY(signed_in, co_await app::require_session(visit.presented, parts_.lane, parts_.clock));
    if (!session::is_fresh(signed_in, parts_.clock.now())) co_return not_fresh();
    co_return std::move(signed_in);
  }

  Result<> check_token(const Submission& submission, std::string_view place) const {
    const std::string token = session::field_of(submission.form, "token", session::form_token_max);
    return session::check_form_token(parts_.keys, {place, submission.visit.presented->hash}, token, parts_.clock.now());
  }

  Task<Result<Reply>> see(app::SignedIn signed_in, Visit visit, std::optional<KeyFault> fault) {
    const auto who = visitor(visit, signed_in);
    const auto look = [&](sql::Transaction& tx) { return app::visit_connection(who, tx); };
    CO_TRY(view, co_await parts_.lane.read(visit.word.organization, look));
    CO_TRY(choice, read_choice(view));
    co_return Reply(Seen{std::move(signed_in), std::move(visit), std::move(view), fault, std::move(choice)});
  }

  Result<std::optional<ProfileChoice>> read_choice(const app::ConnectionView& view) const {
    const auto* given = parts_.connect_account != nullptr ? app::choice_of(view, parts_.clock.now()) : nullptr;
    if (given == nullptr) return std::optional<ProfileChoice>();
    auto profiles = TRY(app::read_profiles(given->profiles));
    return std::optional<ProfileChoice>({given->account_name, given->is_account_complete, std::move(profiles)});
  }

  Onboarding parts_;
};

}  // namespace

std::vector<runtime::Route> routes(Onboarding onboarding) {
  const bool offers_authorization = onboarding.connect_account != nullptr;
  const auto handlers = std::make_shared<Handlers>(std::move(onboarding));
  runtime::Routes routes(
      [handlers](const Error& error, const http::Request& request) { return handlers->encode_error(error, request); });
  const auto decode_form = [handlers](const Input& input) { return handlers->decode_form(input); };
  const auto encode = [handlers](const Reply& reply, const http::Request& request) {
    return handlers->encode(reply, request);
  };
  const auto form = [&](std::string_view pattern, Task<Result<Reply>> (Handlers::*run)(Submission)) {
    routes.flow(
        http::Method::post, pattern, Access::session(), decode_form,
        [handlers, run](Submission submission) { return (handlers.get()->*run)(std::move(submission)); }, encode);
  };
  routes.flow(
      http::Method::get, "/connect/{word}", Access::session(),
      [handlers](const Input& input) { return handlers->decode(input); },
      [handlers](Visit visit) { return handlers->show(std::move(visit)); }, encode);
  form("/connect/{word}/key", &Handlers::propose);
  if (offers_authorization) {
    form("/connect/{word}/authorize", &Handlers::authorize);
    form("/connect/{word}/profile", &Handlers::choose);
    routes.flow(
        http::Method::get, return_path, Access::session(),
        [handlers](const Input& input) { return handlers->decode_return(input); },
        [handlers](Landing landing) { return handlers->land(std::move(landing)); }, encode);
  }
  form("/connect/{word}/confirm", &Handlers::confirm);
  form("/connect/{word}/discard", &Handlers::discard);
  form("/connect/{word}/disconnect", &Handlers::disconnect);
  return routes.take();
}

}  // namespace paylink::onboarding
