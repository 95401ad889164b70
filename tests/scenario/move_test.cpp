// An installation in another database: `paylink migrate --from … --to …`, and what a server then finds there.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "answers.hpp"
#include "bodies.hpp"
#include "database.hpp"
#include "payer.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

const std::string links = "/v2/payment_links";
constexpr int refused = 1, wrong_usage = 2;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Ended move(const std::string& from, const std::string& to, const Words& more = {}) {
  Words words{"migrate", "--from", from, "--to", to};
  words.insert(words.end(), more.begin(), more.end());
  return run(words);
}

void expect_refusal(const Ended& ended, const std::string& sentence, int status = refused) {
  EXPECT_EQ(ended.status, status);
  EXPECT_TRUE(has(ended.err, sentence)) << ended.err << ended.out;
  EXPECT_EQ(ended.out, "");
}

const std::string moved_away = "This installation was moved to another database at ";

// What any command, or server, finds there: it was moved away. Then it stays after all.
void expect_left(const TempDir& place, const std::string& database) {
  const Words where{"--data-dir", place.file("other"), "--database", database};
  const auto run_here = [&](Words words) {
    words.insert(words.end(), where.begin(), where.end());
    return run(words);
  };
  EXPECT_EQ(run_here({"migrate"}).status, 0);  // a move that was cut off may need it
  expect_refusal(run_here({"users", "list"}), moved_away);
  EXPECT_TRUE(has(run_here({"migrate", "--stay"}).out, "It can be served again. What has happened since "));
  EXPECT_TRUE(has(run_here({"migrate", "--stay"}).out, "It had not been moved anywhere; there was nothing to do."));
  EXPECT_EQ(run_here({"users", "list"}).status, 0);
}

// A database of its own on the cluster of `tools/postgres run`, gone at the end.
class PostgresDatabase {
 public:
  PostgresDatabase() {
    static int count = 0;
    name_ = "move_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
    execute("CREATE DATABASE " + name_ + " OWNER paylink");
  }
  ~PostgresDatabase() { execute("DROP DATABASE " + name_ + " WITH (FORCE)"); }
  PostgresDatabase(const PostgresDatabase&) = delete;
  PostgresDatabase& operator=(const PostgresDatabase&) = delete;

  static bool has_server() { return std::getenv("PAYLINK_POSTGRES_DIR") != nullptr; }
  std::string url() const {
    const std::string server = std::getenv("PAYLINK_POSTGRES");
    return server.substr(0, server.rfind('/') + 1) + name_;
  }
  void change(const std::string& statement) const { execute(statement, name_); }

 private:
  static void execute(const std::string& statement, const std::string& database = "paylink") {
    EXPECT_EQ(std::system(("tools/postgres psql -q -d " + database + " -c \"" + statement + "\"").c_str()), 0);
  }
  std::string name_;
};

std::string file_of(const Sandbox& sandbox) { return sandbox.data_dir() + "/paylink.db"; }

// Every cell of every table, for SQLite files; but of the books of moves and migrations.
std::vector<std::string> contents(const std::string& file) {
  std::vector<std::string> all;
  for (const std::string& table : column(file,
                                         "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN "
                                         "('departures', 'moves', 'schema_migrations')"
                                         " ORDER BY name")) {
    const std::string cells = value(
        file, "SELECT group_concat('quote(' || name || ')', ' || '','' || ') FROM pragma_table_info('" + table + "')");
    for (std::string& row : column(file, "SELECT " + cells + " FROM " + table + " ORDER BY 1"))
      all.push_back(table + ": " + std::move(row));
  }
  return all;
}

// Links in several states, some created with a key.
struct Known {
  std::vector<Link> made;
  std::vector<std::string> answers;  // to GET, byte for byte
  std::string key_answer;
};

Answer create_with_key(const Sandbox& sandbox) {
  return sandbox.post(links, body(invoice), {{"Idempotency-Key", "moved"}});
}

