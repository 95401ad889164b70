#include "api/payment_links_json.hpp"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "app/read_items.hpp"
#include "domain/vat.hpp"
#include "json/document.hpp"

namespace paylink::api {
namespace {

// A JSON object as its members, so that a case says only what is different about it.
class Object {
 public:
  Object(std::initializer_list<std::pair<std::string, std::string>> members) : members_(members) {}

  Object with(const std::string& name, const std::string& json) const {
    Object changed = *this;
    for (auto& member : changed.members_)
      if (member.first == name) {
        member.second = json;
        return changed;
      }
    changed.members_.emplace_back(name, json);
    return changed;
  }
  Object without(const std::string& name) const {
    Object changed = *this;
    std::erase_if(changed.members_, [&](const auto& member) { return member.first == name; });
    return changed;
  }
  std::string text() const {
    std::string text;
    for (const auto& [name, json] : members_) text += (text.empty() ? "{\"" : ",\"") + name + "\":" + json;
    return text.empty() ? "{}" : text + "}";
  }

 private:
  std::vector<std::pair<std::string, std::string>> members_;
};

const Object item{{"title", R"("Item 1")"},
                  {"quantity", "1"},
                  {"unit_price", R"({"value":"10.99","currency":"EUR"})"},
                  {"vat_rate", R"("21.0")"}};
const Object basket{
    {"potential_payment_methods", R"(["credit_card"])"}, {"reusable", "true"}, {"items", "[" + item.text() + "]"}};
const Object invoice{{"invoice_id", R"("550e8400-e29b-41d4-a716-446655440001")"},
                     {"invoice_number", R"("INV-12345")"},
                     {"debitor_name", R"("John Doe")"},
                     {"amount", R"({"value":"100.00","currency":"EUR"})"},
                     {"potential_payment_methods", R"(["credit_card","ideal"])"}};

std::string body(const Object& link) { return R"({"payment_link":)" + link.text() + "}"; }
std::string with_items(const std::vector<Object>& items) {
  std::string text;
  for (const Object& one : items) text += (text.empty() ? "[" : ",") + one.text();
  return body(basket.with("items", text + "]"));
}
std::string with_item(const Object& one) { return with_items({one}); }
std::string quoted(std::size_t count, const std::string& piece = "x") {
  std::string text = "\"";
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text + "\"";
}

// "ok 13.30 EUR", or the faults, one a line.
std::string outcome(std::string_view text, const app::CompatSettings& compat = {}) {
  const auto command = decode_create_payment_link(text, compat);
  if (command) return "ok " + command->amount.decimal() + " " + std::string(command->amount.currency().code());
  EXPECT_EQ(command.error().code, ErrorCode::invalid_input);
  std::string faults;
  for (const Fault& fault : command.error().faults) faults += fault.code + " " + fault.where + "\n";
  return faults;
}

struct Case {
  const char* name;
  std::string body;
  std::string outcome;
};

void check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(outcome(c.body), c.outcome);
  }
}

std::string link_fault(const std::string& code, const std::string& where) {
  return code + " /payment_link" + where + "\n";
}
std::string item_fault(const std::string& code, const std::string& where = "") {
  return link_fault(code, "/items/0" + where);
}

TEST(CreatePaymentLink, TheEnvelope) {
  check({
      {"no JSON", "", "malformed_json \n"},
      {"cut off", R"({"payment_link":)", "malformed_json \n"},
      {"array", "[]", "invalid_type \n"},
      {"empty object", "{}", "missing_field /payment_link\n"},
      {"null", R"({"payment_link":null})", "invalid_type /payment_link\n"},
      {"text", R"({"payment_link":"x"})", "invalid_type /payment_link\n"},
      {"empty link", R"({"payment_link":{}})",
       "missing_field /payment_link\nmissing_field /payment_link/potential_payment_methods\n"},
      {"both kinds", body(basket.with("invoice_id", "\"x\"")), "invalid /payment_link\n"},
      {"duplicate key", R"({"payment_link":{},"payment_link":{}})", "malformed_json /payment_link\n"},
      {"unknown fields", body(basket.with("color", "{\"a\":[1e300]}")), "ok 13.30 EUR"},
      {"items null beside an invoice", body(invoice.with("items", "null")), "ok 100.00 EUR"},
      {"invoice null beside items", body(basket.with("invoice_id", "null").with("amount", "7")), "ok 13.30 EUR"},
      {"items null alone", body(basket.with("items", "null")), "missing_field /payment_link\n"},
  });
}

