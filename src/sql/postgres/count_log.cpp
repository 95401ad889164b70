#include "sql/postgres/count_log.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <iterator>
#include <utility>

#include "base/ensure.hpp"

namespace paylink::sql::postgres::count_log {
namespace {

// Times are the server's, so that nodes do not have to agree.
#define MICROSECONDS_NOW "CAST(extract(epoch FROM now()) * 1000000 AS BIGINT)"
#define TEN_MINUTES_AGO "(" MICROSECONDS_NOW " - 600000000)"

constexpr std::string_view upsert_follower =
    "INSERT INTO count_followers (organization_id, followed_at) VALUES ($1, " MICROSECONDS_NOW
    ") ON CONFLICT (organization_id) DO UPDATE SET followed_at = excluded.followed_at";

// Begun at another moment, it is another one.
#define SERVER "CAST(extract(epoch FROM pg_postmaster_start_time()) * 1000000 AS BIGINT)"

// The snapshot in a row of its own, which has no number. The last transactions first: beside one that takes long, those
// after its beginning have been read before.
constexpr std::string_view select_changes =
    "SELECT CAST(0 AS BIGINT), CAST(pg_current_snapshot() AS TEXT), CAST(NULL AS BYTEA), " SERVER
    " UNION ALL SELECT transaction_id, '', changes, 0 FROM ("
    "SELECT transaction_id, changes, SUM(octet_length(changes)) OVER (ORDER BY transaction_id DESC) AS size"
    " FROM count_changes WHERE organization_id = $1 AND transaction_id >= $2 ORDER BY transaction_id DESC LIMIT 4096) c"
    " WHERE size <= 4194304";

constexpr std::string_view select_snapshot = "SELECT CAST(pg_current_snapshot() AS TEXT), " SERVER;

constexpr std::string_view delete_changes =
    "WITH old AS MATERIALIZED (SELECT organization_id, transaction_id FROM count_changes WHERE logged_at "
    "< " TEN_MINUTES_AGO
    " ORDER BY logged_at LIMIT $1 FOR UPDATE SKIP LOCKED) DELETE FROM count_changes c USING old"
    " WHERE c.organization_id = old.organization_id AND c.transaction_id = old.transaction_id RETURNING 1";
constexpr std::string_view delete_followers =
    "WITH old AS MATERIALIZED (SELECT organization_id FROM count_followers WHERE followed_at < " TEN_MINUTES_AGO
    " LIMIT $1 FOR UPDATE SKIP LOCKED) DELETE FROM count_followers c USING old"
    " WHERE c.organization_id = old.organization_id RETURNING 1";

// Of what `pack` writes. A row of another one is passed over.
constexpr char version = 1;

void add_number(std::string& packed, std::int64_t number) {
  std::array<char, sizeof(number)> bytes;
  std::memcpy(bytes.data(), &number, bytes.size());
  packed.append(bytes.data(), bytes.size());
}

std::string_view take(std::string_view& packed, std::size_t size) {
  ENSURE(size <= packed.size());
  const std::string_view taken = packed.substr(0, size);
  packed.remove_prefix(size);
  return taken;
}

std::int64_t take_number(std::string_view& packed) {
  std::int64_t number;
  std::memcpy(&number, take(packed, sizeof(number)).data(), sizeof(number));
  return number;
}

// As `pack` wrote it, which is so long beside the name.
constexpr std::size_t size_without_name = 1 + sizeof(std::int64_t) + 16 + sizeof(Entry::keys);

CountChange take_change(std::string_view& packed, std::uint64_t transaction) {
  CountChange change{transaction, {}, 0, {}};
  change.name = take(packed, static_cast<unsigned char>(take(packed, 1).front()));
  change.amount = take_number(packed);
  std::array<std::uint8_t, 16> id;
  std::memcpy(id.data(), take(packed, id.size()).data(), id.size());
  change.entry.id = Uuid(id);
  for (std::int64_t& key : change.entry.keys) key = take_number(packed);
  return change;
}

// Nothing when it is not ours.
std::vector<CountChange> unpack(std::string_view packed, std::uint64_t transaction) {
  if (packed.empty() || take(packed, 1).front() != version) return {};
  std::vector<CountChange> changes;
  while (!packed.empty()) {
    if (packed.size() < size_without_name + static_cast<unsigned char>(packed.front())) return {};
    changes.push_back(take_change(packed, transaction));
  }
  return changes;
}

std::uint64_t take_transaction(std::string_view& text, char end) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  ENSURE(read.ec == std::errc());
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  if (text.starts_with(end)) text.remove_prefix(1);
  return number;
}

// `first running:end:running,running…`
Snapshot read_snapshot(std::string_view text, std::int64_t server) {
  const std::uint64_t first_running = take_transaction(text, ':');
  const std::uint64_t end = take_transaction(text, ':');
  std::vector<std::uint64_t> running;
  while (!text.empty()) running.push_back(take_transaction(text, ','));
  return {first_running, end, std::move(running), server};
}

}  // namespace

