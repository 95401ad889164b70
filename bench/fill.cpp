// Fills an installation with links as if years had passed, in bulk, while no server runs: a link made over the API is
// the model, and indexes are made last, as the migrations made them.
//
//   fill (--sqlite FILE | --postgres URL) --links N [--organizations 1] [--samples FILE] [--expiring N --expires-at S]
//
// The one organization that is there gets all N links, or its share of them if it is one of several: the others are
// made here. --samples is written: the ids and resource ids of up to 20,000 of its links, a pair each line. The newest
// --expiring links are open until --expires-at, in seconds since 1970.

#include <algorithm>
#include <chrono>
#include <memory>

#include "fill_links.hpp"
#include "fill_postgres.hpp"
#include "fill_sqlite.hpp"

namespace paylink::bench {
namespace {

const auto begun = std::chrono::steady_clock::now();

struct Options {
  std::string sqlite, postgres, samples;
  std::int64_t links = 0, organizations = 1, expiring = 0, expires_at = 0;
};

Options parse_options(int argc, char** argv) {
  Options options;
  for (int at = 1; at + 1 < argc; at += 2) {
    const std::string_view name = argv[at];
    const char* value = argv[at + 1];
    if (name == "--sqlite")
      options.sqlite = value;
    else if (name == "--postgres")
      options.postgres = value;
    else if (name == "--samples")
      options.samples = value;
    else if (name == "--links")
      options.links = std::atoll(value);
    else if (name == "--organizations")
      options.organizations = std::atoll(value);
    else if (name == "--expiring")
      options.expiring = std::atoll(value);
    else if (name == "--expires-at")
      options.expires_at = std::atoll(value);
    else
      die("there is no option " + std::string(name));
  }
  if (argc % 2 == 0 || options.sqlite.empty() == options.postgres.empty() || options.links < 1 ||
      options.organizations < 1)
    die("--links and one of --sqlite and --postgres are needed");
  return options;
}

std::vector<Uuid> random_organizations(std::int64_t count) {
  std::mt19937_64 random(2);
  std::vector<Uuid> ids(static_cast<std::size_t>(count));
  for (Uuid& id : ids) {
    std::ranges::generate(id, [&] { return static_cast<std::uint8_t>(random()); });
    id[0] = 0x01;  // older than the first one, whose id is of now
    id[1] = static_cast<std::uint8_t>(id[1] % 0xa0);
    id[6] = static_cast<std::uint8_t>((id[6] & 0x0f) | 0x70);
    id[8] = static_cast<std::uint8_t>((id[8] & 0x3f) | 0x80);
  }
  return ids;
}

int run(const Options& options) {
  std::unique_ptr<Database> database;
  if (options.sqlite.empty())
    database = std::make_unique<PostgresDatabase>(options.postgres);
  else
    database = std::make_unique<SqliteDatabase>(options.sqlite);
  const Uuid first = database->organization();
  Mix mix;
  mix.links = options.links;
  mix.expiring = options.expiring;
  mix.expires_at = options.expires_at * 1'000'000;
  mix.now = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
                .count();
  mix.items = database->model_items();
  mix.organizations = random_organizations(options.organizations - 1);
  if (!mix.organizations.empty()) {
    note(std::to_string(mix.organizations.size()) + " more organizations");
    database->add_organizations(mix.organizations);
  }
  mix.organizations.push_back(first);
  Links links(std::move(mix));

  std::FILE* const samples = options.samples.empty() ? nullptr : std::fopen(options.samples.c_str(), "w");
  if (!options.samples.empty() && !samples) die("cannot write " + options.samples);
  constexpr std::int64_t samples_max = 20'000;
  const std::int64_t every = std::max<std::int64_t>(1, options.links / options.organizations / samples_max);
  std::int64_t told = 0, own = 0;
  database->fill(links, [&](const Link& link) {
    if (++told % 1'000'000 == 0) note(std::to_string(told) + " of " + std::to_string(options.links) + " links");
    if (!samples || link.organization != first || own++ % every != 0) return;
    std::fprintf(samples, "%s %s\n", text_of(link.id).c_str(), text_of(link.resource_id).c_str());
  });
  if (samples && std::fclose(samples) != 0) die("cannot write " + options.samples);
  note("done");
  return 0;
}

}  // namespace

void note(const std::string& sentence) {
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  std::fprintf(stderr, "fill: %6.1f s  %s\n", taken.count(), sentence.c_str());
}

}  // namespace paylink::bench

int main(int argc, char** argv) { return paylink::bench::run(paylink::bench::parse_options(argc, argv)); }
