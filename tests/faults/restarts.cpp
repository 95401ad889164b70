// How long a killed server with many links takes until it answers again (quality: K6). Each time clients do all they do
// in the campaigns, the process is killed, started, and asked for a link.
//
//   restarts --binary build/release/paylink --directory build/faults/restarts [--restarts 20] [--links 100000] [--seed
//   1]
//
// The last line of the output is `restarts N, links N, ready after p50 N ms, p99 N ms, violations N`. Exits 1 when the
// p99 is over a second, or the link that is asked for is not what it was.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "client.hpp"
#include "family_checks.hpp"
#include "oracle.hpp"
#include "site.hpp"
#include "sqlite_reader.hpp"
#include "support/options.hpp"
#include "workload.hpp"

namespace paylink::faults {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds promised{1'000};
constexpr milliseconds patience{20'000};

struct Options {
  std::string binary;
  std::string directory;  // emptied
  int restarts = 20;
  int links = 100'000;
  std::uint64_t seed = 1;
};

[[noreturn]] void die(const std::string& sentence) {
  std::fprintf(stderr, "restarts: %s\n", sentence.c_str());
  std::exit(3);
}

// Writes so many links like the only one that is there. Nobody else has the file open.
void fill(const std::string& file, int links) {
  std::string columns;
  SqliteReader(file).each("SELECT name FROM pragma_table_info('payment_links')",
                          [&](const ReadRow& row) { columns += (columns.empty() ? "" : ", ") + row.text(0); });
  std::string values = ", " + columns + ",";
  for (const std::string column : {" id,", " resource_id,"})
    values.replace(values.find(column), column.size(), " randomblob(16),");
  values = values.substr(2, values.size() - 3);
  const std::string script =
      "PRAGMA synchronous = OFF; BEGIN; CREATE TEMP TABLE model AS SELECT * FROM payment_links;"
      "INSERT INTO payment_links (" +
      columns +
      ") WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL"
      " SELECT n + 1 FROM counted WHERE n < " +
      std::to_string(links - 1) + ") SELECT " + values +
      " FROM counted, model; DELETE FROM payment_link_counts;"
      "INSERT INTO payment_link_counts (organization_id, status, part, links) SELECT organization_id, status, 0,"
      " COUNT(*) FROM payment_links GROUP BY organization_id, status; COMMIT; PRAGMA wal_checkpoint(TRUNCATE);";
  sqlite3* database = nullptr;
  char* wrong = nullptr;
  if (sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) die("cannot open " + file);
  if (sqlite3_exec(database, script.c_str(), nullptr, nullptr, &wrong) != SQLITE_OK) die(wrong);
  sqlite3_close(database);
}

class Restarts {
 public:
  explicit Restarts(const Options& options)
      : options_(options),
        choices_(options.seed),
        families_(violations_, options.seed),
        site_(options.binary, options.directory, options.seed, nullptr, violations_) {}

  int run() {
    prepare();
    for (int done = 1; done <= options_.restarts; ++done) {
      took_.push_back(start());
      Target target = site_.target();
      target.session = families_.sign_in(target);
      Workload load(std::move(target), oracle_, violations_, options_.seed, done);
      std::this_thread::sleep_for(milliseconds(50 + choices_() % 250));
      kill();
      load.join();
      oracle_.take_news();
    }
    std::ranges::sort(took_);
    const auto p50 = took_[took_.size() / 2], p99 = took_[(took_.size() * 99 + 99) / 100 - 1];
    if (p99 > promised) violations_.add("K6", "it takes longer than a second to be ready again");
    std::printf("restarts %d, links %d, ready after p50 %lld ms, p99 %lld ms, violations %llu\n", options_.restarts,
                options_.links, static_cast<long long>(p50.count()), static_cast<long long>(p99.count()),
                static_cast<unsigned long long>(violations_.count()));
    return violations_.count() == 0 ? 0 : 1;
  }

 private:
  void prepare() {
    site_.start();
    const auto made = site_.target().connect(0)->post(
        "/v2/payment_links",
        R"({"payment_link":{"potential_payment_methods":["credit_card"],"reusable":true,"items":[{"title":"Tea",)"
        R"("quantity":1,"unit_price":{"value":"10.99","currency":"EUR"},"vat_rate":"21.0"}]}})");
    const auto link = made && made->status == 201 ? read_link(made->body) : std::nullopt;
    if (!link) die("no link can be made");
    link_ = *link;
    kill();
    fill(site_.target().data_dirs.front() + "/paylink.db", options_.links);
  }

  // Until it answers for the link.
  milliseconds start() {
    const auto begun = std::chrono::steady_clock::now();
    site_.start();
    const auto client = site_.target().connect(0);
    std::optional<Answer> answer;
    while (std::chrono::steady_clock::now() < begun + patience && !(answer && answer->status == 200))
      answer = client->get("/v2/payment_links/" + link_.id);
    const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun);
    const auto read = answer ? read_link(answer->body) : std::nullopt;
    if (!read || read->core != link_.core) violations_.add("I1", "the link reads differently");
    return took;
  }
  void kill() {
    site_.strike(Victim::all_nodes, 0, 0);
    site_.bury();
  }

  const Options& options_;
  std::mt19937_64 choices_;
  Violations violations_;
  Oracle oracle_;
  FamilyChecks families_;  // only to be signed in
  Site site_;
  KnownLink link_;
  std::vector<milliseconds> took_;
};

bool read(Options& options, int argc, char** argv) {
  testing::ProgramOptions all("restarts --binary FILE --directory DIR [--restarts N] [--links N] [--seed N]");
  all.text("--binary", options.binary).text("--directory", options.directory);
  all.number("--restarts", options.restarts, 1).number("--links", options.links, 2).number("--seed", options.seed);
  return all.read(argc, argv);
}

}  // namespace
}  // namespace paylink::faults

int main(int argc, char** argv) {
  using namespace paylink::faults;
  Options options;
  if (!read(options, argc, argv)) return 2;
  std::filesystem::remove_all(options.directory);
  std::filesystem::create_directories(options.directory);
  return Restarts(options).run();
}
