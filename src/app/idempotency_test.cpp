#include "app/idempotency.hpp"

#include <gtest/gtest.h>

#include "store/testing.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using store::testing::Database;

TEST(IdempotencyKey, IsSentOnceAsPrintableAscii) {
  struct Case {
    std::string name;
    std::optional<std::string> qonto, standard;
    std::size_t fields;
    std::optional<std::string> key;  // absent: refused
  };
  const Case cases[] = {
      {"Qonto's field", "k", {}, 1, "k"},
      {"the standard field", {}, "k", 1, "k"},
      {"a space within", {}, "a b", 1, "a b"},
      {"255 characters", {}, std::string(255, 'k'), 1, std::string(255, 'k')},
      {"256 characters", {}, std::string(256, 'k'), 1, {}},
      {"empty", {}, "", 1, {}},
      {"both fields", "k", "k", 2, "k"},
      {"both fields that differ", "k", "K", 2, {}},
      {"both fields, one of them twice", "k", {}, 3, {}},
      {"a field that came twice", {}, {}, 2, {}},
      {"beyond ASCII", {}, "kl\xC3\xADč", 1, {}},
      {"a control character", {}, "a\tb", 1, {}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto key = read_idempotency_key(c.qonto, c.standard, c.fields);
    ASSERT_EQ(key.has_value(), c.key.has_value());
    if (key)
      EXPECT_EQ(*key, c.key);
    else
      EXPECT_EQ(key.error().reason, "bad_request");
  }
  EXPECT_FALSE(read_idempotency_key({}, {}, 0)->has_value());
}

class IdempotencyTest : public testing::Test {
 protected:
  IdempotentRequest request(std::string_view body, Idempotency rule = Idempotency::strict) {
    return IdempotentRequest::create(caller, "POST /things", "key", "/things", body, rule);
  }
  void answer(const IdempotentRequest& request) {
    ASSERT_TRUE(database.write(request.organization,
                               [&](sql::Transaction& tx) { return store_answer(request, 201, "answer", tx); }));
  }
  // "new", "replayed" or why not.
  std::string find(const IdempotentRequest& request) {
    const auto found =
        database.write(request.organization, [&](sql::Transaction& tx) { return find_stored_answer(request, tx); });
    if (!found) return found.error().reason;
    if (!*found) return "new";
    EXPECT_EQ((*found)->status, 201);
    EXPECT_EQ((*found)->body, "answer");
    return "replayed";
  }

  Database database;
  Organization organization = store::testing::add_organization(database, "shop");
  Caller caller{organization.id, Uuid::v4(database.random), {}};
};

TEST_F(IdempotencyTest, BelongsToItsRequest) {
  EXPECT_EQ(find(request("a")), "new");
  answer(request("a"));
  EXPECT_EQ(find(request("a")), "replayed");
  EXPECT_EQ(find(request("b")), "idempotency_key_reused");
  EXPECT_EQ(find(IdempotentRequest::create(caller, "POST /things", "key", "/things/1", "a", Idempotency::strict)),
            "idempotency_key_reused");
}

TEST_F(IdempotencyTest, BelongsToItsOwnerAndRoute) {
  answer(request("a"));
  const auto other = [&](const Caller& who, std::string_view route, std::string_view key) {
    return find(IdempotentRequest::create(who, route, key, "/things", "a", Idempotency::strict));
  };
  EXPECT_EQ(other({organization.id, Uuid::v4(database.random), {}}, "POST /things", "key"), "new");
  EXPECT_EQ(other({store::testing::add_organization(database, "b").id, caller.principal, {}}, "POST /things", "key"),
            "new");
  EXPECT_EQ(other(caller, "POST /others", "key"), "new");
  EXPECT_EQ(other(caller, "POST /things", "another"), "new");
  EXPECT_EQ(other(caller, "POST /things", "key"), "replayed");
}

TEST_F(IdempotencyTest, LastsThirtyDays) {
  answer(request("a"));
  database.clock.advance(std::chrono::days(30) - 1s);
  EXPECT_EQ(find(request("a")), "replayed");
  database.clock.advance(1s);
  EXPECT_EQ(find(request("a")), "new");
  answer(request("b"));  // takes the place of the old one
  EXPECT_EQ(find(request("b")), "replayed");
}

TEST_F(IdempotencyTest, IsLaxWhenToldSo) {
  answer(request("a", Idempotency::lax));
  EXPECT_EQ(find(request("b", Idempotency::lax)), "replayed");
  const auto of_thing = [&](std::string_view path) {
    return IdempotentRequest::create(caller, "PATCH /things/{id}", "key", path, "a", Idempotency::lax);
  };
  answer(of_thing("/things/1"));
  EXPECT_EQ(find(of_thing("/things/1")), "replayed");
  EXPECT_EQ(find(of_thing("/things/2")), "new");
  database.clock.advance(30min);
  EXPECT_EQ(find(request("a", Idempotency::lax)), "new");
}

}  // namespace
}  // namespace paylink::app
