#include "checks.hpp"

#include <algorithm>
#include <filesystem>

#include "postgres_reader.hpp"
#include "sqlite_reader.hpp"

namespace paylink::faults {
namespace {

constexpr const char* paylink_file = "/paylink.db";
constexpr const char* simulator_file = "/simulator.db";

// What the simulator, our stand-in for a provider, says of each payment.
struct ProviderSide {
  std::string state;
  std::int64_t refunded_minor = 0;
};

std::map<std::string, ProviderSide> read_provider(const DatabaseReader& simulator) {
  std::map<std::string, ProviderSide> payments;
  simulator.each("SELECT id, status FROM payments",
                 [&](const ReadRow& row) { payments[row.text(0)].state = row.text(1); });
  simulator.each(
      "SELECT p.id, r.amount_minor FROM refunds r JOIN payments p ON p.number = r.payment_number WHERE r.status = "
      "'refunded'",
      [&](const ReadRow& row) { payments[row.text(0)].refunded_minor += row.integer(1); });
  return payments;
}

// Of a link that a client of ours made: an invoice's number is its title, else its only item has it.
std::string title_in(const std::string& text) {
  const auto begin = text.find("op-");
  return begin == std::string::npos ? std::string() : text.substr(begin, text.find('"', begin) - begin);
}

}  // namespace

void DatabaseChecks::none(const DatabaseReader& database, std::string_view invariant, const std::string& sentence,
                          const std::string& select) {
  database.each(select, [&](const ReadRow& row) { violations_.add(invariant, sentence + ": " + row.text(0)); });
}

void DatabaseChecks::copy(const char* file) const {
  namespace files = std::filesystem;
  files::create_directories(place_.copy_dir);
  files::remove(place_.copy_dir + file + "-shm");
  for (const std::string suffix : {"", "-wal"}) {
    files::remove(place_.copy_dir + file + suffix);
    if (files::exists(place_.data_dir + file + suffix))
      files::copy_file(place_.data_dir + file + suffix, place_.copy_dir + file + suffix);
  }
}

std::unique_ptr<DatabaseReader> DatabaseChecks::open_paylink(const std::string& directory) const {
  if (place_.cluster != nullptr) return std::make_unique<PostgresReader>(place_.database);
  return std::make_unique<SqliteReader>(directory + paylink_file);
}

void DatabaseChecks::check_crashed() {
  if (place_.cluster == nullptr) {
    if (!check_copy(simulator_file) || !check_copy(paylink_file)) return;  // nothing read from it would mean anything
  } else if (const auto word = place_.cluster->check(place_.database); word != "ok") {
    return violations_.add("I7", place_.database + ": " + word);
  }
  check_rows(*open_paylink(place_.copy_dir));
}

void DatabaseChecks::check_rows(const DatabaseReader& paylink) {
  check_captures(paylink);
  check_attempts(paylink);
  check_links(paylink);
  check_tokens(paylink);
  check_ledger(paylink);
}

void DatabaseChecks::check_settled() {
  if (!check_copy(simulator_file)) return;
  check_agreement(*open_paylink(place_.copy_dir), SqliteReader(place_.copy_dir + simulator_file));
}

bool DatabaseChecks::check_copy(const char* file) {
  copy(file);
  const auto word = SqliteReader(place_.copy_dir + file).integrity();
  if (word != "ok") violations_.add("I7", file + (": " + word));
  return word == "ok";
}

void DatabaseChecks::check_captures(const DatabaseReader& paylink) {
  none(paylink, "I2", "a link that can be paid once keeps several captures",
       "SELECT uuid(payment_link_id) FROM captures WHERE exclusive = 1 AND kept = 1 GROUP BY organization_id, "
       "payment_link_id "
       "HAVING count(*) > 1");
  none(paylink, "I2", "a paid link keeps no capture",
       "SELECT uuid(l.id) FROM payment_links l WHERE l.status = 'paid' AND (l.organization_id, l.id) NOT IN "
       "(SELECT organization_id, payment_link_id FROM captures WHERE kept = 1)");
  none(paylink, "I2", "a link that can be paid once keeps a capture and is not paid",
       "SELECT uuid(l.id) FROM payment_links l JOIN captures c ON c.organization_id = l.organization_id AND "
       "c.payment_link_id = l.id WHERE l.reusable = 0 AND c.kept = 1 AND l.status <> 'paid'");
  none(paylink, "I2", "a surplus capture without its refund",
       "SELECT uuid(c.id) FROM captures c WHERE c.kept = 0 AND NOT EXISTS (SELECT 1 FROM refunds r WHERE "
       "r.organization_id = "
       "c.organization_id AND r.attempt_id = c.attempt_id AND r.amount_minor = c.amount_minor AND r.currency = "
       "c.currency)");
  none(paylink, "I2", "a refund of a capture that is kept",
       "SELECT uuid(r.id) FROM refunds r JOIN captures c ON c.organization_id = r.organization_id AND c.attempt_id = "
       "r.attempt_id "
       "WHERE c.kept = 1 AND r.reason = 'surplus'");
  none(
      paylink, "I2", "more of a payment is given back than came in",
      "SELECT uuid(c.attempt_id) FROM captures c WHERE c.amount_minor < (SELECT coalesce(sum(r.amount_minor), 0) FROM "
      "refunds r WHERE r.organization_id = c.organization_id AND r.attempt_id = c.attempt_id AND r.state <> 'failed')");
  none(
      paylink, "I6", "what a capture says its refunds take is not what they take",
      "SELECT uuid(c.attempt_id) FROM captures c WHERE c.refunds_minor <> (SELECT coalesce(sum(r.amount_minor), 0) "
      "FROM "
      "refunds r WHERE r.organization_id = c.organization_id AND r.attempt_id = c.attempt_id AND r.state <> 'failed')");
  none(paylink, "I2", "an attempt is paid without a capture, or the other way round",
       "SELECT uuid(a.id) FROM attempts a LEFT JOIN captures c ON c.organization_id = a.organization_id AND "
       "c.attempt_id = a.id "
       "WHERE (a.state = 'paid') <> (c.id IS NOT NULL)");
}

void DatabaseChecks::check_attempts(const DatabaseReader& paylink) {
  std::map<std::string, std::string> now;
  paylink.each("SELECT uuid(id), state FROM attempts", [&](const ReadRow& row) { now[row.text(0)] = row.text(1); });
  for (const auto& [id, before] : attempt_states_) {
    const auto found = now.find(id);
    if (found == now.end())
      violations_.add("I1", "attempt " + id + " is gone");
    else if (!attempt_may_go(before, found->second))
      violations_.add("I5", "attempt " + id + " went from " + before + " to " + found->second);
  }
  for (const auto& id : paid_payments_) {
    const auto found = now.find(id);
    if (found == now.end() || found->second != "paid")
      violations_.add(
          "I1", "payment " + id + " was acknowledged as paid and is " + (found == now.end() ? "gone" : found->second));
  }
  attempt_states_ = std::move(now);
}

void DatabaseChecks::check_links(const DatabaseReader& paylink) {
  none(paylink, "I4", "one create made several links",
       "SELECT coalesce(invoice_number, items) FROM payment_links GROUP BY coalesce(invoice_number, items) HAVING "
       "count(*) > 1");
  none(paylink, "I11", "the links of a status are miscounted",
       "SELECT status FROM (SELECT organization_id, status, links FROM payment_link_counts UNION ALL "
       "SELECT organization_id, status, -count(*) FROM payment_links GROUP BY organization_id, status) AS told "
       "GROUP BY organization_id, status HAVING sum(links) <> 0");
  paylink.each("SELECT coalesce(invoice_number, items) FROM payment_links", [&](const ReadRow& row) {
    const auto title = title_in(row.text(0));
    if (refused_titles_.contains(title))
      violations_.add("I9", "the create of " + title + " was refused, and there is a link");
  });
}

void DatabaseChecks::check_tokens(const DatabaseReader& paylink) {
  none(paylink, "I8", "a live family has no refresh token that is good, or several",
       "SELECT uuid(t.grant_id) FROM oauth_tokens t JOIN oauth_grants g ON g.organization_id = t.organization_id AND "
       "g.id = t.grant_id WHERE t.kind = 'refresh' AND g.revoked_at IS NULL GROUP BY t.organization_id, t.grant_id "
       "HAVING sum(CASE WHEN t.used_at IS NULL AND t.revoked_at IS NULL THEN 1 ELSE 0 END) <> 1");
  none(paylink, "I8", "a code was exchanged and is still good",
       "SELECT uuid(g.id) FROM oauth_grants g JOIN oauth_codes c ON c.organization_id = g.organization_id AND "
       "c.id = g.id WHERE c.used_at IS NULL");
}

void DatabaseChecks::check_ledger(const DatabaseReader& paylink) {
  none(paylink, "I6", "a movement that does not sum to zero",
       "SELECT uuid(movement_id) FROM ledger_entries GROUP BY organization_id, movement_id, currency HAVING "
       "sum(amount_minor) <> 0 "
       "OR count(*) <> 2");
  none(paylink, "I6", "the ledger does not hold the captures",
       "SELECT uuid(c.id) FROM captures c LEFT JOIN (SELECT organization_id, attempt_id, amount_minor, count(*) AS "
       "entries FROM ledger_entries WHERE kind = 'capture' AND account = 'provider' GROUP BY organization_id, "
       "attempt_id, amount_minor) AS e ON e.organization_id = c.organization_id AND e.attempt_id = c.attempt_id AND "
       "e.amount_minor = c.amount_minor WHERE coalesce(e.entries, 0) <> 1");
}

std::string DatabaseChecks::unsettled() const {
  const auto reader = open_paylink(place_.data_dir);
  const DatabaseReader& paylink = *reader;
  const SqliteReader simulator(place_.data_dir + simulator_file);
  if (const auto open = paylink.number("SELECT count(*) FROM refunds WHERE state IN ('requested', 'pending')");
      open > 0)
    return std::to_string(open) + " refunds under way";
  if (const auto flows = paylink.number("SELECT count(*) FROM running_flows"); flows > 0)
    return std::to_string(flows) + " flows under way";
  std::string waiting;
  const auto provider = read_provider(simulator);
  paylink.each("SELECT uuid(id), state, provider_payment_id FROM attempts", [&](const ReadRow& row) {
    const auto state = row.text(1);
    const auto at_provider = provider.find(row.text(2));
    // One that never reached the provider must have been given up.
    const bool agrees = at_provider == provider.end() ? state == "failed" || state == "canceled" || state == "expired"
                                                      : at_provider->second.state == state;
    if (!agrees)
      waiting = "attempt " + row.text(0) + " is " + state + ", at the provider " +
                (at_provider == provider.end() ? "unknown" : at_provider->second.state);
  });
  return waiting;
}

void DatabaseChecks::check_agreement(const DatabaseReader& paylink, const DatabaseReader& simulator) {
  std::map<std::string, std::int64_t> captured;
  std::map<std::string, std::int64_t> refunded;
  paylink.each(
      "SELECT a.provider_payment_id, c.amount_minor FROM captures c JOIN attempts a ON a.organization_id = "
      "c.organization_id AND "
      "a.id = c.attempt_id",
      [&](const ReadRow& row) { captured[row.text(0)] += row.integer(1); });
  paylink.each(
      "SELECT a.provider_payment_id, r.amount_minor FROM refunds r JOIN attempts a ON a.organization_id = "
      "r.organization_id AND "
      "a.id = r.attempt_id WHERE r.state = 'refunded'",
      [&](const ReadRow& row) { refunded[row.text(0)] += row.integer(1); });
  std::map<std::string, std::int64_t> captured_there;
  std::map<std::string, std::int64_t> refunded_there;
  simulator.each("SELECT id, amount_minor FROM payments WHERE status = 'paid'",
                 [&](const ReadRow& row) { captured_there[row.text(0)] += row.integer(1); });
  for (const auto& [id, payment] : read_provider(simulator))
    if (payment.refunded_minor > 0) refunded_there[id] = payment.refunded_minor;
  const auto compare = [&](const auto& ours, const auto& theirs, const std::string& what) {
    for (const auto& [id, minor] : theirs)
      if (const auto found = ours.find(id); found == ours.end() || found->second != minor)
        violations_.add("I6", what + " of " + id + ": the provider has " + std::to_string(minor) + ", we have " +
                                  (found == ours.end() ? "nothing" : std::to_string(found->second)));
    for (const auto& [id, minor] : ours)
      if (!theirs.contains(id))
        violations_.add("I6", what + " of " + id + ": the provider has nothing, we have " + std::to_string(minor));
  };
  compare(captured, captured_there, "the capture");
  compare(refunded, refunded_there, "the refund");
  none(paylink, "I2", "a surplus that was never given back",
       "SELECT uuid(c.id) FROM captures c JOIN refunds r ON r.organization_id = c.organization_id AND r.attempt_id = "
       "c.attempt_id "
       "WHERE c.kept = 0 AND r.state <> 'refunded'");
  none(paylink, "I6", "the ledger's account at the provider differs from captures less refunds and chargebacks",
       "SELECT e.currency || ' ' || sum(e.amount_minor) FROM ledger_entries e WHERE e.account = 'provider' "
       "GROUP BY e.currency "
       "HAVING sum(e.amount_minor) <> (SELECT coalesce(sum(c.amount_minor), 0) FROM captures c WHERE c.currency = "
       "e.currency) - "
       "(SELECT coalesce(sum(r.amount_minor), 0) FROM refunds r WHERE r.state = 'refunded' AND r.currency = "
       "e.currency) - "
       "(SELECT coalesce(sum(b.amount_minor), 0) FROM chargebacks b WHERE b.reversed_at IS NULL AND b.currency = "
       "e.currency)");
}

}  // namespace paylink::faults
