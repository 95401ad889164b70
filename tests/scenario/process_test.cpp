// The program as an operator meets it: starting, refusing to start, stopping; `init` and `serve`.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>

#include "answers.hpp"
#include "bodies.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

const std::string links = "/v2/payment_links";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

constexpr int wrong_setting = 2;

// What the program says when it refuses to start.
void expect_refusal(const Ended& ended, const std::string& sentence, int status = 1) {
  EXPECT_EQ(ended.status, status) << ended.err;
  EXPECT_TRUE(has(ended.err, sentence)) << ended.err;
  EXPECT_TRUE(ended.err.starts_with("paylink: ")) << ended.err;
  EXPECT_EQ(ended.out, "");
}

Words together(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

void replace(Words& words, const std::string& flag, const std::string& value) {
  *(std::ranges::find(words, flag) + 1) = value;
}

TEST(Process, ADataDirectoryIsUsedByOne) {
  const Sandbox sandbox;
  const std::string taken = "The data directory " + sandbox.data_dir() + " is in use by another paylink.";
  expect_refusal(run(together({"sandbox", "--listen", "127.0.0.1:0"}, sandbox.where())), taken);
  expect_refusal(run(together({"migrate"}, sandbox.where())), taken);
  EXPECT_EQ(sandbox.get("/readyz").status, 200);
}

TEST(Process, ADatabaseFileIsUsedByOne) {
  if (is_on_postgres()) GTEST_SKIP() << "any number of servers share a PostgreSQL database";
  const Sandbox sandbox;
  const TempDir place;
  const std::string file = "sqlite:" + sandbox.data_dir() + "/../" +
                           std::filesystem::path(sandbox.data_dir()).filename().string() + "/paylink.db";
  const Words elsewhere = {"--data-dir", place.file("other"), "--database", file};
  const std::string taken = "The directory " + std::filesystem::canonical(sandbox.data_dir()).string() +
                            " of the database is in use by another paylink.";
  expect_refusal(run(together({"sandbox", "--listen", "127.0.0.1:0"}, elsewhere)), taken);
  expect_refusal(run(together({"migrate"}, elsewhere)), taken);
  EXPECT_EQ(sandbox.get("/readyz").status, 200);
}

TEST(Process, APortIsUsedByOne) {
  const Sandbox sandbox;
  const TempDir place;
  const std::string address = "127.0.0.1:" + std::to_string(sandbox.port());
  const Storage storage(place.file("data"));
  const Ended ended = run(together({"sandbox", "--listen", address}, storage.words()));
  expect_refusal(ended, "Another program already listens on " + address + ".");
}

TEST(Process, TheReadyFileIsPrivateAndPrintedToo) {
  Sandbox sandbox;
  const std::string file = sandbox.place().file("ready.json");
  const auto mode = std::filesystem::status(file).permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_TRUE(eventually([&] { return sandbox.process().out() == read_file(file); })) << sandbox.process().out();
  for (const char* name : {"paylink.db", "simulator.db", "seed"}) {
    if (is_on_postgres() && name == std::string("paylink.db")) {
      EXPECT_FALSE(std::filesystem::exists(sandbox.data_dir() + "/" + name));
      continue;
    }
    const auto kept = std::filesystem::status(sandbox.data_dir() + "/" + name).permissions();
    EXPECT_EQ(kept & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
              std::filesystem::perms::none)
        << name;
  }
}

// That of an earlier run goes, but not that of a sandbox which runs where this one cannot.
TEST(Process, AReadyFileIsOfWhoeverRuns) {
  const Sandbox sandbox;
  const TempDir place;
  const auto refused = [&](const std::string& file, std::uint16_t port) {
    return run({"sandbox", "--data-dir", place.file("data"), "--ready-file", file, "--listen",
                "127.0.0.1:" + std::to_string(port)});
  };
  const std::string file = sandbox.place().file("ready.json"), before = read_file(file);
  EXPECT_NE(refused(file, sandbox.port()).status, 0);
  EXPECT_EQ(read_file(file), before);
  std::filesystem::create_directories(place.file("ready/full"));
  expect_refusal(refused(place.file("ready"), 0), "of an earlier run cannot be removed");
}

TEST(Process, SigtermFinishesWhatIsUnderWay) {
  Sandbox sandbox;
  const std::string whole = body(basket);
  Connection idle(sandbox.port()), busy(sandbox.port());
  idle.send(wire({.target = "/livez"}, sandbox.port()));
  EXPECT_TRUE(idle.receive());
  const Fields fields{{"Authorization", sandbox.bearer()}, {"Content-Length", std::to_string(whole.size())}};
  busy.send(wire({.method = "POST", .target = links, .fields = fields, .body = whole.substr(0, 20)}, sandbox.port()));
  EXPECT_EQ(sandbox.get("/livez").status, 200);  // by now the server has the first part
  sandbox.process().signal(SIGTERM);
  EXPECT_TRUE(idle.is_closed_by_peer());
  EXPECT_TRUE(sandbox.process().is_running());
  busy.send(whole.substr(20));
  const auto answer = busy.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->field("Connection"), "close");
  EXPECT_EQ(sandbox.process().wait(), 0) << sandbox.process().err();
  const std::string id = at(answer->body, "/payment_link/id");
  sandbox.start();
  EXPECT_EQ(sandbox.get(links + "/" + id).status, 200);
  EXPECT_EQ(sandbox.stop(), 0);
}

