// Nobody finds a secret out by how long it takes to be refused. In CI a few thousand guesses of each class, which is
// enough for what a careless comparison leaks (the controls say so each time); `SAMPLES=1000000 make test T=timing` is
// the proof, in some minutes.

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "app/connections.hpp"
#include "app/oauth_tokens.hpp"
#include "app/sessions.hpp"
#include "app/sign_in.hpp"
#include "app/testing.hpp"
#include "checkout/form_token.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "leak.hpp"
#include "runtime/caller_cache.hpp"
#include "session/forms.hpp"
#include "store/api_keys.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PAYLINK_SANITIZED
#endif
#endif

namespace paylink::timing {
namespace {

using app::testing::now;
using store::testing::Database;

// Each check is tried on so many secrets, lest one of them be special to a decoder or a branch predictor.
constexpr std::size_t secrets = 64;
constexpr std::size_t samples_of_a_comparison = 30'000, samples_with_the_database = 4'000;
// A password takes 50 ms to check: few samples, which show whether it is checked at all, as it should be for an account
// that does not exist.
constexpr std::size_t passwords_to_a_sample = 1'000, passwords_min = 10;
constexpr std::size_t guessed_bytes = 6;

using Key = std::string;  // random bytes

Key new_key(std::size_t size, Random& random) {
  Key key(size, '\0');
  random.fill(std::as_writable_bytes(std::span(key)));
  return key;
}

// Other bytes at the beginning (behind the first `kept`), or at the end: enough that no two guesses are the same. In
// either case as many come before the secret, where keys are sorted, as after it.
Key guess_of(Key key, Guess guess, Random& random, std::size_t kept = 0) {
  const std::size_t place = guess == Guess::near ? key.size() - guessed_bytes : kept;
  const Key right = key.substr(place, guessed_bytes);
  const bool is_after = random.number() % 2 == 0;
  Key other = right;
  while (other == right || (other > right) != is_after) other = new_key(guessed_bytes, random);
  return key.replace(place, guessed_bytes, other);
}

// Makes tokens of bytes that are known beforehand.
class Given final : public Random {
 public:
  explicit Given(const Key& key) : key_(key) {}
  void fill(std::span<std::byte> bytes) override {
    ENSURE(bytes.size() == key_.size());
    std::ranges::copy(std::as_bytes(std::span(key_)), bytes.begin());
  }

 private:
  const Key& key_;
};

class Argon2 final : public app::Passwords {
 public:
  Task<Result<crypto::PasswordCheck>> check(Secret password, std::string hash, std::string) override {
    co_return crypto::check_password(password, hash);
  }
  Task<Result<std::string>> hash(Secret password, std::string) override { co_return crypto::hash_password(password); }
};

// An installation with some of everything that can be guessed.
struct World {
  World() {
    for (std::size_t i = 0; i < secrets; ++i) keys32.push_back(new_key(32, random));
    for (std::size_t i = 0; i < secrets; ++i) refresh32.push_back(new_key(32, random));
    client = add_client(store::ClientType::public_client);
    ENSURE(database.write([&](sql::Transaction& tx) -> Result<> {
      TRY(store::Members(tx).set_password_hash(shop.installation.user, *crypto::hash_password(Secret("right"))));
      for (const Key& key : keys32) TRY(add_credentials(key, tx));
      for (const Key& key : refresh32) TRY(add_token(store::TokenKind::refresh, hash_of(token(key)), tx));
      return {};
    }));
    for (const Key& key : keys32) {
      clients.push_back(add_client(store::ClientType::confidential));
      add_secret(clients.back(), key);
    }
  }

  const Key& one_of(const std::vector<Key>& all) { return all[random.number() % all.size()]; }
  std::string token(const Key& key) const {
    Given given(key);
    return crypto::make_token(shop.id, given).reveal();
  }
  static std::string client_secret(const Key& key) {
    Given given(key);
    return crypto::make_client_secret(given).reveal();
  }
  std::string session_word(const Key& key) const {
    const auto& user = shop.id.bytes();
    return crypto::to_base64url(std::string(user.begin(), user.end()) + key);
  }
  std::string hash_of(const std::string& secret) const { return shop.keys.hash_token(secret); }
  // Of letters that are all found as quickly in the alphabet of verifiers: looking at the guess alone is no leak.
  static std::string verifier(const Key& key) {
    std::string text;
    for (const char c : key) {
      const auto byte = static_cast<unsigned char>(c);
      text += {static_cast<char>('A' + byte / 16), static_cast<char>('A' + byte % 16)};
    }
    return text;
  }