const std::string_view tables = R"sql(
  CREATE TABLE IF NOT EXISTS count_followers (
    organization_id UUID PRIMARY KEY,
    followed_at BIGINT NOT NULL
  ) WITH (fillfactor = 50);
  CREATE TABLE IF NOT EXISTS count_changes (
    organization_id UUID NOT NULL,
    transaction_id BIGINT NOT NULL,
    logged_at BIGINT NOT NULL,
    changes BYTEA NOT NULL,
    PRIMARY KEY (organization_id, transaction_id)
  );
  CREATE INDEX IF NOT EXISTS count_changes_by_time ON count_changes (logged_at);
)sql";

const std::string_view insert_changes =
    "INSERT INTO count_changes (organization_id, transaction_id, logged_at, changes)"
    " SELECT CAST($1 AS UUID), CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT), " MICROSECONDS_NOW
    ", CAST($2 AS BYTEA) WHERE EXISTS (SELECT 1 FROM count_followers WHERE organization_id = $1 AND followed_at "
    "> " TEN_MINUTES_AGO ") ON CONFLICT DO NOTHING";

std::string pack(std::span<const Sum> sums) {
  std::string packed(1, version);
  for (const Sum& sum : sums) {
    ENSURE(sum.name.size() < 256);
    packed += static_cast<char>(sum.name.size());
    packed += sum.name;
    add_number(packed, sum.amount);
    const auto& id = sum.entry.id.bytes();
    packed.append(reinterpret_cast<const char*>(id.data()), id.size());
    for (const std::int64_t key : sum.entry.keys) add_number(packed, key);
  }
  return packed;
}

Result<> follow(const Uuid& organization, Transaction& tx) { return tx.defer(upsert_follower, {organization}); }

Result<CountChanges> read(const Uuid& organization, const std::optional<Snapshot>& since, Transaction& tx) {
  if (!since) {
    const Rows rows = TRY(tx.query(select_snapshot, Values{}));
    return CountChanges{read_snapshot(rows.front().text(0), rows.front().integer(1)), {}};
  }
  const Rows rows = TRY(tx.query(select_changes, {organization, static_cast<std::int64_t>(since->first_running())}));
  std::optional<Snapshot> snapshot;
  std::vector<CountChange> changes;
  for (std::size_t i = rows.size(); i-- > 0;) {
    const auto transaction = static_cast<std::uint64_t>(rows[i].integer(0));
    if (transaction == 0)
      snapshot = read_snapshot(rows[i].text(1), rows[i].integer(3));
    else if (!since->sees(transaction))
      std::ranges::move(unpack(rows[i].text(2), transaction), std::back_inserter(changes));
  }
  ENSURE(snapshot.has_value());
  // Of another database, which this one was copied from.
  std::erase_if(changes, [&](const CountChange& change) { return !snapshot->sees(change.transaction); });
  return CountChanges{*std::move(snapshot), std::move(changes)};
}

Result<int> purge(int limit, Transaction& tx) {
  const Rows followers = TRY(tx.query(delete_followers, {limit}));
  const Rows changes = TRY(tx.query(delete_changes, {limit}));
  return static_cast<int>(std::max(followers.size(), changes.size()));
}

}  // namespace paylink::sql::postgres::count_log