TEST(Process, ServesOnUntilBalancersHaveNoticed) {
  Sandbox sandbox({"--shutdown-grace-ms", "600000"});
  Connection kept(sandbox.port());
  kept.send(wire({.target = "/readyz"}, sandbox.port()));
  auto answer = kept.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  sandbox.process().signal(SIGTERM);
  ASSERT_TRUE(eventually([&] { return sandbox.get("/readyz").status == 503; }));
  check(sandbox.get("/readyz"), {.status = 503, .errors = "service_unavailable\n", .says = {"about to stop"}});
  EXPECT_EQ(sandbox.get("/livez").status, 200);
  const Fields fields{{"Authorization", sandbox.bearer()}};
  const std::string whole = body(basket);
  kept.send(wire({.method = "POST",
                  .target = links,
                  .fields = {fields[0], {"Content-Length", std::to_string(whole.size())}},
                  .body = whole},
                 sandbox.port()));
  answer = kept.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->field("Connection"), "close");
  EXPECT_TRUE(kept.is_closed_by_peer());
  EXPECT_EQ(sandbox.post(links, whole).status, 201);
  EXPECT_TRUE(sandbox.process().is_running());
  // Whoever says it twice means now.
  EXPECT_EQ(sandbox.stop(), 0);
}

TEST(Process, SigintEndsItToo) {
  Sandbox sandbox;
  sandbox.process().signal(SIGINT);
  EXPECT_EQ(sandbox.process().wait(), 0);
}

TEST(Process, TheSandboxStaysOnLoopback) {
  const TempDir place;
  expect_refusal(run({"sandbox", "--listen", "0.0.0.0:0", "--data-dir", place.file("data")}), "--allow-remote",
                 wrong_setting);
}

