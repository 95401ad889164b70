#include "account/account_routes.hpp"

#include <variant>

#include "account/account_page.hpp"
#include "account/requests.hpp"
#include "session/forms.hpp"
#include "session/sign_in_way.hpp"

namespace paylink::account {
namespace {

using runtime::Access;
using runtime::Input;

constexpr std::string_view revoke_path = "/account/applications/revoke";
constexpr std::string_view everywhere_path = "/account/sign-out-everywhere";
constexpr std::size_t id_size = 36;

struct Seen {
  app::SignedIn signed_in;
  app::AccountView view;
  Visit visit;
};

Task<Result<Seen>> look_at_account(std::shared_ptr<const Account> account, Visit visit) {
  CO_TRY(signed_in, co_await app::require_session(visit.presented, account->lane, account->clock));
  const auto view_it = [&](sql::Transaction& tx) { return app::view_account(signed_in, tx); };
  CO_TRY(view, co_await account->lane.read(sql::Tenant::everybody(), view_it));
  co_return Seen{std::move(signed_in), std::move(view), std::move(visit)};
}

http::Response show(const Account& account, const Seen& seen, const http::Request& request) {
  const std::string& binding = seen.visit.presented->hash;
  Done done = Done::nothing;
  const std::string told = told_at(account, session::account_path, seen.visit, binding);
  if (told == "password_changed") done = Done::password_changed;
  if (told == "application_revoked") done = Done::application_revoked;
  return account_page(language_of(account, request),
                      {.frame = {seen.signed_in.email, token_for(account, "/sign-out", binding)},
                       .view = seen.view,
                       .here = seen.signed_in.session.id,
                       .revoke_token = token_for(account, revoke_path, binding),
                       .everywhere_token = token_for(account, everywhere_path, binding),
                       .done = done});
}

// Where to go on.
struct Revoked {
  std::string path;
};

Task<Result<Revoked>> revoke(std::shared_ptr<const Account> account, Submission submission) {
  CO_TRY(signed_in, co_await enter(*account, submission));
  const auto organization = OrganizationId::parse(session::field_of(submission.form, "organization", id_size));
  const auto client = store::OauthClientId::parse(session::field_of(submission.form, "client", id_size));
  if (!organization || !client) co_return session::form_expired();
  const app::RevokeApplication command{signed_in.user, *organization, *client};
  const auto revoke_it = [&](sql::Transaction& tx) { return app::revoke_application(command, tx); };
  CO_CHECK(co_await account->lane.write(*organization, revoke_it));
  co_return Revoked{tell_at(*account, session::account_path, "application_revoked", submission.presented->hash)};
}

Task<Result<std::monostate>> sign_out_everywhere(std::shared_ptr<const Account> account, Submission submission) {
  CO_TRY(signed_in, co_await enter(*account, submission));
  const auto end = [&](sql::Transaction& tx) { return app::end_all_sessions(signed_in.user, tx); };
  CO_CHECK(co_await account->lane.write(sql::Tenant::nobody(), end));
  co_return std::monostate();
}

}  // namespace

void add_account_routes(runtime::Routes& routes, const std::shared_ptr<const Account>& account) {
  const auto decode_submission = [account](const Input& input) { return read_submission(*account, input.request); };
  routes.flow(
      http::Method::get, session::account_path, Access::session(),
      [account](const Input& input) { return read_visit(*account, input.request); },
      [account](Visit visit) { return look_at_account(account, std::move(visit)); },
      [account](const Seen& seen, const http::Request& request) { return show(*account, seen, request); });
  routes.flow(
      http::Method::post, revoke_path, Access::session(), decode_submission,
      [account](Submission submission) { return revoke(account, std::move(submission)); },
      [](const Revoked& revoked, const http::Request&) { return http::see_other(revoked.path); });
  routes.flow(
      http::Method::post, everywhere_path, Access::session(), decode_submission,
      [account](Submission submission) { return sign_out_everywhere(account, std::move(submission)); },
      [account](const std::monostate&, const http::Request& request) {
        return show_signed_out(*account, "signed_out_everywhere", request);
      });
}

}  // namespace paylink::account
