#include "runtime/dispatcher.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "app/testing.hpp"
#include "store/organizations.hpp"
#include "store/settings.hpp"

namespace paylink::runtime {
namespace {

using app::testing::TestLane;
using store::testing::Database;

// An exchange without a network: the request as the server would have read it.
class TestExchange final : public http::Exchange {
 public:
  const http::Request& request() const override { return request_; }
  bool has_room() noexcept override { return lacks_room-- <= 0; }
  void respond(http::Response response) noexcept override {
    EXPECT_FALSE(answer.has_value()) << "answered twice";
    answer = std::move(response);
  }
  void respond_on_loop(std::function<http::Response()> make) noexcept override { respond(make()); }
  void continue_on_loop(std::function<void()> step) noexcept override { step(); }

  http::Request request_;
  std::optional<http::Response> answer;
  int lacks_room = 0;  // so often
};

struct Nothing {};

struct OfOrganization {
  OrganizationId organization;
};

http::Response encode_error(const Error& error, const http::Request&) {
  const int status = error.code == ErrorCode::internal          ? 500
                     : error.code == ErrorCode::unauthenticated ? 401
                     : error.code == ErrorCode::forbidden       ? 403
                     : error.code == ErrorCode::not_found       ? 404
                     : error.code == ErrorCode::rate_limited    ? 429
                                                                : 400;
  return {status, "text/plain", error.reason, {}};
}

http::Response ok(const Nothing&, const http::Request&) { return {200, "text/plain", "ok", {}}; }
Result<Nothing> decode(const Input&) { return Nothing{}; }
Result<Nothing> execute(const Nothing&, sql::Transaction&) { return Nothing{}; }
Result<OfOrganization> decode_organization(const Input& input) {
  const auto organization = OrganizationId::parse(input.path.values[0]);
  if (!organization) return fail(ErrorCode::not_found, "not_found", {});
  return OfOrganization{*organization};
}
Result<Nothing> execute_of(const OfOrganization& command, sql::Transaction& tx) {
  TRY(store::Organizations(tx).find(command.organization));
  return Nothing{};
}
Result<Nothing> execute_known(const Nothing&, const app::Caller& caller, sql::Transaction&) {
  EXPECT_FALSE(caller.nobody());
  return Nothing{};
}
template <class T>
T throws() {
  throw std::runtime_error("a bug");
}
Task<Result<Nothing>> flow(Nothing) { co_return Nothing{}; }

// Does one thing, in its last transaction, and says how often it has been done.
struct CountingFlow {
  struct Reply {
    std::int64_t count;
  };
  enum class End : std::uint8_t { kept, not_kept, fails, throws };

  Task<Result<Reply>> operator()(Nothing, app::Caller caller, app::KeepReply<Reply> keep) const {
    EXPECT_FALSE(caller.nobody());
    const auto last_step = [&](sql::Transaction& tx) -> Result<Reply> {
      store::Settings settings(tx);
      const auto known = TRY(settings.find("count"));
      const Reply reply{known ? std::stoll(*known) + 1 : 1};
      TRY(settings.put("count", std::to_string(reply.count)));
      if (*end == End::kept) TRY(keep(reply, tx));
      return reply;
    };
    auto done = co_await lane->write(caller.organization, last_step);
    if (*end == End::fails) co_return fail(ErrorCode::invalid_input, "refused", {});
    if (*end == End::throws) co_return throws_reply();
    co_return done;
  }
  static Reply throws_reply() { throw std::runtime_error("a bug"); }