TEST(CreatePaymentLink, Methods) {
  const auto methods = [](const std::string& json) { return body(basket.with("potential_payment_methods", json)); };
  check({
      {"all four", methods(R"(["ideal","paypal","apple_pay","credit_card"])"), "ok 13.30 EUR"},
      {"missing", body(basket.without("potential_payment_methods")),
       link_fault("missing_field", "/potential_payment_methods")},
      {"null", methods("null"), link_fault("invalid_type", "/potential_payment_methods")},
      {"text", methods(R"("ideal")"), link_fault("invalid_type", "/potential_payment_methods")},
      {"none", methods("[]"), link_fault("out_of_range", "/potential_payment_methods")},
      {"five", methods(R"(["ideal","paypal","apple_pay","credit_card","x"])"),
       link_fault("out_of_range", "/potential_payment_methods")},
      {"twice", methods(R"(["ideal","ideal"])"), link_fault("invalid", "/potential_payment_methods/1")},
      {"unknown", methods(R"(["ideal","cash"])"), link_fault("not_in_list", "/potential_payment_methods/1")},
      {"other case", methods(R"(["Ideal"])"), link_fault("not_in_list", "/potential_payment_methods/0")},
      {"number", methods("[1]"), link_fault("invalid_type", "/potential_payment_methods/0")},
      {"only ideal, in euros", methods(R"(["ideal"])"), "ok 13.30 EUR"},
      {"only ideal, in dollars",
       body(basket.with("potential_payment_methods", R"(["ideal"])")
                .with("items", "[" + item.with("unit_price", R"({"value":"1","currency":"USD"})").text() + "]")),
       link_fault("invalid", "/potential_payment_methods")},
      {"ideal among others, in dollars",
       body(basket.with("potential_payment_methods", R"(["ideal","paypal"])")
                .with("items", "[" + item.with("unit_price", R"({"value":"1","currency":"USD"})").text() + "]")),
       "ok 1.21 USD"},
  });
  const auto command = decode_create_payment_link(methods(R"(["paypal","ideal"])"), {});
  EXPECT_EQ(command->methods, (PaymentMethods{PaymentMethod::paypal, PaymentMethod::ideal}));
}

TEST(CreatePaymentLink, ReusableIsFalseUnlessSaid) {
  const auto reusable = [](const Object& link) { return decode_create_payment_link(body(link), {})->reusable; };
  EXPECT_EQ(reusable(basket), Reusable::yes);
  EXPECT_EQ(reusable(basket.with("reusable", "false")), Reusable::no);
  EXPECT_EQ(reusable(basket.with("reusable", "null")), Reusable::no);
  EXPECT_EQ(reusable(basket.without("reusable")), Reusable::no);
  EXPECT_EQ(reusable(invoice.with("reusable", "true")), Reusable::no);
  check({{"text", body(basket.with("reusable", "\"true\"")), link_fault("invalid_type", "/reusable")},
         {"number", body(basket.with("reusable", "1")), link_fault("invalid_type", "/reusable")}});
}

TEST(CreatePaymentLink, HowManyItems) {
  check({
      {"object", body(basket.with("items", "{}")), link_fault("invalid_type", "/items")},
      {"none", body(basket.with("items", "[]")), link_fault("out_of_range", "/items")},
      {"not an object", body(basket.with("items", "[1]")), item_fault("invalid_type")},
      {"null", body(basket.with("items", "[null]")), item_fault("invalid_type")},
      {"500", with_items(std::vector<Object>(500, item)), "ok 6650.00 EUR"},
      {"501", with_items(std::vector<Object>(501, item)), link_fault("out_of_range", "/items")},
  });
}