  store::OauthClient add_client(store::ClientType type) {
    const auto id = store::OauthClientId::create(database.clock.now(), database.random);
    store::OauthClient made{id, "App", type, *Scopes::parse("offline_access payment_link.read"), {callback}, "test"};
    ENSURE(database.write([&](sql::Transaction& tx) { return store::OauthClients(tx).insert(made); }));
    return made;
  }
  void add_secret(const store::OauthClient& of, const Key& key) {
    const store::ClientSecret secret{of.id.uuid(), hash_of(client_secret(key)), "last", {}};
    ENSURE(database.write([&](sql::Transaction& tx) { return store::OauthClients(tx).insert_secret(of.id, secret); }));
  }

  Result<> add_token(store::TokenKind kind, const std::string& hash, sql::Transaction& tx) {
    store::OauthGrants grants(tx);
    const store::Grant grant{
        store::GrantId::create(tx.now(), random), shop.delegation_to(client.id), client.scopes, {}};
    TRY(grants.insert_grant(grant));
    return grants.insert_token(grant, {AccessTokenId::create(tx.now(), random), kind, hash, client.scopes, {}});
  }

  // One of each other kind whose secret is made of these bytes.
  Result<> add_credentials(const Key& key, sql::Transaction& tx) {
    const std::string hash = hash_of(token(key));
    TRY(store::ApiKeys(tx).insert({organization, ApiKeyId::create(tx.now(), random), "key", hash, "last",
                                   "payment_link.read", "test", std::nullopt}));
    TRY(add_token(store::TokenKind::access, hash, tx));
    TRY(store::OauthGrants(tx).insert_code(
        {store::GrantId::create(tx.now(), random), shop.delegation_to(client.id), client.scopes, callback,
         crypto::to_base64url(crypto::sha256(verifier(key))), tx.now() + one_hour},
        hash));
    const auto user = shop.installation.user;
    return store::Sessions(tx).insert({user, store::SessionId::create(tx.now(), random), tx.now(), tx.now(), tx.now(),
                                       tx.now() + one_hour, "browser"},
                                      hash_of(session_word(key)));
  }

  static constexpr std::chrono::hours one_hour{1};
  const std::string callback = "https://app.example/callback";
  SystemRandom random;
  Database database;
  app::testing::TestInstallation shop{database};
  const OrganizationId organization = shop.installation.organization.id;
  store::OauthClient client;
  std::vector<store::OauthClient> clients;  // each with the secret of the same place
  std::vector<Key> keys32, refresh32;
};

class Timing : public testing::Test {
 protected:
  static void SetUpTestSuite() {
#ifndef PAYLINK_SANITIZED
    world = std::make_unique<World>();
#endif
  }
  static void TearDownTestSuite() { world.reset(); }
  void SetUp() override {
    if (!world) GTEST_SKIP() << "A sanitizer's own work takes more time than what would be measured.";
  }

  static Verdict look(const std::string& name, std::size_t samples, const Check& check) {
    const char* const wanted = std::getenv("SAMPLES");
    if (wanted != nullptr) samples = static_cast<std::size_t>(std::atoll(wanted));
    return look_with(name, samples, check);
  }
  static Verdict look_with(const std::string& name, std::size_t samples, const Check& check) {
    const Verdict verdict = look_for_leak(check, samples, world->random);
    std::cout << text_of(name, samples, verdict) << std::endl;
    EXPECT_TRUE(verdict.is_valid) << name;
    return verdict;
  }
  static void expect_none(const std::string& name, const Check& check) {
    EXPECT_FALSE(look(name, samples_of_a_comparison, check).leaks) << name;
  }

