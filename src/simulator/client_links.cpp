#include "simulator/client_links.hpp"

#include "simulator/payments.hpp"

namespace paylink::simulator {
namespace {

constexpr std::chrono::hours life{24 * 30};
constexpr std::size_t id_letters = 22;

constexpr std::string_view insert_link =
    "INSERT INTO client_links (id, organization_name, created_at) VALUES ($1, $2, $3)";
constexpr std::string_view select_link = "SELECT organization_name FROM client_links WHERE id = $1 AND created_at > $2";

}  // namespace

Result<std::string> ClientLinks::insert(std::string_view organization_name) {
  std::string id = random_id("cl_", id_letters, tx_.random());
  TRY(tx_.defer(insert_link, {id, organization_name, tx_.now()}));
  return id;
}

Result<std::string> ClientLinks::find(std::string_view id) {
  const sql::Rows rows = TRY(tx_.query(select_link, {id, tx_.now() - life}));
  if (rows.empty()) return fail(ErrorCode::not_found, "not_found", "There is no such client link.");
  return std::string(rows.front().text(0));
}

}  // namespace paylink::simulator