TEST(CreatePaymentLink, TextsOfAnItem) {
  check({
      {"title missing", with_item(item.without("title")), item_fault("missing_field", "/title")},
      {"title null", with_item(item.with("title", "null")), item_fault("invalid_type", "/title")},
      {"title empty", with_item(item.with("title", "\"\"")), item_fault("out_of_range", "/title")},
      {"title 1", with_item(item.with("title", "\"x\"")), "ok 13.30 EUR"},
      {"title 255", with_item(item.with("title", quoted(255, "\xC3\xA9"))), "ok 13.30 EUR"},
      {"title 256", with_item(item.with("title", quoted(256))), item_fault("out_of_range", "/title")},
      {"title with a NUL", with_item(item.with("title", R"("a\u0000b")")), item_fault("invalid_format", "/title")},
      {"title with a line feed", with_item(item.with("title", R"("a\nb")")), item_fault("invalid_format", "/title")},
      {"type good", with_item(item.with("type", "\"good\"")), "ok 13.30 EUR"},
      {"type service", with_item(item.with("type", "\"service\"")), "ok 13.30 EUR"},
      {"type null", with_item(item.with("type", "null")), "ok 13.30 EUR"},
      {"type unknown", with_item(item.with("type", "\"goods\"")), item_fault("not_in_list", "/type")},
      {"type number", with_item(item.with("type", "1")), item_fault("invalid_type", "/type")},
      {"description empty", with_item(item.with("description", "\"\"")), "ok 13.30 EUR"},
      {"description 2000", with_item(item.with("description", quoted(2000))), "ok 13.30 EUR"},
      {"description 2001", with_item(item.with("description", quoted(2001))),
       item_fault("out_of_range", "/description")},
      {"description of lines", with_item(item.with("description", R"("a\n\tb\r\nc")")), "ok 13.30 EUR"},
      {"description with a CR alone", with_item(item.with("description", R"("a\rb")")),
       item_fault("invalid_format", "/description")},
      {"description with a NUL", with_item(item.with("description", R"("a\u0000\n")")),
       item_fault("invalid_format", "/description")},
      {"description null", with_item(item.with("description", "null")), "ok 13.30 EUR"},
      {"description object", with_item(item.with("description", "{}")), item_fault("invalid_type", "/description")},
      {"measure unit 64", with_item(item.with("measure_unit", quoted(64))), "ok 13.30 EUR"},
      {"measure unit 65", with_item(item.with("measure_unit", quoted(65))),
       item_fault("out_of_range", "/measure_unit")},
      {"measure unit with a tab", with_item(item.with("measure_unit", R"("a\tb")")),
       item_fault("invalid_format", "/measure_unit")},
      {"measure unit boolean", with_item(item.with("measure_unit", "true")),
       item_fault("invalid_type", "/measure_unit")},
  });
}

TEST(CreatePaymentLink, QuantityOfAnItem) {
  const auto quantity = [](const std::string& json) { return with_item(item.with("quantity", json)); };
  check({
      {"missing", with_item(item.without("quantity")), item_fault("missing_field", "/quantity")},
      {"text", quantity("\"1\""), item_fault("invalid_type", "/quantity")},
      {"null", quantity("null"), item_fault("invalid_type", "/quantity")},
      {"zero", quantity("0"), item_fault("out_of_range", "/quantity")},
      {"minus zero", quantity("-0.0"), item_fault("out_of_range", "/quantity")},
      {"negative", quantity("-1"), item_fault("out_of_range", "/quantity")},
      {"fraction", quantity("1.5"), "ok 19.95 EUR"},
      {"with a point", quantity("2.0"), "ok 26.60 EUR"},
      {"with an exponent", quantity("1e2"), "ok 1329.79 EUR"},
      {"six decimals", quantity("1.000001"), "ok 13.30 EUR"},
      {"seven decimals", quantity("1.0000001"), item_fault("invalid_format", "/quantity")},
      {"as exact as a binary64", quantity("1.00000000000000000000001"), "ok 13.30 EUR"},
      {"largest",
       with_item(item.with("quantity", "999999999")
                     .with("unit_price", R"({"value":"0.01","currency":"EUR"})")
                     .with("vat_rate", "\"0\"")),
       "ok 9999999.99 EUR"},
      {"one past the largest", quantity("1000000000"), item_fault("out_of_range", "/quantity")},
      {"past the largest by a little", quantity("999999999.000001"), item_fault("out_of_range", "/quantity")},
      {"huge", quantity("1e300"), item_fault("out_of_range", "/quantity")},
      {"too large for JSON", quantity("1e400"), "malformed_json \n"},
  });
}

