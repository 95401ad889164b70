#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "sql/transaction.hpp"

namespace paylink::simulator {

// How far the provider has come with looking at an organization. Spelled as in its answers.
inline constexpr std::string_view onboarding_states[] = {"completed", "in-review", "needs-data"};

// Something to read, of at most 100 bytes.
bool is_organization_name(std::string_view name);

struct Organization {
  std::string id;
  std::string name;
  std::string onboarding;
  Time created_at;
};

// What payments are made through. It has one API key, for tests: whoever pays with it and whoever pays with a token of
// its organization see the same payments, since both are kept under the tenant of that key.
struct Profile {
  std::string id;  // that of the key's tenant (profile_id_of)
  std::string organization;
  std::string name;
  std::string api_key;
  std::string tenant;
  Time created_at;
};

// A tenant is a profile in one mode.
enum class Mode : std::uint8_t { test, live };
std::string tenant_in(const Profile& profile, Mode mode);
std::string_view mode_of_tenant(std::string_view tenant);  // "test" or "live"
std::string profile_id_of(std::string_view tenant);
std::string profile_name_of(std::string_view tenant);  // where no organization has given it one

class Organizations {
 public:
  explicit Organizations(sql::Transaction& tx) : tx_(tx) {}

  // The one of that name; made, with so many profiles, when there is none.
  Result<Organization> find_or_create(std::string_view name, int profiles);
  Result<> set_onboarding(const Organization& organization, std::string_view state);
  // Fails with `not_found`.
  Result<Organization> find(std::string_view id);
  Result<std::vector<Profile>> profiles(std::string_view organization);
  // Absent for an API key that is no organization's.
  Result<std::optional<Profile>> profile_of_tenant(std::string_view tenant);
  // Whom its payments go to, as payers read it.
  Result<std::string> payee_of_tenant(std::string_view tenant);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::simulator