  app::Lane* lane;
  const End* end;
};
http::Response show_count(const CountingFlow::Reply& reply, const http::Request&) {
  return {201, "application/json", std::to_string(reply.count), {}};
}

Task<Result<Nothing>> flow_throws(Nothing) { co_return throws<Nothing>(); }

class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest() {
    Routes routes(encode_error);
    using http::Method;
    routes.read(Method::get, "/open", Access::open(), decode, execute, ok);
    routes.write(Method::post, "/open", Access::open(), decode, execute, ok);
    routes.read(Method::get, "/of/{organization}", Access::open(), decode_organization, execute_of, ok);
    routes.slow_read(Method::get, "/list", Access::open(), decode, execute, ok);
    routes.read(Method::get, "/links", Access::scope(app::Scope::payment_link_read), decode, execute_known, ok);
    routes.read(
        Method::get, "/decode", Access::open(), [](const Input&) { return throws<Result<Nothing>>(); }, execute, ok);
    routes.read(
        Method::get, "/execute", Access::open(), decode,
        [](const Nothing&, sql::Transaction&) { return throws<Result<Nothing>>(); }, ok);
    const auto broken_encode = [](const Nothing&, const http::Request&) { return throws<http::Response>(); };
    routes.write(Method::get, "/encode", Access::open(), decode, execute, broken_encode);
    routes.read(
        Method::get, "/known/decode", Access::scope(app::Scope::payment_link_read),
        [](const Input&) { return throws<Result<Nothing>>(); }, execute_known, ok);
    routes.flow(Method::get, "/flow", Access::open(), decode, flow, ok);
    routes.flow(Method::get, "/flow/run", Access::open(), decode, flow_throws, ok);
    routes.flow(Method::get, "/flow/encode", Access::open(), decode, flow, broken_encode);
    routes.flow(Method::post, "/counts/{id}", Access::scope(app::Scope::payment_link_write), decode,
                CountingFlow{&lane, &end}, show_count);
    routes.plain(Method::get, "/plain", [](const Input&) { return throws<Result<http::Response>>(); });
    DispatcherOptions options;
    options.encode_error = encode_error;
    options.limiter = &limiter;
    options.watchers_paths = {"/watched"};
    dispatcher.emplace(std::move(options), routes.take(), lane, shop.keys, database.clock);
  }

  http::Response ask(http::Method method, std::string_view path, std::optional<std::string_view> authorization = {},
                     std::optional<std::string_view> idempotency_key = {}, std::string_view body = {},
                     int lacks_room = 0) {
    TestExchange exchange;
    exchange.lacks_room = lacks_room;
    exchange.request_.method = method;
    exchange.request_.target = path;
    exchange.request_.path = path.substr(0, path.find('?'));
    if (authorization) exchange.request_.fields.push_back({"Authorization", *authorization});
    if (idempotency_key) exchange.request_.fields.push_back({"Idempotency-Key", *idempotency_key});
    exchange.request_.body = body;
    dispatcher->handle(exchange);
    dispatcher->settled();
    EXPECT_TRUE(exchange.answer.has_value()) << "not answered";
    return exchange.answer.value_or(http::Response{});
  }

  http::Response count(std::optional<std::string_view> idempotency_key, std::string_view body = "{}") {
    return ask(http::Method::post, "/counts/1?a=b", key, idempotency_key, body);
  }
  int resume() {
    int resumed = -1;
    start(
        dispatcher->resume_flows(10), [&](Result<int> found) { resumed = found.has_value() ? *found : -1; },
        [](std::exception_ptr) {});
    return resumed;
  }

  Database database;
  TestLane lane{database};
  CountingFlow::End end = CountingFlow::End::kept;
  ClientLimiter limiter{{.unauthorized_per_hour = 5}, http::Loopback::limited, 1};
  app::testing::TestInstallation shop{database};
  const std::string key = shop.api_key();
  std::optional<Dispatcher> dispatcher;
};

TEST_F(DispatcherTest, FindsTheRoute) {
  EXPECT_EQ(ask(http::Method::get, "/open").status, 200);
  EXPECT_EQ(ask(http::Method::post, "/open").status, 200);
  EXPECT_EQ(ask(http::Method::get, "/flow").status, 200);
  EXPECT_EQ(ask(http::Method::get, "/absent").status, 404);
  const auto refused = ask(http::Method::del, "/open");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.fields, "Allow: GET, HEAD, POST\r\n");
}