TEST(CreatePaymentLink, PriceOfAnItem) {
  const auto price = [](const std::string& json) { return with_item(item.with("unit_price", json)); };
  const auto of = [&](const std::string& value, const std::string& currency) {
    return price(R"({"value":")" + value + R"(","currency":")" + currency + "\"}");
  };
  check({
      {"missing", with_item(item.without("unit_price")), item_fault("missing_field", "/unit_price")},
      {"text", price("\"10.99\""), item_fault("invalid_type", "/unit_price")},
      {"empty", price("{}"),
       item_fault("missing_field", "/unit_price/value") + item_fault("missing_field", "/unit_price/currency")},
      {"both wrong", of("x", "y"),
       item_fault("invalid_format", "/unit_price/value") + item_fault("not_in_list", "/unit_price/currency")},
      {"value as a number", price(R"({"value":10.99,"currency":"EUR"})"),
       item_fault("invalid_type", "/unit_price/value")},
      {"value empty", of("", "EUR"), item_fault("invalid_format", "/unit_price/value")},
      {"value with a comma", of("10,99", "EUR"), item_fault("invalid_format", "/unit_price/value")},
      {"value with an exponent", of("1e1", "EUR"), item_fault("invalid_format", "/unit_price/value")},
      {"three decimals", of("10.999", "EUR"), item_fault("invalid_format", "/unit_price/value")},
      {"yen", of("100", "JPY"), "ok 121 JPY"},
      {"yen with decimals", of("100.0", "JPY"), item_fault("invalid_format", "/unit_price/value")},
      {"dinar", of("1.001", "TND"), "ok 1.211 TND"},
      {"dinar with four", of("1.0011", "TND"), item_fault("invalid_format", "/unit_price/value")},
      {"currency in small letters", of("1", "eur"), item_fault("not_in_list", "/unit_price/currency")},
      {"gold", of("1", "XAU"), item_fault("not_in_list", "/unit_price/currency")},
      {"currency number", price(R"({"value":"1","currency":978})"), item_fault("invalid_type", "/unit_price/currency")},
      {"largest",
       with_item(item.with("unit_price", R"({"value":"999999999.99","currency":"EUR"})").with("vat_rate", "\"0\"")),
       "ok 999999999.99 EUR"},
      {"one past the largest", of("1000000000.00", "EUR"), item_fault("out_of_range", "/unit_price/value")},
      {"the line past the largest", of("999999999.99", "EUR"), item_fault("out_of_range")},
      {"free", of("0", "EUR"), link_fault("out_of_range", "/items")},
      {"negative", of("-0.01", "EUR"), link_fault("out_of_range", "/items")},
      {"discount", with_items({item, item.with("unit_price", R"({"value":"-10.98","currency":"EUR"})")}),
       "ok 0.01 EUR"},
      {"total past the largest",
       with_items(std::vector<Object>(2, item.with("unit_price", R"({"value":"800000000","currency":"EUR"})"))),
       link_fault("out_of_range", "/items")},
      {"two currencies", with_items({item, item, item.with("unit_price", R"({"value":"1","currency":"USD"})")}),
       link_fault("invalid", "/items/2/unit_price/currency")},
  });
}