std::string bytes_of(const Sandbox& sandbox, const Link& link) {
  const Answer link_itself = sandbox.get(links + "/" + link.id);
  const Answer payments = sandbox.get(links + "/" + link.id + "/payments");
  EXPECT_EQ(link_itself.status, 200) << link_itself.body;
  EXPECT_EQ(payments.status, 200) << payments.body;
  // The port is another one after each start.
  std::string bytes = link_itself.body + payments.body;
  const std::string port = "127.0.0.1:" + std::to_string(sandbox.port());
  for (std::size_t at = 0; (at = bytes.find(port)) != std::string::npos;) bytes.replace(at, port.size(), "HERE");
  return bytes;
}

Known make_links(const Sandbox& sandbox) {
  Known known;
  for (const char* outcome : {"", "paid", "failed", "pending", "paid", ""}) {
    const Object unusual = basket.with("metadata", R"({"order":"č. )" + std::to_string(known.made.size()) + R"("})");
    known.made.push_back(create(sandbox, body(unusual)));
    if (*outcome != '\0') settle_in_one_call(sandbox, known.made.back(), "ideal", outcome);
  }
  const Answer keyed = create_with_key(sandbox);
  EXPECT_EQ(keyed.status, 201) << keyed.body;
  known.key_answer = keyed.body;
  known.made.push_back({at(keyed.body, "/payment_link/id"), {}});
  for (const Link& link : known.made) known.answers.push_back(bytes_of(sandbox, link));
  return known;
}

void expect_known(const Sandbox& sandbox, const Known& known) {
  for (std::size_t i = 0; i < known.made.size(); ++i)
    EXPECT_EQ(bytes_of(sandbox, known.made[i]), known.answers[i]) << known.made[i].id;
  const Answer again = create_with_key(sandbox);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.field("Idempotent-Replayed"), "true");
  EXPECT_EQ(again.body, known.key_answer);
}

TEST(Move, ToPostgresAndBackChangesNothing) {
  if (is_on_postgres()) GTEST_SKIP() << "begins on SQLite, and goes to PostgreSQL by itself";
  if (!PostgresDatabase::has_server()) GTEST_SKIP() << "run this by tools/postgres run";
  const PostgresDatabase postgres;
  Sandbox sandbox;
  const Known known = make_links(sandbox);
  const std::string file = "sqlite:" + file_of(sandbox);
  expect_refusal(move(file, postgres.url()), "is in use by a server or another command. Stop that first");
  ASSERT_EQ(sandbox.stop(), 0);

  const std::vector<std::string> before = contents(file_of(sandbox));
  const Ended moved = move(file, postgres.url());
  ASSERT_EQ(moved.status, 0) << moved.err;
  EXPECT_TRUE(has(moved.out, "payment_links          7\n")) << moved.out;
  EXPECT_EQ(contents(file_of(sandbox)), before);
  EXPECT_TRUE(has(move(file, postgres.url()).out, "This was moved already"));
  const std::string back = sandbox.place().file("back/paylink.db");
  ASSERT_EQ(move(postgres.url(), "sqlite:" + back).status, 0);
  EXPECT_EQ(contents(back), before);
  for (const std::string& left : {file, postgres.url()}) expect_left(sandbox.place(), left);

  sandbox.start({"--database", postgres.url()});
  expect_known(sandbox, known);
  expect_refusal(move(postgres.url(), "sqlite:" + back + "2"), "The PostgreSQL database is in use by a server");
  const Link later = create(sandbox, body(basket));
  settle_in_one_call(sandbox, later, "ideal", "paid");
  const std::string later_bytes = bytes_of(sandbox, later);
  ASSERT_EQ(sandbox.stop(), 0);
  expect_refusal(move(postgres.url(), "sqlite:" + back), "but the source can be served: it was taken back (--stay)");
  expect_refusal(move(file, "sqlite:" + back), "The target holds what was moved from another database: postgresql:");
  expect_refusal(move("sqlite:" + back, file), "has data already: its table api_keys is not empty. Nothing was");
  ASSERT_EQ(move(postgres.url(), "sqlite:" + back + "2").status, 0);
  sandbox.start({"--database", "sqlite:" + back + "2"});
  expect_known(sandbox, known);
  EXPECT_EQ(bytes_of(sandbox, later), later_bytes);
  // Outside of its data directory, whose lock it holds as well.
  expect_refusal(move("sqlite:" + back + "2", "sqlite:" + back + "3"), "is in use by a server or another command.");
  EXPECT_EQ(sandbox.stop(), 0);
}

