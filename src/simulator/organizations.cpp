#include "simulator/organizations.hpp"

#include "simulator/payments.hpp"
#include "simulator/tenant.hpp"

namespace paylink::simulator {
namespace {

constexpr std::string_view live_suffix = "|live";
constexpr std::size_t profile_letters = 10;
constexpr std::size_t key_letters = 30;
constexpr std::size_t name_bytes_max = 100;

constexpr std::string_view select_by_name =
    "SELECT id, name, onboarding, created_at FROM organizations WHERE name = $1";
constexpr std::string_view select_by_id = "SELECT id, name, onboarding, created_at FROM organizations WHERE id = $1";
constexpr std::string_view insert_organization =
    "INSERT INTO organizations (id, name, onboarding, created_at) VALUES ($1, $2, $3, $4)";
constexpr std::string_view update_onboarding = "UPDATE organizations SET onboarding = $2 WHERE id = $1";

constexpr std::string_view insert_profile =
    "INSERT INTO profiles (id, organization_id, name, api_key, tenant, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
constexpr std::string_view select_profiles =
    "SELECT id, organization_id, name, api_key, tenant, created_at FROM profiles WHERE organization_id = $1 "
    "ORDER BY number";
constexpr std::string_view select_by_tenant =
    "SELECT id, organization_id, name, api_key, tenant, created_at FROM profiles WHERE tenant = $1";

Organization read_organization(const sql::Rows::Row& row) {
  return {std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)), row.time(3)};
}

Profile read_profile(const sql::Rows::Row& row) {
  return {std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)),
          std::string(row.text(3)), std::string(row.text(4)), row.time(5)};
}

}  // namespace

bool is_organization_name(std::string_view name) {
  return name.size() <= name_bytes_max && name.find_first_not_of(" \t") != std::string_view::npos;
}

std::string tenant_in(const Profile& profile, Mode mode) {
  return mode == Mode::test ? profile.tenant : profile.tenant + std::string(live_suffix);
}

std::string_view mode_of_tenant(std::string_view tenant) { return tenant.ends_with(live_suffix) ? "live" : "test"; }

std::string profile_id_of(std::string_view tenant) { return "pfl_" + std::string(tenant.substr(0, profile_letters)); }

std::string profile_name_of(std::string_view tenant) {
  constexpr std::size_t shown = 4;
  const std::string id = profile_id_of(tenant);
  return "Test shop " + id.substr(id.size() - shown);
}

Result<Organization> Organizations::find_or_create(std::string_view name, int profiles) {
  const sql::Rows rows = TRY(tx_.query(select_by_name, {name}));
  if (!rows.empty()) return read_organization(rows.front());
  Organization made{random_id("org_", 8, tx_.random()), std::string(name), std::string(onboarding_states[0]),
                    tx_.now()};
  TRY(tx_.defer(insert_organization, {made.id, made.name, made.onboarding, made.created_at}));
  for (int i = 1; i <= profiles; ++i) {
    const std::string key = random_id("test_", key_letters, tx_.random());
    const std::string tenant = tenant_of_key(key);
    const std::string shop = made.name + (i == 1 ? "" : " " + std::to_string(i));
    TRY(tx_.defer(insert_profile, {profile_id_of(tenant), made.id, shop, key, tenant, tx_.now()}));
  }
  return made;
}

Result<> Organizations::set_onboarding(const Organization& organization, std::string_view state) {
  return tx_.defer(update_onboarding, {organization.id, state});
}

Result<Organization> Organizations::find(std::string_view id) {
  const sql::Rows rows = TRY(tx_.query(select_by_id, {id}));
  if (rows.empty()) return fail(ErrorCode::not_found, "not_found", "No organization exists with this id.");
  return read_organization(rows.front());
}

Result<std::vector<Profile>> Organizations::profiles(std::string_view organization) {
  const sql::Rows rows = TRY(tx_.query(select_profiles, {organization}));
  std::vector<Profile> result;
  for (std::size_t i = 0; i < rows.size(); ++i) result.push_back(read_profile(rows[i]));
  return result;
}

Result<std::optional<Profile>> Organizations::profile_of_tenant(std::string_view tenant) {
  const sql::Rows rows = TRY(tx_.query(select_by_tenant, {tenant.substr(0, tenant.find('|'))}));
  if (rows.empty()) return std::optional<Profile>();
  return std::optional<Profile>(read_profile(rows.front()));
}

Result<std::string> Organizations::payee_of_tenant(std::string_view tenant) {
  const auto profile = TRY(profile_of_tenant(tenant));
  return profile ? profile->name : profile_name_of(tenant);
}

}  // namespace paylink::simulator