TEST(CreatePaymentLink, VatRateOfAnItem) {
  const auto rate = [](const std::string& json) { return with_item(item.with("vat_rate", json)); };
  check({
      {"missing", with_item(item.without("vat_rate")), item_fault("missing_field", "/vat_rate")},
      {"number", rate("21.0"), item_fault("invalid_type", "/vat_rate")},
      {"zero", rate("\"0\""), "ok 10.99 EUR"},
      {"hundred", rate("\"100\""), "ok 21.98 EUR"},
      {"past hundred", rate("\"100.0001\""), item_fault("out_of_range", "/vat_rate")},
      {"negative", rate("\"-1\""), item_fault("out_of_range", "/vat_rate")},
      {"four decimals", rate("\"21.0001\""), "ok 13.30 EUR"},
      {"five decimals", rate("\"21.00001\""), item_fault("invalid_format", "/vat_rate")},
      {"percent sign", rate("\"21%\""), item_fault("invalid_format", "/vat_rate")},
      {"empty", rate("\"\""), item_fault("invalid_format", "/vat_rate")},
      {"a fraction is a small percent", rate("\"0.21\""), "ok 11.01 EUR"},
  });
  const app::CompatSettings fraction{.vat_rate = VatRateUnit::fraction};
  EXPECT_EQ(outcome(rate("\"0.21\""), fraction), "ok 13.30 EUR");
  EXPECT_EQ(outcome(rate("\"21.0\""), fraction), item_fault("out_of_range", "/vat_rate"));
}

TEST(CreatePaymentLink, Invoice) {
  const auto amount = [](const std::string& json) { return body(invoice.with("amount", json)); };
  check({
      {"the seed's example", body(invoice), "ok 100.00 EUR"},
      {"nothing but the id", body(Object{{"invoice_id", "\"x\""}}),
       link_fault("invalid_format", "/invoice_id") + link_fault("missing_field", "/invoice_number") +
           link_fault("missing_field", "/debitor_name") + link_fault("missing_field", "/amount") +
           link_fault("missing_field", "/potential_payment_methods")},
      {"id number", body(invoice.with("invoice_id", "7")), link_fault("invalid_type", "/invoice_id")},
      {"number empty", body(invoice.with("invoice_number", "\"\"")), link_fault("out_of_range", "/invoice_number")},
      {"number 255", body(invoice.with("invoice_number", quoted(255))), "ok 100.00 EUR"},
      {"number 256", body(invoice.with("invoice_number", quoted(256))), link_fault("out_of_range", "/invoice_number")},
      {"number as a number", body(invoice.with("invoice_number", "12345")),
       link_fault("invalid_type", "/invoice_number")},
      {"name 255", body(invoice.with("debitor_name", quoted(255, "\xE2\x82\xAC"))), "ok 100.00 EUR"},
      {"name 256", body(invoice.with("debitor_name", quoted(256))), link_fault("out_of_range", "/debitor_name")},
      {"name null", body(invoice.with("debitor_name", "null")), link_fault("invalid_type", "/debitor_name")},
      {"amount text", amount("\"100\""), link_fault("invalid_type", "/amount")},
      {"amount zero", amount(R"({"value":"0.00","currency":"EUR"})"), link_fault("out_of_range", "/amount/value")},
      {"amount negative", amount(R"({"value":"-1","currency":"EUR"})"), link_fault("out_of_range", "/amount/value")},
      {"amount a cent", amount(R"({"value":"0.01","currency":"EUR"})"), "ok 0.01 EUR"},
      {"amount largest", amount(R"({"value":"999999999.99","currency":"EUR"})"), "ok 999999999.99 EUR"},
      {"amount past it", amount(R"({"value":"1000000000","currency":"EUR"})"),
       link_fault("out_of_range", "/amount/value")},
      {"amount yen", amount(R"({"value":"100","currency":"JPY"})"), "ok 100 JPY"},
      {"only ideal, in yen",
       body(invoice.with("potential_payment_methods", R"(["ideal"])")
                .with("amount", R"({"value":"1","currency":"JPY"})")),
       link_fault("invalid", "/potential_payment_methods")},
  });
}