// By which bulk that nobody waits for gives way, or does not.
TEST_F(DispatcherTest, KnowsWhetherAnybodyIsThere) {
  EXPECT_FALSE(dispatcher->was_asked_lately());
  ask(http::Method::get, "/watched");  // there is nothing, but that is not what counts
  EXPECT_FALSE(dispatcher->was_asked_lately());
  ask(http::Method::get, "/open");
  EXPECT_TRUE(dispatcher->was_asked_lately());
  std::this_thread::sleep_for(std::chrono::milliseconds(1'100));
  EXPECT_FALSE(dispatcher->was_asked_lately());
  ask(http::Method::get, "/absent");
  EXPECT_TRUE(dispatcher->was_asked_lately());
}

TEST_F(DispatcherTest, SaysWhoseRowsEachWorkMaySee) {
  const auto us = sql::Tenant::organization(shop.id), nobody = sql::Tenant::nobody();
  struct Case {
    const char* name;
    std::string path;
    std::optional<std::string_view> authorization;
    std::vector<sql::Tenant> tenants;
  };
  const Case cases[] = {
      {"nobody calls", "/open", {}, {nobody}},
      {"nobody calls, about an organization", "/of/" + shop.id.text(), {}, {us}},
      {"somebody calls, who is looked up first", "/links", key, {us, us}},
      {"somebody calls who is remembered", "/links", key, {us}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    lane.tenants.clear();
    EXPECT_EQ(ask(http::Method::get, c.path, c.authorization).status, 200);
    EXPECT_EQ(lane.tenants, c.tenants);
  }
}

// Found to be missing before the work began, room may be made on the event loop.
TEST_F(DispatcherTest, MakesALargeAnswerOnlyWhereThereIsRoom) {
  const auto list = [&](int lacks_room) { return ask(http::Method::get, "/list", {}, {}, {}, lacks_room); };
  EXPECT_EQ(list(0).status, 200);
  EXPECT_EQ(list(1).status, 200);
  EXPECT_EQ(list(2).body, "no_room");
  EXPECT_EQ(list(100).body, "no_room");
  EXPECT_EQ(ask(http::Method::get, "/open", {}, {}, {}, 100).status, 200);
}

TEST_F(DispatcherTest, LetsInOnlyWhoMayCall) {
  EXPECT_EQ(ask(http::Method::get, "/links").body, "authorization_header_missing");
  EXPECT_EQ(ask(http::Method::get, "/links", "shop:wrong").status, 401);
  EXPECT_EQ(ask(http::Method::get, "/links", key).status, 200);
  EXPECT_EQ(ask(http::Method::get, "/links", key).status, 200);  // remembered
  ASSERT_TRUE(database.execute_script("UPDATE api_keys SET scopes = 'payment_link.write'"));
  std::this_thread::sleep_for(std::chrono::milliseconds(600));  // no longer remembered
  EXPECT_EQ(ask(http::Method::get, "/links", key).status, 403);
  ASSERT_TRUE(database.execute_script("UPDATE api_keys SET revoked_at = 1"));
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  EXPECT_EQ(ask(http::Method::get, "/links", key).status, 401);
}

// A bug anywhere on the way is answered, as our fault and without a word of what it was.
// Every event loop has a thread of its own.
TEST_F(DispatcherTest, KnowsGoodCredentialsOnEveryLoop) {
  const auto on_another_loop = [&](std::string_view authorization) {
    int status = 0;
    std::thread([&] { status = ask(http::Method::get, "/links", authorization).status; }).join();
    return status;
  };
  EXPECT_EQ(ask(http::Method::get, "/links", key).status, 200);
  // No answers of 401 are left, nor lookups of what nobody knows.
  const std::string wrong = "shop:" + crypto::make_token(shop.id, database.random).reveal();
  for (int i = 0; i < 30; ++i) on_another_loop(wrong);
  EXPECT_EQ(on_another_loop(wrong), 429);
  EXPECT_EQ(on_another_loop(key), 200);
}

// Nobody keeps the storage busy with tokens that he has made up.
TEST_F(DispatcherTest, LooksUpAnUnknownTokenAFewTimesAndADamagedOneNever) {
  const auto made_up = [&] { return "Bearer " + crypto::make_token(shop.id, database.random).reveal(); };
  std::string damaged = made_up();
  damaged[40] = damaged[40] == 'a' ? 'b' : 'a';
  const int before = lane.reads;
  EXPECT_EQ(ask(http::Method::get, "/links", damaged).status, 401);
  EXPECT_EQ(ask(http::Method::get, "/links", "Bearer " + std::string(10'000, 'a')).status, 401);
  EXPECT_EQ(lane.reads, before);
  EXPECT_EQ(ask(http::Method::get, "/links", made_up()).status, 401);
  EXPECT_EQ(lane.reads, before + 1);
  for (int i = 0; i < 200; ++i) ask(http::Method::get, "/links", made_up());
  EXPECT_EQ(ask(http::Method::get, "/links", made_up()).status, 429);
  EXPECT_LE(lane.reads, before + 100);
}

// Of keys that ended only the first look after it is free.
TEST_F(DispatcherTest, LooksUpEndedCredentialsNoMoreOftenThanOthers) {
  const auto from_another_loop = [&] { std::thread([&] { ask(http::Method::get, "/links", key); }).join(); };
  for (const char* const ending : {"UPDATE api_keys SET expires_at = 1", "UPDATE api_keys SET revoked_at = 1"}) {
    SCOPED_TRACE(ending);
    ASSERT_TRUE(database.execute_script("UPDATE api_keys SET expires_at = NULL, revoked_at = NULL"));
    from_another_loop();
    ASSERT_TRUE(database.execute_script(ending));
    for (int i = 0; i < 40; ++i) from_another_loop();
    const int before = lane.reads;
    for (int i = 0; i < 10; ++i) from_another_loop();
    EXPECT_EQ(lane.reads, before);
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // there are lookups again
  }
}

TEST(KnownCredentials, AreKnownUntilTheyAreForgotten) {
  const auto known = std::make_unique<KnownCredentials>();
  const std::string a(32, 'a'), b(32, 'b');
  EXPECT_FALSE(known->has(a));
  known->put(a);
  EXPECT_TRUE(known->has(a));
  EXPECT_FALSE(known->has(b));
  known->forget(b);
  EXPECT_TRUE(known->has(a));
  known->forget(a);
  EXPECT_FALSE(known->has(a));
}

TEST_F(DispatcherTest, AnswersEveryBug) {
  for (const std::string_view path : {"/decode", "/execute", "/encode", "/flow/run", "/flow/encode", "/plain"}) {
    SCOPED_TRACE(path);
    const auto answer = ask(http::Method::get, path);
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.body, "bug");
  }
  EXPECT_EQ(ask(http::Method::get, "/known/decode", key).status, 500);  // after it was looked up who calls
  EXPECT_EQ(ask(http::Method::get, "/known/decode", key).status, 500);  // remembered
}

TEST_F(DispatcherTest, RunsAFlowOnceForAKey) {
  const auto first = count("k");
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(first.body, "1");
  const auto second = count("k");
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(second.body, "1");
  EXPECT_EQ(second.fields, "Idempotent-Replayed: true\r\n");
  EXPECT_EQ(count("k", "other").body, "idempotency_key_reused");
  EXPECT_EQ(count("another").body, "2");
  EXPECT_EQ(count({}).body, "3");
}

TEST_F(DispatcherTest, KeepsAnAnswerTheFlowDidNotKeep) {
  end = CountingFlow::End::not_kept;
  EXPECT_EQ(count("k").body, "1");
  EXPECT_EQ(count("k").body, "1");
}

TEST_F(DispatcherTest, FreesTheKeyOfAFlowThatFailed) {
  end = CountingFlow::End::fails;
  EXPECT_EQ(count("k").body, "refused");
  end = CountingFlow::End::throws;
  EXPECT_EQ(count("k").status, 500);
  end = CountingFlow::End::kept;
  EXPECT_EQ(count("k", "other").status, 201);
}

// The process dies after each of a flow's transactions; the next one finishes what was begun.
TEST_F(DispatcherTest, ResumesAFlowAfterACrash) {
  for (int writes = 1; writes <= 2; ++writes) {
    SCOPED_TRACE(writes);
    const std::string idempotency_key = "k" + std::to_string(writes), done = std::to_string(writes);
    lane.writes_left = writes;
    const auto before = count(idempotency_key);
    EXPECT_EQ(before.status, writes == 1 ? 400 : 201);  // the second write was the last
    lane.writes_left = -1;
    EXPECT_EQ(count(idempotency_key).body, writes == 1 ? "idempotency_in_progress" : done);
    EXPECT_EQ(resume(), 0);
    ASSERT_TRUE(database.write(app::end_flow_leases));
    EXPECT_EQ(resume(), writes == 1 ? 1 : 0);
    const auto after = count(idempotency_key);
    EXPECT_EQ(after.body, done);
    EXPECT_EQ(after.fields, "Idempotent-Replayed: true\r\n");
  }
}

TEST_F(DispatcherTest, LeavesAFlowThatNoRouteKnows) {
  lane.writes_left = 1;
  count("k");
  lane.writes_left = -1;
  ASSERT_TRUE(database.execute_script("UPDATE running_flows SET lease_until = 0, target = '/gone'"));
  EXPECT_EQ(resume(), 1);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM running_flows"), 1);
}

}  // namespace
}  // namespace paylink::runtime
