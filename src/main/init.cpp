
#include <iostream>

#include "app/install.hpp"
#include "app/master_key.hpp"
#include "crypto/token.hpp"
#include "domain/email.hpp"
#include "json/writer.hpp"
#include "main/commands.hpp"
#include "main/data_dir.hpp"
#include "main/database.hpp"
#include "main/keys.hpp"
#include "main/new_password.hpp"

namespace paylink::main {
namespace {

Failure bad_flag(std::string message) { return fail(ErrorCode::invalid_input, "bad_setting", std::move(message)); }

Failure already_exists(const std::string& data_dir) {
  return fail(ErrorCode::conflict, "already_exists",
              "The database of " + data_dir +
                  " holds an organization already, which stays as it is. Lost its password or key? "
                  "`paylink users reset-password` and `paylink keys create` make new ones.");
}

// What was said of the organization, as it is stored.
Result<app::OrganizationWords> check(const InitOptions& options) {
  if (options.settings.data_dir.empty())
    return bad_flag("Say where the data is to be: --data-dir /var/lib/paylink or PAYLINK_DATA_DIR.");
  if (options.settings.key_file.empty())
    return bad_flag("Say where the master key is to be, outside the data directory: --key-file /etc/paylink/key");
  if (!is_email(options.email)) return bad_flag("--email must be the owner's e-mail address.");
  auto words = app::check_organization(options.organization);
  if (!words) return bad_flag(words.error().message);
  return words;
}

std::string summary(const app::Installation& installation, const Secret& password) {
  std::string text;
  json::Writer json(text);
  json.begin_object();
  json.key("organization").begin_object();
  json.text("id", installation.organization.id.text()).text("slug", installation.organization.slug).end_object();
  json.text("bank_account_id", installation.bank_account.text());
  json.key("api_key").begin_object();
  json.text("login", installation.organization.slug).text("secret_key", installation.api_secret.reveal()).end_object();
  json.key("user").begin_object();
  json.text("email", installation.email).text("password", password.reveal()).end_object();
  json.end_object();
  return text + "\n";
}

}  // namespace

Result<int> init(const InitOptions& options) {
  const auto words = TRY(check(options));
  SystemClock clock;
  SystemRandom random;
  TRY(check_key_place(options.settings.key_file, options.settings.data_dir));
  auto data_dir = TRY(DataDir::open(options.settings.data_dir));
  auto database =
      TRY(Database::open(options.settings, *data_dir, {.installation = Installation::may_be_new}, clock, random));
  // Before a key is made, which would belong to nothing.
  const auto refuse_second = [&](sql::Transaction& tx) -> Result<> {
    return TRY(app::has_organization(tx)) ? already_exists(options.settings.data_dir) : Result<>();
  };
  TRY(database->write(sql::Tenant::everybody(), refuse_second));
  const auto keys = TRY(ensure_key_file(options.settings.key_file, options.settings.data_dir, random));
  const Time now = clock.now();
  const auto organization = OrganizationId::create(now, random);
  auto password = TRY(NewPassword::create(random));
  const app::Installation installation{.organization = {organization, words.slug, words.name},
                                       .bank_account = BankAccountId::create(now, random),
                                       .iban = words.iban,
                                       .bic = words.bic,
                                       .currency = words.currency,
                                       .user = UserId::create(now, random),
                                       .membership = MembershipId::create(now, random),
                                       .email = options.email,
                                       .password_hash = std::move(password.hash),
                                       .api_key = ApiKeyId::create(now, random),
                                       .api_secret = crypto::make_token(organization.uuid(), random)};
  auto installed = database->write(sql::Tenant::everybody(), [&](sql::Transaction& tx) -> Result<> {
    TRY(app::install(installation, keys, tx));
    return app::check_master_key(keys, tx);
  });
  if (!installed && installed.error().code == ErrorCode::conflict) return already_exists(options.settings.data_dir);
  if (!installed) return std::move(installed).failure();
  std::cout << summary(installation, password.text) << std::flush;
  std::cerr << "Keep this: the secret key and the password are shown only now.\n";
  return 0;
}

}  // namespace paylink::main
