#include "oauth/authorize.hpp"

#include <algorithm>
#include <memory>
#include <variant>

#include "app/authorize.hpp"
#include "crypto/encoding.hpp"
#include "domain/redirect_uri.hpp"
#include "oauth/authorization_query.hpp"
#include "oauth/consent_page.hpp"
#include "session/cookies.hpp"
#include "session/forms.hpp"
#include "session/fresh.hpp"
#include "session/sign_in_way.hpp"

namespace paylink::oauth {
namespace {

using runtime::Access;
using runtime::Input;

constexpr std::string_view path = "/oauth2/auth";

struct Visit {
  Parameters query;
  std::string target;  // path and query
  std::optional<app::PresentedSession> session;
};

enum class Decision : std::uint8_t { refuse, approve };

struct Submission {
  Visit visit;
  std::string token;
  Decision decision = Decision::refuse;
};

// What a request leads to.
struct Lead {
  std::string address;  // back to the application
};
struct SignIn {};
struct Confirm {};  // the password once more, and back to the page
struct Choose {
  ChoicePage page;
};
struct NoAccess {
  NoAccessPage page;
};
struct Ask {
  ConsentPage page;
};
struct Dismiss {
  ConsentPage page;
};
using Outcome = std::variant<Problem, Lead, SignIn, Confirm, NoAccess, Choose, Ask, Dismiss>;

// A request whose application is known, and where its answers go.
struct Known {
  app::AuthorizationRequest request;
  AuthorizationAnswer answer;
};

Failure bad_query() { return fail(ErrorCode::invalid_input, "bad_query", "The address is damaged."); }

class Handlers {
 public:
  explicit Handlers(Authorization parts) : parts_(std::move(parts)), cookies_(parts_.transport, parts_.keys) {}

  Result<Visit> decode(const Input& input) const {
    auto query = Parameters::parse(input.request.query);
    if (!query) return bad_query();
    return Visit{*std::move(query), std::string(input.request.target), cookies_.presented(input.request)};
  }