TEST(CreatePaymentLink, TheContractsAmounts) {
  struct Vector {
    std::vector<std::pair<const char*, const char*>> lines;
    const char* amount;
  };
  const Vector vectors[] = {
      {{{"10.99", "21.0"}}, "13.30"}, {{{"100.00", "10"}}, "110.00"}, {{{"232.95", "10"}}, "256.25"},
      {{{"100.05", "10"}}, "110.06"}, {{{"232.96", "10"}}, "256.26"}, {{{"232.95", "10"}, {"9.80", "0"}}, "266.05"},
  };
  for (const Vector& vector : vectors) {
    SCOPED_TRACE(vector.amount);
    std::vector<Object> items;
    for (const auto& [price, rate] : vector.lines)
      items.push_back(item.with("unit_price", std::string(R"({"value":")") + price + R"(","currency":"EUR"})")
                          .with("vat_rate", std::string("\"") + rate + "\""));
    EXPECT_EQ(outcome(with_items(items)), std::string("ok ") + vector.amount + " EUR");
  }
  const auto twice = with_items(std::vector<Object>(
      2, item.with("unit_price", R"({"value":"100.05","currency":"EUR"})").with("vat_rate", "\"10\"")));
  EXPECT_EQ(outcome(twice), "ok 220.12 EUR");
  EXPECT_EQ(outcome(twice, {.vat_rounding = VatRounding::rate}), "ok 220.11 EUR");
}

TEST(CreatePaymentLink, ReportsEverythingAtOnceInTheSchemasOrder) {
  const Object wrong{{"vat_rate", "0"},    {"unit_price", "{}"}, {"measure_unit", "1"}, {"quantity", "0"},
                     {"description", "1"}, {"type", "1"},        {"title", "1"}};
  const std::string text =
      R"({"payment_link":{"items":[)" + wrong.text() + R"(],"reusable":1,"potential_payment_methods":["x"]}})";
  EXPECT_EQ(outcome(text),
            link_fault("not_in_list", "/potential_payment_methods/0") + link_fault("invalid_type", "/reusable") +
                item_fault("invalid_type", "/title") + item_fault("invalid_type", "/type") +
                item_fault("invalid_type", "/description") + item_fault("out_of_range", "/quantity") +
                item_fault("invalid_type", "/measure_unit") + item_fault("missing_field", "/unit_price/value") +
                item_fault("missing_field", "/unit_price/currency") + item_fault("invalid_type", "/vat_rate"));
}

TEST(CreatePaymentLink, ReportsTwentyFaultsAtMost) {
  const auto command = decode_create_payment_link(with_items(std::vector<Object>(21, item.without("title"))), {});
  ASSERT_FALSE(command);
  ASSERT_EQ(command.error().faults.size(), 20u);
  EXPECT_EQ(command.error().faults.back().where, "/payment_link/items/19/title");
  EXPECT_EQ(command.error().reason, "missing_field");
  EXPECT_EQ(command.error().message, "payment_link/items/0/title is required");
}

TEST(CreatePaymentLink, SaysWhatIsAllowed) {
  const auto detail = [](const std::string& text) {
    return decode_create_payment_link(text, {}).error().faults.at(0).detail;
  };
  EXPECT_EQ(detail(body(basket.with("potential_payment_methods", R"(["cash"])"))),
            "payment_link/potential_payment_methods/0 must be one of credit_card, apple_pay, paypal, ideal");
  EXPECT_EQ(detail(with_item(item.with("type", "\"x\""))), "payment_link/items/0/type must be one of good, service");
  EXPECT_NE(detail(with_item(item.with("unit_price", R"({"value":"1","currency":"eur"})"))).find("AED, AFN, "),
            std::string::npos);
  EXPECT_EQ(detail(with_item(item.with("unit_price", R"({"value":"1.234","currency":"EUR"})"))),
            "payment_link/items/0/unit_price/value must be a decimal string with at most 2 decimals");
}

TEST(CreatePaymentLink, EchoesItemsAsSent) {
  const Object full{{"unit_price", R"({"currency":"EUR","value":"10.9"})"},
                    {"measure_unit", R"("h")"},
                    {"vat_rate", R"("05.50")"},
                    {"title", R"("A \"quoted\" \u00e9\ud83d\ude00 <b>")"},
                    {"description", "null"},
                    {"type", R"("service")"},
                    {"quantity", "1.50"},
                    {"color", R"("red")"}};
  const auto command = decode_create_payment_link(with_items({full.with("vat_rate", R"("5.50")"), item}), {});
  ASSERT_TRUE(command);
  const std::string items = std::get<Basket>(command->subject).items;
  EXPECT_EQ(items,
            R"([{"title":"A \"quoted\" )"
            "\xC3\xA9\xF0\x9F\x98\x80"
            R"( <b>","type":"service","quantity":1.5,"measure_unit":"h",)"
            R"("unit_price":{"value":"10.9","currency":"EUR"},"vat_rate":"5.50"},)"
            R"({"title":"Item 1","quantity":1,"unit_price":{"value":"10.99","currency":"EUR"},"vat_rate":"21.0"}])");

  const auto read = app::read_items(items, VatRateUnit::percent);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].type, ItemType::service);
  EXPECT_EQ((*read)[0].measure_unit, "h");
  EXPECT_FALSE((*read)[0].description);
  EXPECT_EQ((*read)[0].quantity.decimal(), "1.5");
  EXPECT_EQ((*read)[1].title, "Item 1");
  EXPECT_EQ(total_of(*read, VatRounding::line)->decimal(), command->amount.decimal());
}