// One row at a time, killed again and again: a little later while none has come as far as the rows, then a little
// earlier, so that neither a fast nor a slow disk is done before the tenth. Nobody serves what is there meanwhile.
void expect_to_go_on(const TempDir& place, const std::string& from, const std::string& to) {
  std::mt19937 moments{20240320};  // NOLINT: the same in every run
  double at_ms = 10;
  int among_rows = 0;
  for (int tries = 0; among_rows < 10 && tries < 60; ++tries) {
    Process moving(place, {"migrate", "--from", from, "--to", to, "--chunk-rows", "1"});
    std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(at_ms * (1 + double(moments() % 100) / 200)));
    moving.signal(SIGKILL);
    if (moving.wait() == 0) break;  // with a machine that much faster than a moment ago
    const Ended served = run({"migrate", "--data-dir", place.file("other"), "--database", to});
    const bool is_guarded = has(served.err, "has not been finished. Run the same");
    if (is_guarded) ++among_rows;
    at_ms *= is_guarded ? 0.95 : 1.3;
  }
  EXPECT_GT(among_rows, 2);
  const Ended finished = move(from, to);
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(has(move(from, to).out, "This was moved already"));
  expect_left(place, from);
}

// At the beginning, in the middle and at the end of what is moved.
void add_rows(const std::string& file) {
  const std::string many =
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) INSERT INTO ";
  const std::string ours = "(SELECT id FROM organizations), ";
  execute(file, many + "idempotency_keys SELECT " + ours + "randomblob(32), randomblob(32), 201, '{}', i FROM n");
  execute(file, many + "outbox_events SELECT " + ours + "randomblob(16), 'x', '{}', i FROM n");
  execute(file, many + "settings SELECT 'name ' || i, 'value' FROM n");
}

TEST(Move, GoesOnAfterEveryKill) {
  if (is_on_postgres()) GTEST_SKIP() << "begins on SQLite, and goes to PostgreSQL by itself";
  Sandbox sandbox;
  make_links(sandbox);
  ASSERT_EQ(sandbox.stop(), 0);
  add_rows(file_of(sandbox));
  const std::vector<std::string> before = contents(file_of(sandbox));
  const std::string back = sandbox.place().file("back.db");
  expect_to_go_on(sandbox.place(), "sqlite:" + file_of(sandbox), "sqlite:" + back);
  EXPECT_EQ(contents(back), before);
  if (!PostgresDatabase::has_server()) return;
  const PostgresDatabase postgres;
  expect_to_go_on(sandbox.place(), "sqlite:" + file_of(sandbox), postgres.url());
  const std::string again = sandbox.place().file("again.db");
  expect_to_go_on(sandbox.place(), postgres.url(), "sqlite:" + again);
  EXPECT_EQ(contents(again), before);
}

// How a file is converted that was made before files could shrink.
TEST(Move, MakesAFileThatCanShrinkOfOneThatCannot) {
  if (is_on_postgres()) GTEST_SKIP() << "PostgreSQL looks after its files itself";
  Sandbox sandbox;
  const Known known = make_links(sandbox);
  ASSERT_EQ(sandbox.stop(), 0);
  const std::string file = file_of(sandbox), converted = sandbox.data_dir() + "/new.db";
  execute(file, "PRAGMA auto_vacuum = NONE; VACUUM");
  ASSERT_EQ(value(file, "PRAGMA auto_vacuum"), "0");
  ASSERT_EQ(move("sqlite:" + file, "sqlite:" + converted).status, 0);
  EXPECT_EQ(value(converted, "PRAGMA auto_vacuum"), "2");
  std::filesystem::rename(file, sandbox.place().file("old.db"));
  std::filesystem::rename(converted, file);
  sandbox.start();
  expect_known(sandbox, known);
}