  // The same for what looks into the database, all in one transaction, so that none begins or ends while it is
  // measured.
  struct CheckInStore {
    std::function<std::string(Guess)> guess;
    std::function<bool(const std::string&, sql::Transaction&)> accepts;
    std::string right;
  };
  static void expect_none_in(Database& database, const std::string& name, const CheckInStore& check) {
    ENSURE(database.write([&](sql::Transaction& tx) -> Result<> {
      const auto in_it = [&](const std::string& guessed) { return check.accepts(guessed, tx); };
      EXPECT_FALSE(look(name, samples_with_the_database, {check.guess, in_it, check.right}).leaks) << name;
      return {};
    }));
  }
  static void expect_none_in_store(const std::string& name, const CheckInStore& check) {
    expect_none_in(world->database, name, check);
  }

  // A token of bytes like those of one that is good.
  static std::string guessed_token(Guess guess) { return token_like(world->keys32, guess); }
  static std::string token_like(const std::vector<Key>& keys, Guess guess) {
    return world->token(guess_of(world->one_of(keys), guess, world->random));
  }
  // A word that is signed, its code (the last 32 bytes) changed at one end.
  static std::string guessed_code(const std::string& good, Guess guess) {
    std::string bytes = *crypto::from_base64url(good);
    char& changed = guess == Guess::near ? bytes.back() : bytes[bytes.size() - 32];
    changed = static_cast<char>(changed ^ static_cast<char>(1 + world->random.number() % 255));
    return crypto::to_base64url(bytes);
  }

