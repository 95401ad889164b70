#include "store/running_flows.hpp"

namespace paylink::store {
namespace {

#define RUNNING_FLOW_COLUMNS \
  "organization_id, key_hash, fingerprint, principal, method, target, body, runs, lease_until"

constexpr std::string_view select_flow =
    "SELECT " RUNNING_FLOW_COLUMNS " FROM running_flows WHERE organization_id = $1 AND key_hash = $2";

constexpr std::string_view select_left =
    "SELECT " RUNNING_FLOW_COLUMNS " FROM running_flows WHERE lease_until <= $1 ORDER BY lease_until LIMIT 1";

constexpr std::string_view upsert_flow = R"sql(
  INSERT INTO running_flows (organization_id, key_hash, fingerprint, principal, method, target, body, runs,
                             lease_until, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  ON CONFLICT (organization_id, key_hash) DO UPDATE SET runs = excluded.runs, lease_until = excluded.lease_until
)sql";

constexpr std::string_view delete_flow =
    "DELETE FROM running_flows WHERE organization_id = $1 AND key_hash = $2 AND runs = $3 RETURNING 1";

constexpr std::string_view update_leases = "UPDATE running_flows SET lease_until = $1 WHERE lease_until > $1";

constexpr std::string_view select_far_leases =
    "SELECT organization_id, key_hash FROM running_flows WHERE lease_until > $1 LIMIT $2";

constexpr std::string_view update_lease =
    "UPDATE running_flows SET lease_until = $3 WHERE organization_id = $1 AND key_hash = $2";

RunningFlow read_flow(const sql::Rows::Row& row) {
  return {row.id<OrganizationId>(0),
          std::string(row.text(1)),
          std::string(row.text(2)),
          row.uuid(3),
          std::string(row.text(4)),
          std::string(row.text(5)),
          std::string(row.text(6)),
          row.integer(7),
          row.time(8)};
}

std::optional<RunningFlow> first_flow_of(const sql::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_flow(rows.front());
}

}  // namespace

Result<std::optional<RunningFlow>> RunningFlows::find(OrganizationId organization, std::string_view key_hash) {
  const sql::Rows rows = TRY(tx_.query(select_flow, {organization, sql::Blob{key_hash}}));
  return first_flow_of(rows);
}

Result<> RunningFlows::put(const RunningFlow& flow) {
  return tx_.defer(upsert_flow,
                   {flow.organization, sql::Blob{flow.key_hash}, sql::Blob{flow.fingerprint}, flow.principal,
                    flow.method, flow.target, flow.body, flow.runs, flow.lease_until, tx_.now()});
}

Result<bool> RunningFlows::remove(const RunningFlow& flow) {
  const sql::Rows rows = TRY(tx_.query(delete_flow, {flow.organization, sql::Blob{flow.key_hash}, flow.runs}));
  return !rows.empty();
}

Result<std::optional<RunningFlow>> RunningFlows::take_over_one(std::chrono::microseconds lease) {
  const sql::Rows rows = TRY(tx_.claim(select_left, {tx_.now()}));
  auto flow = first_flow_of(rows);
  if (!flow) return flow;
  ++flow->runs;
  flow->lease_until = tx_.now() + lease;
  TRY(put(*flow));
  return flow;
}

Result<> RunningFlows::end_leases() { return tx_.defer(update_leases, {tx_.now()}); }

Result<int> RunningFlows::bring_leases_forward(Time latest, Time to, int limit) {
  const sql::Rows rows = TRY(tx_.claim(select_far_leases, {latest, limit}));
  for (std::size_t i = 0; i < rows.size(); ++i)
    TRY(tx_.defer(update_lease, {rows[i].uuid(0), sql::Blob{rows[i].text(1)}, to}));
  return static_cast<int>(rows.size());
}

}  // namespace paylink::store