TEST(ReadItems, RefusesWhatWeDidNotWrite) {
  for (const char* text :
       {"", "[]", "{}", "[1]", "[{}]",
        R"([{"title":"x","quantity":0,"unit_price":{"value":"1","currency":"EUR"},"vat_rate":"1"}])",
        R"([{"title":"x","quantity":1,"unit_price":{"value":"1","currency":"???"},"vat_rate":"1"}])"}) {
    SCOPED_TRACE(text);
    const auto items = app::read_items(text, VatRateUnit::percent);
    ASSERT_FALSE(items);
    EXPECT_EQ(items.error().code, ErrorCode::internal);
    EXPECT_EQ(items.error().reason, "damaged_items");
  }
}

TEST(CreatePaymentLink, NaughtyTextsAreRefusedOrEchoedExactly) {
  const std::string texts[] = {
      R"("<script>alert(1)</script>")",
      R"("'; DROP TABLE payment_links; --")",
      R"("{{7*7}}")",
      R"("../../etc/passwd")",
      R"("\\u0000")",
      R"("\u202Eabc")",
      R"("\uFEFFabc")",
      R"("\u2028")",
      R"("\uD83D\uDC68\u200D\uD83D\uDC69")",
      R"("Z\u0351\u036B\u0343")",
      R"("%s%n$1")",
      R"("null")",
      R"("\uFFFE\uFFFF")",
      R"("\u0001")",
      R"("\u007f")",
      R"("\u0085")",
      R"("\ud800")",
      "\"\xFF\"",
      "\"\xC0\x80\"",
      R"("\t")",
  };
  int echoed = 0;
  for (const std::string& text : texts) {
    SCOPED_TRACE(text);
    const auto command = decode_create_payment_link(with_item(item.with("title", text)), {});
    if (!command) continue;
    ++echoed;
    const auto document = json::Document::parse(std::get<Basket>(command->subject).items);
    ASSERT_TRUE(document);
    EXPECT_EQ((*document->root().children().begin()).find("title")->text(), json::Document::parse(text)->root().text());
  }
  EXPECT_EQ(echoed, 13);
}