  static std::unique_ptr<World> world;
};
std::unique_ptr<World> Timing::world;

bool is_issued(const Result<app::TokenReply>& reply) {
  return reply && !std::holds_alternative<app::TokenRefusal>(*reply);
}

bool equal_at_first_sight(std::string_view left, std::string_view right) {
  for (std::size_t i = 0; i < left.size(); ++i)
    if (left[i] != right[i]) return false;
  return true;
}

// The controls: what must be caught. CI's few samples see a loop of one's own, but not always what `==` gives away.
TEST_F(Timing, OfACarelessComparisonTellsTheSecret) {
  const Key key = new_key(64, world->random);
  const auto guess = [&](Guess kind) { return guess_of(key, kind, world->random); };
  EXPECT_TRUE(look_with("control: byte by byte, until one differs", samples_of_a_comparison,
                        {guess, [&](const std::string& guessed) { return equal_at_first_sight(guessed, key); }, key})
                  .leaks);
  if (std::getenv("SAMPLES") == nullptr) return;
  const std::string token = world->token(world->keys32[0]);
  const auto token_guess = [&](Guess kind) { return world->token(guess_of(world->keys32[0], kind, world->random)); };
  EXPECT_TRUE(look_with("control: a token by ==", samples_of_a_comparison,
                        {token_guess, [&](const std::string& guessed) { return guessed == token; }, token})
                  .leaks);
}

TEST_F(Timing, OfSecretsThatAreComparedTellsNothing) {
  const Key key = new_key(64, world->random);
  const Secret staging_token(key);
  expect_none("a secret as it is: the staging token",
              {[&](Guess kind) { return guess_of(key, kind, world->random); },
               [&](const std::string& guessed) { return staging_token.equals(guessed); }, key});
  runtime::CallerCache cache;
  const auto moment = std::chrono::steady_clock::now();
  for (const Key& known : world->keys32) cache.put("Bearer " + world->token(known), {}, moment);
  expect_none("a credential that was good a moment ago",
              {[&](Guess kind) { return "Bearer " + guessed_token(kind); },
               [&](const std::string& guessed) { return cache.find(guessed, moment) != nullptr; },
               "Bearer " + world->token(world->keys32[0])});
}

TEST_F(Timing, OfSignedWordsTellsNothing) {
  const crypto::KeyRing& keys = world->shop.keys;
  const Time time = world->database.clock.now();
  const Uuid link = Uuid::v4(world->random);
  const auto form_of_payment = [&] {
    return checkout::make_form_token(keys, world->organization, link, Uuid::v4(world->random), time);
  };
  expect_none("the form of a payment",
              {[&](Guess kind) { return guessed_code(form_of_payment(), kind); },
               [&](const std::string& guessed) {
                 return checkout::read_form_token(keys, world->organization, link, guessed, time).has_value();
               },
               form_of_payment()});
  const std::string session_hash = world->hash_of("a session");
  const session::FormPlace place{"/account/password", session_hash};
  const auto form_of_session = [&] {
    const std::chrono::microseconds later(world->random.number() % 1'000'000);
    return session::make_form_token(keys, place, time + later);
  };
  expect_none("the form of a session", {[&](Guess kind) { return guessed_code(form_of_session(), kind); },
                                        [&](const std::string& guessed) {
                                          return session::check_form_token(keys, place, guessed, time).has_value();
                                        },
                                        form_of_session()});
  const auto page_of_connection = [&] {
    app::Connection connection;
    connection.organization = world->organization;
    connection.id = ConnectionId(Uuid::v4(world->random));
    connection.status = ConnectionStatus::pending;
    return app::make_connection_word(connection, app::ConnectionUse::look, keys, time);
  };
  expect_none("the page of a connection",
              {[&](Guess kind) { return guessed_code(page_of_connection(), kind); },
               [&](const std::string& guessed) { return app::read_connection_word(guessed, keys, time).has_value(); },
               page_of_connection()});
}

TEST_F(Timing, OfCredentialsTellsNothing) {
  const auto is_known = [](const std::string& field, sql::Transaction& tx) {
    const auto presented = app::read_authorization(field, 1, world->shop.keys);
    return presented && app::find_identity(*presented, tx).has_value();
  };
  const std::string token = world->token(world->keys32[0]);
  expect_none_in_store("an API key",
                       {[](Guess kind) { return "shop:" + guessed_token(kind); }, is_known, "shop:" + token});
  expect_none_in_store("an access token",
                       {[](Guess kind) { return "Bearer " + guessed_token(kind); }, is_known, "Bearer " + token});
  expect_none_in_store(
      "a session",
      {[](Guess kind) { return world->session_word(guess_of(world->one_of(world->keys32), kind, world->random)); },
       [](const std::string& guessed, sql::Transaction& tx) {
         const auto presented = app::read_session_word(guessed, world->shop.keys);
         return presented && app::find_session(*presented, tx)->has_value();
       },
       world->session_word(world->keys32[0])});
}

TEST_F(Timing, OfWhatApplicationsPresentTellsNothing) {
  constexpr std::size_t id_size = 36;
  const auto client_secret = [](std::size_t i, const Key& key) {
    return world->clients[i].id.text() + World::client_secret(key);
  };
  expect_none_in_store("a client secret", {[&](Guess kind) {
                                             const std::size_t i = world->random.number() % secrets;
                                             return client_secret(i, guess_of(world->keys32[i], kind, world->random));
                                           },
                                           [](const std::string& guessed, sql::Transaction& tx) {
                                             return app::authenticate_client(
                                                        {guessed.substr(0, id_size), Secret(guessed.substr(id_size))},
                                                        world->shop.keys, tx)
                                                 .has_value();
                                           },
                                           client_secret(0, world->keys32[0])});
  const app::ClientCredentials who{world->client.id.text(), {}};
  expect_none_in_store("a refresh token", {[](Guess kind) { return token_like(world->refresh32, kind); },
                                           [&](const std::string& guessed, sql::Transaction& tx) {
                                             return is_issued(app::refresh_tokens(
                                                 {world->organization, who, guessed, {}}, world->shop.keys, tx));
                                           },
                                           world->token(world->refresh32[0])});
}

TEST_F(Timing, OfCodesTellsNothing) {
  const app::ClientCredentials who{world->client.id.text(), {}};
  const std::size_t code_size = world->token(world->keys32[0]).size();
  const auto redeem = [&](const std::string& both, sql::Transaction& tx) {
    const std::string code = both.substr(0, code_size), verifier = both.substr(code_size);
    return is_issued(
        app::redeem_code({world->organization, who, code, world->callback, verifier}, world->shop.keys, tx));
  };
  const auto good = [](const Key& key) { return world->token(key) + World::verifier(key); };
  const std::string verifier = World::verifier(world->keys32[0]);
  expect_none_in_store("an authorization code",
                       {[&](Guess kind) { return guessed_token(kind) + verifier; }, redeem, good(world->keys32[0])});
  // All but the one that has been used.
  const std::vector<Key> unused(world->keys32.begin() + 1, world->keys32.end());
  expect_none_in_store("the verifier of a code", {[&](Guess kind) {
                                                    const Key& key = world->one_of(unused);
                                                    return world->token(key) +
                                                           World::verifier(guess_of(key, kind, world->random));
                                                  },
                                                  redeem, good(unused[0])});
}

// Their addresses are secrets that are looked up as they are. An index takes a guess to its place among all addresses,
// and that may tell which of them are its neighbours; both classes have the same ones. How much more of one is right is
// what nobody may learn.
TEST_F(Timing, OfAddressesOfPagesTellsNothing) {
  app::testing::Shop shop;
  std::vector<Key> links, attempts;
  const auto organization = shop.organization.id;
  for (std::size_t i = 0; i < secrets; ++i) {
    const auto& id = store::testing::add_link(shop.database, organization).resource_id.bytes();
    links.emplace_back(id.begin(), id.end());
    const auto token = shop.begin(app::StartOver::yes).token;
    attempts.emplace_back(token.begin(), token.end());
  }
  const auto guess_like = [](const std::vector<Key>& keys) {
    return [&keys](Guess kind) { return guess_of(world->one_of(keys), kind, world->random, 2); };
  };
  expect_none_in(shop.database, "the page of a link",
                 {guess_like(links),
                  [&](const std::string& guessed, sql::Transaction& tx) {
                    std::array<std::uint8_t, 16> bytes{};
                    std::ranges::copy(guessed, bytes.begin());
                    return store::PaymentLinks(tx).find_by_resource(organization, Uuid(bytes)).has_value();
                  },
                  links[0]});
  expect_none_in(shop.database, "the page of a payment",
                 {guess_like(attempts),
                  [&](const std::string& guessed, sql::Transaction& tx) {
                    return store::Attempts(tx).find_by_token(organization, guessed).has_value();
                  },
                  attempts[0]});
}

// Near is an account that exists, far one that does not.
TEST_F(Timing, OfAWrongPasswordDoesNotTellWhetherThereIsSuchAnAccount) {
  class Hasty final : public app::Passwords {
   public:
    Task<Result<crypto::PasswordCheck>> check(Secret password, std::string hash, std::string) override {
      if (hash == crypto::nobodys_password_hash()) co_return crypto::PasswordCheck::wrong;
      co_return crypto::check_password(password, hash);
    }
    Task<Result<std::string>> hash(Secret password, std::string) override { co_return crypto::hash_password(password); }
  };
  app::testing::TestLane lane(world->database);
  Argon2 careful;
  Hasty hasty;
  int tries = 0;
  const auto check_with = [&](app::Passwords& passwords) {
    return Check{
        [](Guess kind) -> std::string { return kind == Guess::near ? "owner@example.com" : "other@example.com"; },
        [&](const std::string& email) {
          app::SignIn sign_in(lane, passwords, world->shop.keys);
          // From elsewhere each time: the eleventh from one place is refused without a look.
          app::Claim claim{email, Secret("wrong"), {{"network " + std::to_string(++tries), 1}}};
          const auto tried = now(sign_in.sign_in(std::move(claim), {"browser"}));
          return tried.has_value() || tried.error().reason != "wrong_password";
        },
        {},
        CLOCK_THREAD_CPUTIME_ID};
  };
  const char* const wanted = std::getenv("SAMPLES");
  const std::size_t all = wanted != nullptr ? static_cast<std::size_t>(std::atoll(wanted)) : 0;
  const std::size_t samples = std::max(passwords_min, all / passwords_to_a_sample);
  EXPECT_TRUE(look_with("control: no hashing for nobody", passwords_min, check_with(hasty)).leaks);
  EXPECT_FALSE(look_with("an account", samples, check_with(careful)).leaks);
}

}  // namespace
}  // namespace paylink::timing