// A link that can be paid in two places is paid twice.
TEST(Move, EndsWhatIsServedFromTheSource) {
  if (is_on_postgres()) GTEST_SKIP() << "two files will do";
  Sandbox sandbox;
  make_links(sandbox);
  ASSERT_EQ(sandbox.stop(), 0);
  const std::string from = "sqlite:" + file_of(sandbox), to = "sqlite:" + sandbox.place().file("new.db");
  const Ended moved = move(from, to);
  ASSERT_EQ(moved.status, 0) << moved.err;
  EXPECT_TRUE(has(moved.out, "From now on serve the target")) << moved.out;
  EXPECT_EQ(std::filesystem::file_size(file_of(sandbox) + "-wal"), 0U);
  const Ended served = run({"sandbox", "--data-dir", sandbox.data_dir(), "--listen", "127.0.0.1:0"});
  expect_refusal(served, moved_away);
  EXPECT_TRUE(has(served.err, "Serve that one: --database.")) << served.err;
  expect_refusal(run({"keys", "list", "--data-dir", sandbox.data_dir()}), moved_away);
  expect_refusal(move(from, to + "2"), moved_away);
  // Neither is another one made under the same name, once that has been renamed.
  std::filesystem::rename(sandbox.place().file("new.db"), sandbox.place().file("live.db"));
  expect_refusal(move(from, to), moved_away);
  EXPECT_FALSE(std::filesystem::exists(sandbox.place().file("new.db")));
  // To read it is no harm.
  EXPECT_EQ(run({"ledger", "verify", "--data-dir", sandbox.data_dir()}).status, 0);
  EXPECT_EQ(run({"ledger", "verify", "--database", "sqlite:" + sandbox.place().file("live.db")}).status, 0);
}

// A move that was cut off, its target changed meanwhile.
TEST(Move, NamesADifferenceAndIsNotFinished) {
  if (is_on_postgres()) GTEST_SKIP() << "begins on SQLite, and goes to PostgreSQL by itself";
  Sandbox sandbox;
  const Link link = create(sandbox, body(basket));
  ASSERT_EQ(sandbox.stop(), 0);
  const std::string from = "sqlite:" + file_of(sandbox), file = sandbox.place().file("target.db");
  ASSERT_EQ(move(from, "sqlite:" + file).status, 0);
  execute(file, "UPDATE moves SET finished_at = NULL");
  execute(file, "UPDATE payment_links SET amount_minor = amount_minor + 1");
  const Ended again = move(from, "sqlite:" + file);
  EXPECT_EQ(again.status, refused);
  EXPECT_TRUE(has(again.err, "payment_links: the row organization_id ")) << again.err;
  EXPECT_TRUE(has(again.err, "id " + link.id + " has another amount_minor.")) << again.err;
  EXPECT_FALSE(has(again.out, "Moved"));
  execute(file, "UPDATE payment_links SET amount_minor = amount_minor - 1");
  EXPECT_EQ(move(from, "sqlite:" + file).status, 0);
}

TEST(Move, SaysWhatIsWrong) {
  const TempDir place;
  const std::string file = "sqlite:" + place.file("a.db");
  expect_refusal(run({"migrate", "--from", file}), "--from requires --to", wrong_usage);
  expect_refusal(run({"migrate", "--to", file}), "--to requires --from", wrong_usage);
  expect_refusal(move("mysql:secret", file), "--from must be sqlite:PATH or postgresql://", wrong_usage);
  EXPECT_FALSE(has(move("mysql:secret", file).err, "secret"));
  expect_refusal(run({"migrate", "--from", file, "--to", file, "--stay"}), "excludes", wrong_usage);
  expect_refusal(move(file, "b.db"), "--to must be sqlite:PATH or postgresql://", wrong_usage);
  expect_refusal(move(file, "sqlite:" + place.file("../") + place.path().filename().string() + "/a.db"),
                 "--from and --to are the same database.", wrong_usage);
  expect_refusal(move(file, "sqlite:" + place.file("b.db"), {"--chunk-rows", "0"}), "--chunk-rows", wrong_usage);
  expect_refusal(move(file, "sqlite:" + place.file("b.db")), "There is no file at --from.");
  expect_refusal(move("postgresql://nobody@127.0.0.1:1/none", file), "The database cannot be reached");
  write_file(place.file("a.db"), "");
  expect_refusal(move(file, "sqlite:" + place.file("b.db")), "The source holds no Paylink installation.");
  write_file(place.file("c.db"), "this is no database, however long it may be; this is no database");
  EXPECT_EQ(move("sqlite:" + place.file("c.db"), "sqlite:" + place.file("b.db")).status, refused);
  EXPECT_FALSE(std::filesystem::exists(place.file("b.db")));
}

}  // namespace
}  // namespace paylink::scenario
