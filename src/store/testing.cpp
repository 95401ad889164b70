#include "store/testing.hpp"

#include <utility>

namespace paylink::store::testing {

Database::Database() : engine_(make_engine(clock.now())) {
  for (std::string& table : names(engine_->select_owned_tables())) owned_tables_.insert(std::move(table));
  owned_tables_.emplace("organizations");
}

Result<> Database::write_behind_wall(const sql::Tenant& tenant, const Engine::Step& step) {
  return engine_->write(tenant, clock.now(), *random_of_work, [&](sql::Transaction& tx) {
    sql::testing::TenantWall wall(tx, tenant, owned_tables_);
    return step(wall);
  });
}

sql::Rows Database::ask(std::string_view statement, sql::Values values) {
  auto rows = engine_->ask(statement, values);
  ENSURE(rows.has_value());
  return *std::move(rows);
}

std::int64_t Database::number(std::string_view statement) {
  const sql::Rows rows = ask(statement);
  ENSURE(rows.size() == 1);
  return rows.front().integer(0);
}

Result<> Database::execute_script(std::string_view script) { return engine_->execute_script(std::string(script)); }

std::vector<std::string> Database::tables() { return names(engine_->select_tables()); }

std::vector<std::string> Database::names(std::string_view select) {
  const sql::Rows rows = ask(select);
  std::vector<std::string> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.emplace_back(rows[i].text(0));
  return found;
}

Money euros(std::int64_t cents) {
  auto money = Money::of_minor(cents, *Currency::parse("EUR"));
  ENSURE(money.has_value());
  return *money;
}

Organization add_organization(Database& database, std::string slug) {
  const Organization organization{OrganizationId::create(database.clock.now(), database.random), slug, "Shop " + slug};
  ENSURE(database.write([&](sql::Transaction& tx) { return Organizations(tx).insert(organization); }).has_value());
  return organization;
}

PaymentLink make_link(Database& database, OrganizationId organization, Reusable reusable) {
  const Time now = database.clock.now();
  return PaymentLink{.organization = organization,
                     .id = PaymentLinkId::create(now, database.random),
                     .resource_id = Uuid::v4(database.random),
                     .amount = euros(1330),
                     .methods = {PaymentMethod::credit_card, PaymentMethod::ideal},
                     .reusable = reusable,
                     .subject = Basket{"[]"},
                     .expiration_date = years_after(now, 1),
                     .expires_effective_at = years_after(now, 1),
                     .canceled_at = {},
                     .created_at = now,
                     .updated_at = now};
}

PaymentLink add_link(Database& database, OrganizationId organization, Reusable reusable) {
  PaymentLink link = make_link(database, organization, reusable);
  ENSURE(database.write([&](sql::Transaction& tx) { return PaymentLinks(tx).insert(link); }).has_value());
  return link;
}

}  // namespace paylink::store::testing