TEST(Settings, WrongOnesAreNamed) {
  struct Case {
    const char* name;
    Words flags;
    Words environment;
    std::string file;
    const char* sentence;
  };
  const Case cases[] = {
      {"flag",
       {"--limits-body-bytes", "much"},
       {},
       "",
       "The setting --limits-body-bytes must be a whole number from 1024"},
      {"flag too small", {"--limits-body-bytes", "1023"}, {}, "", "--limits-body-bytes"},
      {"choice",
       {"--compat-vat-rate", "guess"},
       {},
       "",
       "--compat-vat-rate must be one of percent, fraction, not `guess`"},
      {"address", {"--listen", "here"}, {}, "", "--listen must be ADDRESS:PORT"},
      {"port", {"--listen", "127.0.0.1:65536"}, {}, "", "--listen"},
      {"a name to listen on",
       {"--listen", "pay.example:8080"},
       {},
       "",
       "--listen must name a numeric address, such as 127.0.0.1 or [::1], not `pay.example`"},
      {"a network of proxies",
       {"--trusted-proxies", "10.0.0.1,10.1.0.0/16"},
       {},
       "",
       "--trusted-proxies must be numeric addresses separated by commas"},
      {"a proxy's name", {}, {"PAYLINK_TRUSTED_PROXIES=proxy"}, "", "PAYLINK_TRUSTED_PROXIES must be numeric"},
      {"no proxy in the file", {}, {}, "trusted_proxies = [\"::1\", \"::g\"]\n", "not `::g`"},
      {"environment",
       {},
       {"PAYLINK_COMPAT_IDEMPOTENCY=maybe"},
       "",
       "PAYLINK_COMPAT_IDEMPOTENCY must be one of strict, lax"},
      {"file", {}, {}, "[limits]\nbody_bytes = \"x\"\n", "limits.body_bytes must be a whole number"},
      {"unknown in the file",
       {},
       {},
       "[limits]\nbody_byte = 2048\n",
       "has a setting `limits.body_byte` that does not exist. `paylink sandbox --help` lists them."},
      {"no TOML", {}, {}, "limits = [\n", "cannot be read"},
      {"a fraction in the file", {}, {}, "database = 1.5\n", "has a `database` that is no text, whole number"},
      {"database", {"--database", "mysql:x"}, {}, "", "The setting database must be sqlite:PATH"},
      {"a variable that is nearly a setting's",
       {},
       {"PAYLINK_DATABSE=sqlite:/var/lib/paylink/paylink.db"},
       "",
       "The variable PAYLINK_DATABSE of the environment is no setting. Is PAYLINK_DATABASE meant?"},
      {"an empty database, of a variable that was not set",
       {},
       {"PAYLINK_DATABASE="},
       "",
       "PAYLINK_DATABASE must not be empty; leave it out where the default is meant."},
      {"an empty file of the key", {}, {}, "key_file = \"\"\n", "key_file must not be empty"},
      {"a database that ends with us",
       {"--database", "sqlite::memory:"},
       {},
       "",
       "The setting database must name a file by its path: sqlite:PATH."},
      {"a database by its URI",
       {"--database", "sqlite:file:/var/lib/paylink/paylink.db"},
       {},
       "",
       "The setting database must name a file by its path: sqlite:PATH."},
      {"a database that anybody may listen to",
       {"--database", "postgresql://paylink@db.example/paylink"},
       {},
       "",
       "(db.example) and does not say how the connection to it is protected. Add ?sslmode=verify-full"},
      {"public URL", {"--public-url", "pay.example.com"}, {}, "", "--public-url must be the address customers see"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const TempDir place;
    write_file(place.file("paylink.toml"), c.file);
    const Words words{"sandbox", "--data-dir", place.file("data"), "--config", place.file("paylink.toml")};
    expect_refusal(run(together(words, c.flags), c.environment), c.sentence, wrong_setting);
  }
  EXPECT_EQ(run({"sandbox", "--no-such-flag"}).status, wrong_setting);
  EXPECT_EQ(run({}).status, wrong_setting);
  expect_refusal(run({"serv"}), "There is no command `serv`. The commands are serve, sandbox", wrong_setting);
  expect_refusal(run({"keys", "make"}), "There is no command `make`. The commands are create, list", wrong_setting);
  expect_refusal(run({"keys", "list"}), "--data-dir", wrong_setting);
  EXPECT_FALSE(has(run({"init", "--help"}).out, "PAYLINK_LIMITS"));
  EXPECT_EQ(run({"--version"}).status, 0);
  EXPECT_TRUE(has(run({"serve", "--help"}).out, "PAYLINK_PUBLIC_URL"));
}

TEST(Settings, FlagsWinOverTheEnvironmentAndThatOverTheFile) {
  const TempDir place;
  const std::string file = place.file("paylink.toml");
  write_file(file, "[limits]\nbody_bytes = 2048\n");
  const auto accepts = [](const Sandbox& sandbox, std::size_t size) {
    const std::string plain = body(basket);
    return sandbox.post(links, plain + repeated(size - plain.size(), " ")).status == 201;
  };
  const Sandbox by_file({"--config", file});
  EXPECT_TRUE(accepts(by_file, 2048));
  EXPECT_FALSE(accepts(by_file, 2049));
  const Words environment{"PAYLINK_LIMITS_BODY_BYTES=4096"};
  const Sandbox by_environment({"--config", file}, environment);
  EXPECT_TRUE(accepts(by_environment, 4096));
  EXPECT_FALSE(accepts(by_environment, 4097));
  const Sandbox by_flag({"--config", file, "--limits-body-bytes", "3000"}, environment);
  EXPECT_TRUE(accepts(by_flag, 3000));
  EXPECT_FALSE(accepts(by_flag, 3001));
}

// A real installation in a private place.
class Serve : public testing::Test {
 protected:
  Words init_words(const std::string& key_file) const { return init_words(key_file, storage_); }
  static Words init_words(const std::string& key_file, const Storage& storage) {
    return together({"init", "--key-file", key_file, "--name", "Acme", "--slug", "acme", "--email",
                     "owner@acme.example", "--iban", "FR7716798000010000000000103", "--bic", "TRZOFR21XXX"},
                    storage.words());
  }
  void SetUp() override {
    const Ended ended = run(init_words(key_));
    ASSERT_EQ(ended.status, 0) << ended.err;
    installed_ = ended.out;
  }
  Words serve_words(const Words& more) const {
    return together(together({"serve", "--listen", "127.0.0.1:" + std::to_string(port_)}, storage_.words()), more);
  }

  // The key of another installation.
  void make_key(const std::string& key_file) const {
    const Storage elsewhere(place_.file("elsewhere"));
    ASSERT_EQ(run(init_words(key_file, elsewhere)).status, 0);
  }
  // From a start until it answers, and stops in order.
  std::string log_of_one_run(const Words& words, const Words& environment = {}) const {
    const std::string url = "http://127.0.0.1:" + std::to_string(port_);
    Process server(place_, together(words, {"--key-file", key_, "--public-url", url, "--shutdown-grace-ms", "0"}),
                   environment);
    EXPECT_TRUE(eventually([&] { return exchange(port_, {.target = "/readyz"}).status == 200; })) << server.err();
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0);
    return server.err();
  }

  TempDir place_;
  std::string data_ = place_.file("data");
  Storage storage_{data_};
  std::string key_ = place_.file("keys/key");
  std::uint16_t port_ = free_port();
  std::string installed_;
};

