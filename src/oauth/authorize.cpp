#include "oauth/authorize.hpp"

#include <algorithm>
#include <memory>
#include <variant>

#include "app/authorize.hpp"
#include "domain/redirect_uri.hpp"
#include "oauth/authorization_query.hpp"
#include "oauth/consent_page.hpp"
#include "session/cookies.hpp"
#include "session/forms.hpp"
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
struct Choose {
  std::string client;
  std::string email;
  std::vector<OrganizationChoice> choices;
};
struct Ask {
  ConsentPage page;
};
struct Dismiss {
  ConsentPage page;
};
using Outcome = std::variant<Problem, Lead, SignIn, Choose, Ask, Dismiss>;

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
    submission.token = session::field_of(form, "token", 200);
    // Whatever is not a clear yes is a no.
    if (session::field_of(form, "decision", 20) == "approve") submission.decision = Decision::approve;
    return submission;
  }

  Task<Result<Outcome>> show(Visit visit) {
    CO_TRY(found, co_await find(visit));
    if (const auto* outcome = std::get_if<Outcome>(&found)) co_return *outcome;
    auto& known = std::get<Known>(found);
    CO_TRY(signed_in, co_await app::recognize(visit.session, parts_.lane, parts_.clock));
    if (!signed_in) co_return Outcome(SignIn{});
    const auto look = [&](sql::Transaction& tx) { return app::next_step(known.request, signed_in->user, tx); };
    CO_TRY(step, co_await parts_.lane.read(sql::Tenant::everybody(), look));
    if (const auto* remembered = std::get_if<app::Remembered>(&step)) {
      known.request.organization = remembered->as.organization.id;
      auto outcome = co_await issue(std::move(known), signed_in->user);
      co_return outcome;
    }
    co_return outcome_of(step, known, visit, *signed_in);
  }

  Task<Result<Outcome>> submit(Submission submission) {
    Visit& visit = submission.visit;
    CO_TRY(found, co_await find(visit));
    if (const auto* outcome = std::get_if<Outcome>(&found)) co_return *outcome;
    auto& known = std::get<Known>(found);
    CO_TRY(signed_in, co_await app::recognize(visit.session, parts_.lane, parts_.clock));
    if (!signed_in) co_return Outcome(SignIn{});
    if (!known.request.organization) co_return bad_query();
    const std::string place = place_of(known.request, *known.request.organization);
    CO_CHECK(
        session::check_form_token(parts_.keys, {place, visit.session->hash}, submission.token, parts_.clock.now()));
    if (submission.decision == Decision::refuse)
      co_return Outcome(
          Lead{fault_address(known.answer, {"access_denied", "The request was refused by whoever was asked."})});
    auto outcome = co_await issue(std::move(known), signed_in->user);
    co_return outcome;
  }

  http::Response encode(const Outcome& outcome, const http::Request& request) const {
    const auto& language = parts_.site.language(request.field("Accept-Language").value_or(""));
    if (const auto* problem = std::get_if<Problem>(&outcome)) return problem_page(language, *problem);
    if (const auto* lead = std::get_if<Lead>(&outcome)) return leave(lead->address);
    if (const auto* choose = std::get_if<Choose>(&outcome))
      return choice_page(language, choose->client, choose->email, choose->choices);
    if (const auto* ask = std::get_if<Ask>(&outcome)) return consent_page(language, ask->page);
    if (const auto* dismiss = std::get_if<Dismiss>(&outcome)) return not_allowed_page(language, dismiss->page);
    return session::to_sign_in(request.target);
  }

  http::Response encode_error(const Error& error, const http::Request& request) const {
    const auto& language = parts_.site.language(request.field("Accept-Language").value_or(""));
    return error_page(language, error, error.reason == "bad_query" ? std::string() : std::string(request.target));
  }

 private:
  // 303, so that what was typed into our form is never sent on (RFC 9700, section 4.12).
  static http::Response leave(const std::string& address) {
    auto response = http::see_other(address);
    response.add_field("Cache-Control", "no-store").add_field("Referrer-Policy", "no-referrer");
    return response;
  }

  // Only what is known of a registered application leads back to it. Everything else is told to the person alone.
  Task<Result<std::variant<Known, Outcome>>> find(const Visit& visit) {
    using Found = std::variant<Known, Outcome>;
    const auto id = store::OauthClientId::parse(visit.query.find("client_id").value_or(""));
    if (!id) co_return Found(Outcome(Problem::unknown_client));
    const auto look = [id = *id](sql::Transaction& tx) { return store::OauthClients(tx).find(id); };
    CO_TRY(client, co_await parts_.lane.read(sql::Tenant::nobody(), look));
    if (!client) co_return Found(Outcome(Problem::unknown_client));
    const auto redirect_uri = visit.query.find("redirect_uri");
    const bool is_registered = redirect_uri && std::ranges::any_of(client->redirect_uris, [&](const std::string& uri) {
                                 return redirect_uri_matches(uri, *redirect_uri);
                               });
    if (!is_registered) co_return Found(Outcome(Problem::bad_redirect_uri));
    AuthorizationAnswer answer{*redirect_uri, visit.query.find("state"), parts_.issuer};
    auto request = read_authorization_query(visit.query, *std::move(client), *redirect_uri);
    if (const auto* fault = std::get_if<AuthorizationFault>(&request))
      co_return Found(Outcome(Lead{fault_address(answer, *fault)}));
    co_return Found(Known{std::get<app::AuthorizationRequest>(std::move(request)), std::move(answer)});
  }

  Task<Result<Outcome>> issue(Known known, UserId user) {
    const OrganizationId organization = *known.request.organization;
    const app::Approve command{std::move(known.request), user, parts_.code_life};
    const auto write = [&](sql::Transaction& tx) { return app::approve(command, parts_.keys, tx); };
    CO_TRY(code, co_await parts_.lane.write(organization, write));
    co_return Outcome(Lead{code_address(known.answer, code.reveal())});
  }

  Outcome outcome_of(const app::AuthorizationStep& step, const Known& known, const Visit& visit,
                     const app::SignedIn& signed_in) const {
    if (std::holds_alternative<app::NoOrganization>(step)) return Problem::no_organization;
    if (const auto* choose = std::get_if<app::ChooseOrganization>(&step)) {
      Choose choice{known.request.client.name, signed_in.email, {}};
      for (const auto& one : choose->organizations)
        choice.choices.push_back({one.organization.name, with_organization(visit, one.organization.id)});
      return choice;
    }
    ConsentPage page{.client = known.request.client.name,
                     .redirect_uri = known.request.redirect_uri,
                     .email = signed_in.email,
                     .organization = {},
                     .scopes = {},
                     .withheld = {},
                     .action = {},
                     .token = {}};
    const auto fill = [&](const store::UserOrganization& as) {
      page.organization = as.organization.name;
      page.action = with_organization(visit, as.organization.id);
      const std::string place = place_of(known.request, as.organization.id);
      page.token = session::make_form_token(parts_.keys, {place, visit.session->hash}, parts_.clock.now());
    };
    if (const auto* refused = std::get_if<app::NotAllowed>(&step)) {
      fill(refused->as);
      page.withheld = known.request.scopes;
      return Dismiss{std::move(page)};
    }
    const auto& ask = std::get<app::AskConsent>(step);
    fill(ask.as);
    page.scopes = ask.scopes;
    page.withheld = ask.withheld;
    page.is_again = ask.is_again;
    return Ask{std::move(page)};
  }

  // What a form is bound to: all that is said yes to, however a browser spells it in an address.
  static std::string place_of(const app::AuthorizationRequest& request, OrganizationId organization) {
    std::string place(path);
    for (const auto& part : {request.client.id.text(), organization.text(), request.redirect_uri, request.scopes.text(),
                             request.state, request.code_challenge.value_or("")})
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