PaymentLink a_link(std::variant<Basket, Invoice> subject) {
  return {.organization = *OrganizationId::parse("019788b3-57ab-727c-b26e-86b95c16e93f"),
          .id = *PaymentLinkId::parse("019788b3-57ab-727c-b26e-86b95c16e940"),
          .resource_id = *Uuid::parse("4c56f862-6117-4b20-a3e3-7fa6fccea029"),
          .status = LinkStatus::open,
          .amount = *Money::parse_decimal("13.30", *Currency::parse("EUR")),
          .methods = {PaymentMethod::credit_card, PaymentMethod::ideal},
          .reusable = Reusable::no,
          .subject = std::move(subject),
          .expiration_date = *parse_rfc3339("2027-01-01T00:00:00Z"),
          .expires_effective_at = *parse_rfc3339("2027-01-01T00:00:00Z"),
          .canceled_at = std::nullopt,
          .created_at = *parse_rfc3339("2026-01-01T00:00:00Z") + std::chrono::microseconds{999'999},
          .updated_at = *parse_rfc3339("2026-01-01T00:00:00Z")};
}

const LinkContext context{.public_url = "https://pay.example.com", .now = *parse_rfc3339("2026-06-01T00:00:00Z")};

constexpr const char* basket_fields =
    R"("id":"019788b3-57ab-727c-b26e-86b95c16e940","status":"open","expiration_date":"2027-01-01T00:00:00Z",)"
    R"("created_at":"2026-01-01T00:00:00Z","potential_payment_methods":["credit_card","ideal"],)"
    R"("amount":{"value":"13.30","currency":"EUR"},"resource_type":"Basket","reusable":false,)"
    R"("url":"https://pay.example.com/019788b3-57ab-727c-b26e-86b95c16e93f)"
    R"(?resource_id=4c56f862-6117-4b20-a3e3-7fa6fccea029",)"
    R"("items":[{"title":"x"}],"invoice_id":null,"invoice_number":null,"debitor_name":null)";

TEST(PaymentLinkJson, HasTheContractsFieldsInEachShape) {
  const PaymentLink link = a_link(Basket{R"([{"title":"x"}])"});
  const std::string fields = basket_fields;
  EXPECT_EQ(created_payment_link_json(link, context), "{\"payment_link\":{" + fields + "}}");
  EXPECT_EQ(single_payment_link_json(link, context, app::SingleLink::wrapped), "{\"payment_link\":{" + fields + "}}");
  EXPECT_EQ(single_payment_link_json(link, context, app::SingleLink::bare), "{" + fields + "}");
  EXPECT_EQ(single_payment_link_json(link, context, app::SingleLink::both),
            "{" + fields + ",\"payment_link\":{" + fields + "}}");
}

TEST(PaymentLinkJson, AnInvoiceHasNoItems) {
  PaymentLink link =
      a_link(Invoice{*InvoiceId::parse("550e8400-e29b-41d4-a716-446655440001"), "INV \"1\"", "J\xC3\xB6hn"});
  link.amount = *Money::parse_decimal("100", *Currency::parse("JPY"));
  const std::string text = created_payment_link_json(link, context);
  EXPECT_NE(text.find(R"("resource_type":"Invoice")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("amount":{"value":"100","currency":"JPY"})"), std::string::npos) << text;
  EXPECT_TRUE(
      text.ends_with("\"items\":null,\"invoice_id\":\"550e8400-e29b-41d4-a716-446655440001\",\"invoice_number\":\"INV "
                     "\\\"1\\\"\",\"debitor_name\":\"J\xC3\xB6hn\"}}"))
      << text;
}

TEST(PaymentLinkJson, TheStatusDoesNotLagTheClock) {
  const PaymentLink link = a_link(Basket{"[]"});
  LinkContext later = context;
  later.now = *parse_rfc3339("2027-01-01T00:00:00Z");
  EXPECT_NE(created_payment_link_json(link, later).find(R"("status":"expired")"), std::string::npos);
  later.now -= std::chrono::microseconds{1};
  EXPECT_NE(created_payment_link_json(link, later).find(R"("status":"open")"), std::string::npos);
}

}  // namespace
}  // namespace paylink::api