TEST_F(Serve, ServesWithoutTheSandbox) {
  const std::string url = "http://127.0.0.1:" + std::to_string(port_);
  Process server(place_, serve_words({"--key-file", key_, "--public-url", url}));
  ASSERT_TRUE(eventually([&] { return exchange(port_, {.target = "/readyz"}).status == 200; })) << server.err();
  const std::string key = at(installed_, "/api_key/login") + ":" + at(installed_, "/api_key/secret_key");
  EXPECT_EQ(at(installed_, "/api_key/login"), "acme");
  const auto post = [&](const std::string& target, const std::string& text) {
    return exchange(port_, {.method = "POST",
                            .target = target,
                            .fields = {{"Authorization", key}, {"Content-Type", "application/json"}},
                            .body = text});
  };
  check(post(links, body(basket)),
        {.status = 400, .errors = "invalid\n", .says = {"connection with the provider does not exist"}});
  check(post(links, "{}"), {.status = 400, .errors = "missing_field /payment_link\n"});
  check(exchange(port_, {.method = "POST", .target = links, .body = body(basket)}), {.status = 401});
  EXPECT_EQ(post("/sandbox/clock", R"({"advance":"1h"})").status, 404);
  EXPECT_EQ(post("/sandbox/payments", "{}").status, 404);
  for (const char* target : {"/sandbox/clock", "/sandbox", "/checkout/x",
                             "/checkout/"
                             "AAAAAAAAAAAAAAAAAAAAAA",
                             "/v2/payments", "/v2/methods"}) {
    SCOPED_TRACE(target);
    EXPECT_EQ(exchange(port_, {.target = target}).status, 404);
  }
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0) << server.err();
}