  Result<Submission> decode_form(const Input& input) const {
    Submission submission{TRY(decode(input)), {}, {}};
    TRY(session::refuse_from_elsewhere(input.request));
    const auto form = TRY(session::read_form(input.request));
    submission.token = session::field_of(form, "token", 2'000);
    // Whatever is not a clear yes is a no.
    if (session::field_of(form, "decision", 20) == "approve") submission.decision = Decision::approve;
    return submission;
  }

  Task<Result<Outcome>> show(Visit visit) {
    CO_TRY(found, co_await find(visit));
    if (const auto* problem = std::get_if<Problem>(&found)) co_return Outcome(*problem);
    CO_TRY(signed_in, co_await app::recognize(visit.session, parts_.lane, parts_.clock));
    if (!signed_in) co_return Outcome(SignIn{});
    if (const auto* lead = std::get_if<Lead>(&found)) co_return Outcome(*lead);
    auto& known = std::get<Known>(found);
    const auto look = [&](sql::Transaction& tx) { return app::next_step(known.request, signed_in->user, tx); };
    CO_TRY(step, co_await parts_.lane.read(sql::Tenant::everybody(), look));
    if (const auto* remembered = std::get_if<app::Remembered>(&step)) {
      known.request.organization = remembered->as.organization.id;
      auto outcome = co_await issue(std::move(known), signed_in->user, app::Asked::before);
      co_return outcome;
    }
    co_return outcome_of(step, known, visit, *signed_in);
  }

  Task<Result<Outcome>> submit(Submission submission) {
    Visit& visit = submission.visit;
    CO_TRY(found, co_await find(visit));
    if (const auto* problem = std::get_if<Problem>(&found)) co_return Outcome(*problem);
    CO_TRY(signed_in, co_await app::recognize(visit.session, parts_.lane, parts_.clock));
    if (!signed_in) co_return Outcome(SignIn{});
    if (const auto* lead = std::get_if<Lead>(&found)) co_return Outcome(*lead);
    auto& known = std::get<Known>(found);
    // Without having chosen an organization one can only refuse.
    if (!known.request.organization && submission.decision == Decision::approve) co_return bad_query();
    CO_TRY(shown, read_token(known.request, *visit.session, submission.token));
    known.request.scopes = shown;
    if (submission.decision == Decision::refuse)
      co_return Outcome(
          Lead{fault_address(known.answer, {"access_denied", "The request was refused by whoever was asked."})});
    // Tokens outlive the session by months: they are not for whoever finds the browser open.
    if (!session::is_fresh(*signed_in, parts_.clock.now())) co_return Outcome(Confirm{});
    auto outcome = co_await issue(std::move(known), signed_in->user, app::Asked::now);
    co_return outcome;
  }

  http::Response encode(const Outcome& outcome, const http::Request& request) const {
    const auto& language = parts_.site.language(request.field("Accept-Language").value_or(""));
    if (const auto* problem = std::get_if<Problem>(&outcome)) return problem_page(language, *problem);
    // 303, so that what was typed into our form is never sent on (RFC 9700, section 4.12).
    if (const auto* lead = std::get_if<Lead>(&outcome)) return http::see_other(lead->address);
    if (const auto* choose = std::get_if<Choose>(&outcome)) return choice_page(language, choose->page);
    if (const auto* no_access = std::get_if<NoAccess>(&outcome)) return no_access_page(language, no_access->page);
    if (const auto* ask = std::get_if<Ask>(&outcome)) return consent_page(language, ask->page);
    if (const auto* dismiss = std::get_if<Dismiss>(&outcome)) return not_allowed_page(language, dismiss->page);
    if (std::holds_alternative<Confirm>(outcome)) return session::to_confirm(request.target);
    return session::to_sign_in(request.target);
  }

  http::Response encode_error(const Error& error, const http::Request& request) const {
    const auto& language = parts_.site.language(request.field("Accept-Language").value_or(""));
    return error_page(language, error, error.reason == "bad_query" ? std::string() : std::string(request.target));
  }

 private:
  // Only what is known of a registered application leads back to it, and only whoever is signed in: nobody else is sent
  // on by us (RFC 9700, section 4.11.2). Everything else is told to the person alone.
  using Found = std::variant<Problem, Lead, Known>;

  Task<Result<Found>> find(const Visit& visit) {
    if (!visit.query.has("client_id")) co_return Found(Problem::no_client_id);
    const auto id = store::OauthClientId::parse(visit.query.find("client_id").value_or(""));
    if (!id) co_return Found(Problem::unknown_client);
    const auto look = [id = *id](sql::Transaction& tx) { return store::OauthClients(tx).find(id); };
    CO_TRY(client, co_await parts_.lane.read(sql::Tenant::nobody(), look));
    if (!client) co_return Found(Problem::unknown_client);
    if (!visit.query.has("redirect_uri")) co_return Found(Problem::no_redirect_uri);
    const auto redirect_uri = visit.query.find("redirect_uri");
    const bool is_registered = redirect_uri && std::ranges::any_of(client->redirect_uris, [&](const std::string& uri) {
                                 return redirect_uri_matches(uri, *redirect_uri);
                               });
    if (!is_registered) co_return Found(Problem::bad_redirect_uri);
    AuthorizationAnswer answer{*redirect_uri, visit.query.find("state"), parts_.issuer};
    auto request = read_authorization_query(visit.query, *std::move(client), *redirect_uri);
    if (const auto* fault = std::get_if<AuthorizationFault>(&request))
      co_return Found(Lead{fault_address(answer, *fault)});
    co_return Found(Known{std::get<app::AuthorizationRequest>(std::move(request)), std::move(answer)});
  }

  Task<Result<Outcome>> issue(Known known, UserId user, app::Asked asked) {
    const OrganizationId organization = *known.request.organization;
    const app::Approve command{std::move(known.request), user, asked, parts_.code_life};
    const auto write = [&](sql::Transaction& tx) { return app::approve(command, parts_.keys, tx); };
    CO_TRY(code, co_await parts_.lane.write(organization, write));
    co_return Outcome(Lead{code_address(known.answer, code.reveal())});
  }

  Outcome outcome_of(const app::AuthorizationStep& step, const Known& known, const Visit& visit,
                     const app::SignedIn& signed_in) const {
    if (std::holds_alternative<app::NoOrganization>(step))
      return NoAccess{{signed_in.email, known.request.organization.has_value()}};
    if (const auto* choose = std::get_if<app::ChooseOrganization>(&step)) {
      ChoicePage page{.client = known.request.client.name,
                      .redirect_uri = known.request.redirect_uri,
                      .email = signed_in.email,
                      .choices = {},
                      .action = visit.target,
                      .token = make_token(known.request, {}, *visit.session)};
      for (const auto& one : choose->organizations)
        page.choices.push_back({one.organization.name, with_organization(visit, one.organization.id)});
      return Choose{std::move(page)};
    }
    return ask_or_dismiss(step, known, visit, signed_in);
  }

  Outcome ask_or_dismiss(const app::AuthorizationStep& step, const Known& known, const Visit& visit,
                         const app::SignedIn& signed_in) const {
    ConsentPage page{.client = known.request.client.name,
                     .redirect_uri = known.request.redirect_uri,
                     .email = signed_in.email,
                     .organization = {},
                     .scopes = {},
                     .withheld = {},
                     .action = {},
                     .token = {}};
    const auto fill = [&](const store::UserOrganization& as, const Scopes& shown) {
      app::AuthorizationRequest request = known.request;
      request.organization = as.organization.id;
      page.organization = as.organization.name;
      page.action = with_organization(visit, as.organization.id);
      page.token = make_token(request, shown, *visit.session);
    };
    if (const auto* refused = std::get_if<app::NotAllowed>(&step)) {
      fill(refused->as, {});
      page.withheld = known.request.scopes;
      return Dismiss{std::move(page)};
    }
    const auto& ask = std::get<app::AskConsent>(step);
    fill(ask.as, ask.scopes);
    page.scopes = ask.scopes;
    page.withheld = ask.withheld;
    page.is_again = ask.is_again;
    return Ask{std::move(page)};
  }

  // Of a page that shows these scopes as what is said yes to.
  std::string make_token(const app::AuthorizationRequest& request, const Scopes& shown,
                         const app::PresentedSession& presented) const {
    return crypto::to_base64url(shown.text()) + "." +
           session::make_form_token(parts_.keys, {place_of(request, shown), presented.hash}, parts_.clock.now());
  }

  // What a form's page has shown as what is said yes to: nobody allows more, whatever his role has become since. Fails
  // as session::check_form_token does.
  Result<Scopes> read_token(const app::AuthorizationRequest& request, const app::PresentedSession& presented,
                            std::string_view token) const {
    const std::size_t point = std::min(token.find('.'), token.size());
    const auto text = crypto::from_base64url(token.substr(0, point));
    const Scopes shown = Scopes::parse(text.value_or("")).value_or(Scopes());
    const std::string place = place_of(request, shown);
    token.remove_prefix(std::min(point + 1, token.size()));
    TRY(session::check_form_token(parts_.keys, {place, presented.hash}, token, parts_.clock.now()));
    return shown;
  }

  // What a form is bound to: all that is said yes to, however a browser spells it in an address.
  static std::string place_of(const app::AuthorizationRequest& request, const Scopes& shown) {
    std::string place(path);
    const std::string organization = request.organization ? request.organization->text() : "";
    for (const auto& part : {request.client.id.text(), organization, request.redirect_uri, request.scopes.text(),
                             shown.text(), request.state, request.code_challenge.value_or("")})
      place += " " + http::percent_encode(part);
    return place;
  }

  // The same request for that organization.
  static std::string with_organization(const Visit& visit, OrganizationId organization) {
    if (visit.query.find("organization_id")) return visit.target;
    return visit.target + "&organization_id=" + organization.text();
  }

  Authorization parts_;
  session::Cookies cookies_;
};

}  // namespace

std::vector<runtime::Route> authorize_routes(Authorization parts) {
  const auto handlers = std::make_shared<Handlers>(std::move(parts));
  runtime::Routes routes(
      [handlers](const Error& error, const http::Request& request) { return handlers->encode_error(error, request); });
  const auto encode = [handlers](const Outcome& outcome, const http::Request& request) {
    return handlers->encode(outcome, request);
  };
  routes.flow(
      http::Method::get, path, Access::session(), [handlers](const Input& input) { return handlers->decode(input); },
      [handlers](Visit visit) { return handlers->show(std::move(visit)); }, encode);
  routes.flow(
      http::Method::post, path, Access::session(),
      [handlers](const Input& input) { return handlers->decode_form(input); },
      [handlers](Submission submission) { return handlers->submit(std::move(submission)); }, encode);
  return routes.take();
}

}  // namespace paylink::oauth
