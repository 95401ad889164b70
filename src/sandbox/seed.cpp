#include "sandbox/seed.hpp"

#include <charconv>
#include <cstring>

#include "base/ensure.hpp"
#include "crypto/encoding.hpp"
#include "crypto/hmac.hpp"
#include "crypto/password.hpp"
#include "crypto/token.hpp"
#include "json/writer.hpp"

namespace paylink::sandbox {
namespace {

constexpr std::string_view application_return = "http://127.0.0.1:8765/callback";
// At the host that the examples of the reference return to.
constexpr std::string_view examples_return = "https://shop.example.com/callback";

// A stream of bytes that follows from a key and a name: HMAC-SHA256 over a counter.
class Stream final : public Random {
 public:
  Stream(const Secret& key, std::string_view name) : key_(key), name_(name) {}

  void fill(std::span<std::byte> bytes) override {
    std::size_t filled = 0;
    while (filled < bytes.size()) {
      const std::string block = crypto::hmac_sha256(key_.reveal(), name_ + "|" + std::to_string(counter_++));
      const std::size_t part = std::min(block.size(), bytes.size() - filled);
      std::memcpy(bytes.data() + filled, block.data(), part);
      filled += part;
    }
  }

 private:
  const Secret& key_;
  std::string name_;
  std::uint64_t counter_ = 0;
};

}  // namespace

Seed Seed::create(Time now, Random& random) {
  const auto bytes = random.bytes<32>();
  return {Secret(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())), now};
}

std::string Seed::text() const {
  return crypto::to_base64url(secret.reveal()) + " " + std::to_string(to_microseconds(created_at)) + "\n";
}

Result<Seed> Seed::parse(std::string_view text) {
  const auto bad = fail(ErrorCode::internal, "bad_seed",
                        "The file `seed` of the data directory is damaged. Use another directory, or remove this one.");
  if (text.ends_with('\n')) text.remove_suffix(1);
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return bad;
  const auto secret = crypto::from_base64url(text.substr(0, space));
  const std::string_view digits = text.substr(space + 1);
  std::int64_t created = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), created);
  if (!secret || secret->size() != 32 || parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size())
    return bad;
  return Seed{Secret(*secret), from_microseconds(created)};
}

Secret master_key(const Seed& seed) { return Secret(crypto::hmac_sha256(seed.secret.reveal(), "master key")); }

ProviderApplication provider_application(const Seed& seed) {
  const auto word = [&](std::string_view name) {
    return crypto::to_base32(crypto::hmac_sha256(seed.secret.reveal(), name));
  };
  return {"app_" + word("provider application").substr(0, 20), Secret(word("provider application secret"))};
}

Credentials grow(const Seed& seed, Connected connected) {
  Stream stream(seed.secret, "credentials");
  const Time then = seed.created_at;
  const auto organization = OrganizationId::create(then, stream);
  const auto token = [&] { return crypto::make_token(organization.uuid(), stream); };
  const auto word = [&] {
    const auto bytes = stream.bytes<18>();
    return crypto::to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  };
  Credentials credentials;
  app::Installation& installation = credentials.installation;
  installation.organization = {organization, "acme-sandbox", "Acme Sandbox"};
  installation.bank_account = BankAccountId::create(then, stream);
  installation.iban = "FR7716798000010000000000103";
  installation.bic = "TRZOFR21XXX";
  installation.currency = "EUR";
  installation.user = UserId::create(then, stream);
  installation.membership = MembershipId::create(then, stream);
  installation.email = "owner@acme.example";
  credentials.password = Secret(word());
  installation.api_key = ApiKeyId::create(then, stream);
  installation.api_secret = token();
  app::SandboxAccess& access = credentials.access;
  access.client_id = Uuid::v7(then, stream);
  access.client_name = "Sandbox application";
  access.client_secret = Secret(word() + word());
  access.redirect_uris = {std::string(application_return), std::string(examples_return)};
  access.access_token_id = AccessTokenId::create(then, stream);
  access.access_token = token();
  access.refresh_token_id = AccessTokenId::create(then, stream);
  access.refresh_token = token();
  access.connection = ConnectionId::create(then, stream);
  credentials.staging_token = Secret(word());
  credentials.webhook_secret = Secret(word() + word());
  const Secret provider_key("test_" +
                            crypto::to_base32(crypto::hmac_sha256(seed.secret.reveal(), "provider key").substr(0, 20)));
  if (connected == Connected::yes) access.provider_key = provider_key;
  return credentials;
}

std::string ready_json(const Credentials& credentials, std::string_view base_url, std::string_view simulator_url,
                       int pid) {
  const app::Installation& installation = credentials.installation;
  std::string text;
  json::Writer json(text);
  json.begin_object();
  json.text("base_url", base_url).text("simulator_url", simulator_url);
  json.text("staging_token", credentials.staging_token.reveal());
  json.key("organization").begin_object();
  json.text("id", installation.organization.id.text()).text("slug", installation.organization.slug).end_object();
  json.text("bank_account_id", installation.bank_account.text());
  json.key("api_key").begin_object();
  json.text("login", installation.organization.slug).text("secret_key", installation.api_secret.reveal()).end_object();
  json.key("oauth_client").begin_object();
  json.text("client_id", credentials.access.client_id.text());
  json.text("client_secret", credentials.access.client_secret.reveal());
  json.text("redirect_uri", credentials.access.redirect_uris.front()).end_object();
  json.key("user").begin_object();
  json.text("email", installation.email).text("password", credentials.password.reveal()).end_object();
  json.text("access_token", credentials.access.access_token.reveal());
  json.text("refresh_token", credentials.access.refresh_token.reveal());
  json.text("webhook_secret", credentials.webhook_secret.reveal());
  json.integer("pid", pid);
  json.end_object();
  text += '\n';
  return text;
}

}  // namespace paylink::sandbox