TEST_F(Serve, SaysWhatIsMissing) {
  const Words public_url{"--public-url", "https://pay.example.com"};
  expect_refusal(run(serve_words({"--key-file", key_})), "The setting public_url is missing.", wrong_setting);
  expect_refusal(run(serve_words(public_url)), "The setting key_file is missing.", wrong_setting);
  expect_refusal(run(together({"serve", "--key-file", key_}, public_url)),
                 "The setting data_dir is missing. Say it with --data-dir /var/lib/paylink, in the environment as "
                 "PAYLINK_DATA_DIR, or in the configuration file",
                 wrong_setting);
  expect_refusal(run(serve_words(together(public_url, {"--key-file", key_ + "x"}))), "There is no key file");
}

// What would go over it in the clear.
TEST_F(Serve, IsForTlsUnlessItIsThisMachine) {
  for (const char* url : {"http://pay.example.com", "http://192.0.2.1:8080", "HTTP://pay.example.com"})
    expect_refusal(run(serve_words({"--public-url", url, "--key-file", key_ + "x"})), "https://", wrong_setting);
  for (const char* url : {"https://pay.example.com", "http://127.0.0.1:8080", "http://localhost:8080"})
    expect_refusal(run(serve_words({"--public-url", url, "--key-file", key_ + "x"})), "There is no key file");
}

// Keys of merchants go there.
TEST_F(Serve, AsksTheProviderByTlsUnlessItIsThisMachine) {
  const auto served_with = [&](const std::string& url) {
    return run(serve_words({"--public-url", "https://pay.example.com", "--key-file", key_ + "x", "--mollie-url", url}));
  };
  for (const char* url : {"http://api.mollie.com", "http://192.0.2.1:8080", "https://user@api.mollie.com", "mollie",
                          "https://api.mollie.com/v2", "https://api.mollie.com?a", ""})
    expect_refusal(served_with(url), "The setting --mollie-url must be https://api.mollie.com", wrong_setting);
  for (const char* url : {"https://api.mollie.com", "https://api.mollie.com/", "http://127.0.0.1:41234"})
    expect_refusal(served_with(url), "There is no key file");
}

TEST_F(Serve, KeepsTheKeyApartAndPrivate) {
  const auto served_with = [&](const std::string& key_file) {
    return run(serve_words({"--public-url", "https://pay.example.com", "--key-file", key_file}));
  };
  EXPECT_EQ(std::filesystem::status(key_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const std::string key = read_file(key_);
  write_file(place_.file("open"), key, 0644);
  expect_refusal(served_with(place_.file("open")), "can be read by others. Run: chmod 600");
  write_file(data_ + "/key", key);
  expect_refusal(served_with(data_ + "/key"), "is inside the data directory");
  expect_refusal(served_with(data_ + "/../data/key"), "is inside the data directory");
  write_file(place_.file("cut"), key.substr(0, 20));
  expect_refusal(served_with(place_.file("cut")), "is damaged");
}

TEST_F(Serve, IsForAnInstallation) {
  if (is_on_postgres()) GTEST_SKIP() << "the data directory holds no data";
  Words words = serve_words({"--public-url", "https://pay.example.com", "--key-file", key_});
  replace(words, "--data-dir", place_.file("nothing"));
  expect_refusal(run(words), "There is no organization yet in " + place_.file("nothing/paylink.db"));
}

// Where a name is mistyped, or a disk is not mounted.
TEST_F(Serve, NoCommandMakesAnInstallationButInit) {
  const std::string sentence = ": `paylink init` makes one. Or is another --data-dir or --database meant?";
  const Storage nothing(place_.file("nothing"));
  std::filesystem::create_directory(place_.file("nothing"));
  const auto run_there = [&](const Words& words) { return run(together(words, nothing.words())); };
  expect_refusal(
      run_there({"serve", "--listen", "127.0.0.1:0", "--public-url", "https://pay.example.com", "--key-file", key_}),
      sentence);
  expect_refusal(run_there({"keys", "list"}), sentence);
  expect_refusal(run_there({"migrate", "--stay"}), sentence);
  if (is_on_postgres()) {
    EXPECT_EQ(value(nothing.name(), "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema()"), "0");
    return;
  }
  EXPECT_FALSE(std::filesystem::exists(place_.file("nothing/paylink.db")));
  const std::string mistyped = place_.file("mistyped/paylink.db");
  expect_refusal(run_there({"keys", "list", "--database", "sqlite:" + mistyped}), mistyped + sentence);
  EXPECT_FALSE(std::filesystem::exists(place_.file("mistyped")));
  const std::string foreign = place_.file("foreign.db");
  write_file(foreign, "");
  execute(foreign, "PRAGMA journal_mode = DELETE; CREATE TABLE theirs (x TEXT)");
  const std::string before = read_file(foreign);
  expect_refusal(run_there({"keys", "list", "--database", "sqlite:" + foreign}), foreign + sentence);
  EXPECT_EQ(read_file(foreign), before);
}

// What has no organization is nobody's yet.
TEST_F(Serve, AnEmptyDatabaseBelongsToNoKey) {
  const Storage nothing(place_.file("nothing"));
  const std::string other = place_.file("other");
  ASSERT_EQ(run(together({"migrate"}, nothing.words())).status, 0);
  const Words serve{"serve", "--listen", "127.0.0.1:0", "--public-url", "https://pay.example.com", "--key-file", key_};
  expect_refusal(run(together(serve, nothing.words())), "There is no organization yet in the data of ");
  EXPECT_EQ(run(together({"users", "list", "--key-file", key_}, nothing.words())).status, 1);
  EXPECT_EQ(run(init_words(other, nothing)).status, 0);
  expect_refusal(run(together(serve, nothing.words())), "The data was made with another master key.");
}

// Its sessions were all away when its installation was moved.
TEST_F(Serve, GoesOnWithNothingThatWasMovedAway) {
  if (!is_on_postgres()) GTEST_SKIP() << "a file that a server has open is not moved";
  const std::string url = "http://127.0.0.1:" + std::to_string(port_);
  Process server(place_, serve_words({"--key-file", key_, "--public-url", url}));
  const auto is_ready = [&] { return exchange(port_, {.target = "/readyz"}).status == 200; };
  ASSERT_TRUE(eventually(is_ready)) << server.err();
  execute(storage_.name(), "INSERT INTO departures VALUES ('sqlite:/elsewhere', 0)");
  execute(storage_.name(),
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'paylink %'");
  EXPECT_EQ(exchange(port_, {.target = "/readyz"}).status, 503);
  EXPECT_TRUE(has(server.err(), "This installation was moved to another database")) << server.err();
  execute(storage_.name(), "DELETE FROM departures");
  EXPECT_TRUE(eventually(is_ready)) << server.err();
}

TEST_F(Serve, NamesVariablesThatAreNoSettings) {
  const Words environment{"PAYLINK_SERVICE_HOST=pay.example.com", "PAYLINK_LOG_LEVEL=info", "PAYLINK_TOKEN=secret"};
  const std::string log = log_of_one_run(serve_words({}), environment);
  EXPECT_TRUE(has(log, R"("event":"unknown_variable","name":"PAYLINK_SERVICE_HOST"})")) << log;
  for (const char* known : {"PAYLINK_LOG_LEVEL", "PAYLINK_TOKEN", "pay.example.com", "secret"})
    EXPECT_FALSE(has(log, known)) << known;
}

TEST_F(Serve, SaysThatItsRoleSeesAllRows) {
  if (!is_on_postgres()) GTEST_SKIP() << "a file has no roles";
  const std::string event = "row_security_bypassed";
  Words words = serve_words({});
  EXPECT_FALSE(has(log_of_one_run(words), event));
  std::string superuser = storage_.name();
  replace(words, "--database", superuser.replace(superuser.find("paylink@"), 7, "postgres"));
  EXPECT_TRUE(has(log_of_one_run(words), event));
}

// With another one every key would be refused, and new ones be lost with it.
TEST_F(Serve, KnowsTheKeyOfItsData) {
  const std::string other = place_.file("other");
  make_key(other);
  const std::string sentence = "The data was made with another master key.";
  expect_refusal(run(serve_words({"--public-url", "https://pay.example.com", "--key-file", other})), sentence);
  const auto keys_create = [&](const std::string& key_file) {
    return run(together({"keys", "create", "--name", "till", "--scope", "payment_link.create", "--key-file", key_file},
                        storage_.words()));
  };
  expect_refusal(keys_create(other), sentence);
  expect_refusal(run(together({"sandbox", "--listen", "127.0.0.1:0"}, storage_.words())), sentence);
  EXPECT_EQ(keys_create(key_).status, 0);
}

// Whoever takes the wrong key may have taken the wrong data too.
TEST_F(Serve, BringsNoDataUpToDateWithAnotherKey) {
  const std::string other = place_.file("other");
  make_key(other);
  const std::string count = "SELECT COUNT(*) FROM schema_migrations", before = value(storage_.name(), count);
  execute(storage_.name(), "DELETE FROM schema_migrations WHERE number > 9");
  const std::string older = value(storage_.name(), count);
  ASSERT_NE(older, before);
  expect_refusal(run(serve_words({"--public-url", "https://pay.example.com", "--key-file", other})),
                 "The data was made with another master key.");
  expect_refusal(run(together({"migrate", "--key-file", other}, storage_.words())),
                 "The data was made with another master key.");
  EXPECT_EQ(value(storage_.name(), count), older);
}

TEST_F(Serve, InitIsForAnEmptyPlace) {
  const std::string another = place_.file("another");
  for (const std::string& key_file : {key_, another})
    expect_refusal(run(init_words(key_file)), "holds an organization already, which stays as it is.");
  EXPECT_FALSE(std::filesystem::exists(another));
  const TempDir other;
  Words words = init_words(other.file("data/key"));
  replace(words, "--data-dir", other.file("data"));
  expect_refusal(run(words), "is inside the data directory");
  EXPECT_FALSE(std::filesystem::exists(other.file("data/paylink.db")));
  words = init_words(other.file("key"));
  replace(words, "--data-dir", other.file("data"));
  replace(words, "--slug", "Acme Inc");
  expect_refusal(run(words), "--slug must be", wrong_setting);
  for (const auto& [flag, value] :
       {std::pair("--iban", "FR7616798000010000000000103"), std::pair("--bic", "TRZOFR2")}) {
    words = init_words(other.file("key"));
    replace(words, "--data-dir", other.file("data"));
    replace(words, flag, value);
    expect_refusal(run(words), std::string(flag) + " is no ", wrong_setting);
  }
}

}  // namespace
}  // namespace paylink::scenario
