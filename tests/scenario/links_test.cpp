// Creating and reading payment links: contract.md 1.2, 1.3 and the limits of part 2.

#include <gtest/gtest.h>

#include <regex>

#include "answers.hpp"
#include "bodies.hpp"
#include "payer.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

const std::string links = "/v2/payment_links";

class Links : public testing::Test {
 protected:
  static void SetUpTestSuite() { sandbox = std::make_unique<Sandbox>(); }
  static void TearDownTestSuite() {
    EXPECT_EQ(sandbox->stop(), 0) << sandbox->process().err();
    sandbox.reset();
  }
  static std::unique_ptr<Sandbox> sandbox;
};
std::unique_ptr<Sandbox> Links::sandbox;

Scenario created(const char* name, const std::string& body, const std::string& amount) {
  return {.name = name,
          .method = "POST",
          .target = links,
          .body = body,
          .status = 201,
          .values = {{"/payment_link/amount/value", amount}}};
}

Scenario refused(const char* name, const std::string& body, const std::string& errors) {
  return {.name = name, .method = "POST", .target = links, .body = body, .status = 400, .errors = errors};
}

std::string link_error(const std::string& code, const std::string& where = "") {
  return code + " /payment_link" + where + "\n";
}

std::string item_error(const std::string& code, const std::string& where = "") {
  return link_error(code, "/items/0" + where);
}

// The example of the seed's CreateBasketPaymentLink.
const std::string seed_basket =
    R"({"payment_link":{"potential_payment_methods":["credit_card"],"reusable":true,"items":[{"title":"Item 1",)"
    R"("type":"good","description":"Item 1 description","quantity":1,"measure_unit":"unit",)"
    R"("unit_price":{"value":"10.99","currency":"EUR"},"vat_rate":"21.0"}]}})";

// The fields of a link that differ from one to the next, made alike.
std::string without_what_varies(std::string json) {
  const std::string uuid = "[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
  json = std::regex_replace(json, std::regex("127\\.0\\.0\\.1:[0-9]+"), "HOST");
  json = std::regex_replace(json, std::regex(uuid), "UUIDv$1");
  json = std::regex_replace(json, std::regex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"), "TIME");
  return json;
}

TEST_F(Links, TheSeedsBasketIsAnsweredExactly) {
  const Answer answer = sandbox->post(links, seed_basket);
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.field("Content-Type"), "application/json");
  EXPECT_EQ(without_what_varies(answer.body),
            R"({"payment_link":{"id":"UUIDv7","status":"open","expiration_date":"TIME","created_at":"TIME",)"
            R"("potential_payment_methods":["credit_card"],"amount":{"value":"13.30","currency":"EUR"},)"
            R"("resource_type":"Basket","reusable":true,"url":"http://HOST/UUIDv7?resource_id=UUIDv4",)"
            R"("items":[{"title":"Item 1","type":"good","description":"Item 1 description","quantity":1,)"
            R"("measure_unit":"unit","unit_price":{"value":"10.99","currency":"EUR"},"vat_rate":"21.0"}],)"
            R"("invoice_id":null,"invoice_number":null,"debitor_name":null}})");
  const std::string url = at(answer.body, "/payment_link/url"), home = sandbox->ready("/base_url");
  EXPECT_TRUE(url.starts_with(home + "/" + sandbox->ready("/organization/id") + "?resource_id=")) << url;
  const std::string born = at(answer.body, "/payment_link/created_at"),
                    dies = at(answer.body, "/payment_link/expiration_date");
  EXPECT_EQ(std::stoi(dies.substr(0, 4)), std::stoi(born.substr(0, 4)) + 1);
  const bool leap_day = born.substr(5, 5) == "02-29";
  EXPECT_EQ(dies.substr(4), leap_day ? "-02-28" + born.substr(10) : born.substr(4));
}

TEST_F(Links, AnInvoiceIsAnsweredExactly) {
  const Answer answer = sandbox->post(links, body(invoice));
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(without_what_varies(answer.body),
            R"({"payment_link":{"id":"UUIDv7","status":"open","expiration_date":"TIME","created_at":"TIME",)"
            R"("potential_payment_methods":["credit_card","ideal"],"amount":{"value":"100.00","currency":"EUR"},)"
            R"("resource_type":"Invoice","reusable":false,"url":"http://HOST/UUIDv7?resource_id=UUIDv4",)"
            R"("items":null,"invoice_id":"UUIDv4","invoice_number":"INV-12345","debitor_name":"John Doe"}})");
  EXPECT_EQ(at(answer.body, "/payment_link/invoice_id"), "550e8400-e29b-41d4-a716-446655440001");
}

TEST_F(Links, GetAnswersTheSameLinkBareAndWrapped) {
  for (const std::string& sent : {seed_basket, body(invoice)}) {
    const Answer created_link = sandbox->post(links, sent);
    const std::string wrapped = created_link.body, bare = wrapped.substr(16, wrapped.size() - 17);
    const Answer read = sandbox->get(links + "/" + at(wrapped, "/payment_link/id"));
    EXPECT_EQ(read.status, 200);
    EXPECT_EQ(read.body, bare.substr(0, bare.size() - 1) + R"(,"payment_link":)" + bare + "}");
  }
}

TEST_F(Links, GetTellsNothingOfWhatIsNotThere) {
  const std::string id = at(sandbox->post(links, seed_basket).body, "/payment_link/id");
  const auto unknown = [](const char* name, const std::string& id_text) {
    return Scenario{.name = name, .target = links + "/" + id_text, .status = 404, .errors = "not_found\n"};
  };
  std::string other = id;
  other.back() = other.back() == '0' ? '1' : '0';
  play(*sandbox,
       {unknown("another id", other), unknown("no id", "x"), unknown("nil", "00000000-0000-0000-0000-000000000000"),
        unknown("too long", id + "0"), unknown("cut", id.substr(1)), unknown("percent", "%00"), unknown("quote", "'"),
        unknown("nothing", "")});
}

TEST_F(Links, TheContractsAmounts) {
  const auto line = [](const char* value, const char* rate) {
    return item.with("unit_price", price(value)).with("vat_rate", quoted(rate));
  };
  play(*sandbox,
       {
           created("10.99 @ 21.0", with_items({line("10.99", "21.0")}), "13.30"),
           created("100.00 @ 10", with_items({line("100.00", "10")}), "110.00"),
           created("232.95 @ 10", with_items({line("232.95", "10")}), "256.25"),
           created("100.05 @ 10", with_items({line("100.05", "10")}), "110.06"),
           created("232.96 @ 10", with_items({line("232.96", "10")}), "256.26"),
           created("two rates", with_items({line("232.95", "10"), line("9.80", "0")}), "266.05"),
           created("rounded line by line", with_items({line("100.05", "10"), line("100.05", "10")}), "220.12"),
           created("yen have no decimals", with_items({item.with("unit_price", price("100", "JPY"))}), "121"),
           created("dinars have three", with_items({item.with("unit_price", price("1.001", "TND"))}), "1.211"),
           created("a discount", with_items({item, line("-10.98", "21.0")}), "0.01"),
           created("a gift beside it", with_items({item, line("0.00", "21.0")}), "13.30"),
           created("half a piece", with_items({item.with("quantity", "0.5")}), "6.65"),
       });
}

TEST_F(Links, TheEnvelopeAndTheKind) {
  play(*sandbox,
       {
           refused("empty body", "", "malformed_json\n"),
           refused("an array", "[]", "invalid_type\n"),
           refused("an empty object", "{}", link_error("missing_field")),
           refused("null", R"({"payment_link":null})", link_error("invalid_type")),
           refused("neither kind", body(basket.without("items")), link_error("missing_field")),
           refused("both kinds", body(basket.with("invoice_id", invoice.text())), link_error("invalid")),
           refused("bare, without its envelope", basket.text(), link_error("missing_field")),
           created("unknown fields", body(basket.with("colour", R"({"a":[1]})")), "13.30"),
           created("reusable left out", body(basket.without("reusable")), "13.30"),
           refused("reusable as text", body(basket.with("reusable", R"("true")")),
                   link_error("invalid_type", "/reusable")),
           created("null for what is optional",
                   with_items({item.with("type", "null").with("description", "null").with("measure_unit", "null")}),
                   "13.30"),
       });
}

TEST_F(Links, Methods) {
  const auto methods = [](const char* json) { return body(basket.with("potential_payment_methods", json)); };
  const std::string place = "/potential_payment_methods";
  play(*sandbox,
       {
           refused("missing", body(basket.without("potential_payment_methods")), link_error("missing_field", place)),
           refused("empty", methods("[]"), link_error("out_of_range", place)),
           refused("null", methods("null"), link_error("invalid_type", place)),
           refused("text", methods(R"("ideal")"), link_error("invalid_type", place)),
           refused("twice", methods(R"(["ideal","ideal"])"), link_error("invalid", place + "/1")),
           refused("five", methods(R"(["ideal","paypal","apple_pay","credit_card","ideal"])"),
                   link_error("out_of_range", place)),
           refused("number", methods("[7]"), link_error("invalid_type", place + "/0")),
           {.name = "unknown",
            .method = "POST",
            .target = links,
            .body = methods(R"(["sepa"])"),
            .status = 400,
            .errors = link_error("not_in_list", place + "/0"),
            .says = {"credit_card, apple_pay, paypal, ideal"}},
           {.name = "kept in order",
            .method = "POST",
            .target = links,
            .body = methods(R"(["ideal","credit_card"])"),
            .status = 201,
            .says = {R"("potential_payment_methods":["ideal","credit_card"])"}},
           refused("only ideal, in dollars",
                   body(basket.with("potential_payment_methods", R"(["ideal"])")
                            .with("items", "[" + item.with("unit_price", price("1", "USD")).text() + "]")),
                   link_error("invalid", place)),
       });
}

TEST_F(Links, FieldsOfAnItem) {
  const auto with = [](const char* name, const std::string& json) { return with_items({item.with(name, json)}); };
  const auto without = [](const char* name) { return with_items({item.without(name)}); };
  const std::string accents_255 = quoted(repeated(255, "\xC3\xA9")), accents_256 = quoted(repeated(256, "\xC3\xA9"));
  play(*sandbox,
       {
           refused("not an object", body(basket.with("items", "[[]]")), item_error("invalid_type")),
           refused("title missing", without("title"), item_error("missing_field", "/title")),
           refused("title a number", with("title", "1"), item_error("invalid_type", "/title")),
           refused("title empty", with("title", R"("")"), item_error("out_of_range", "/title")),
           created("title of 255 code points", with("title", accents_255), "13.30"),
           refused("title of 256", with("title", accents_256), item_error("out_of_range", "/title")),
           refused("title with a tabulator", with("title", R"("a\tb")"), item_error("invalid_format", "/title")),
           refused("title with a NUL", with("title", R"("a\u0000b")"), item_error("invalid_format", "/title")),
           refused("title with U+0085", with("title", R"("a\u0085b")"), item_error("invalid_format", "/title")),
           created("description of 2000", with("description", quoted(repeated(2000, "x"))), "13.30"),
           refused("description of 2001", with("description", quoted(repeated(2001, "x"))),
                   item_error("out_of_range", "/description")),
           refused("description with a CR alone", with("description", R"("a\rb")"),
                   item_error("invalid_format", "/description")),
           created("measure unit of 64", with("measure_unit", quoted(repeated(64, "x"))), "13.30"),
           refused("measure unit of 65", with("measure_unit", quoted(repeated(65, "x"))),
                   item_error("out_of_range", "/measure_unit")),
           refused("type unknown", with("type", R"("gift")"), item_error("not_in_list", "/type")),
           refused("quantity missing", without("quantity"), item_error("missing_field", "/quantity")),
           refused("quantity a string", with("quantity", R"("1")"), item_error("invalid_type", "/quantity")),
           refused("quantity zero", with("quantity", "0"), item_error("out_of_range", "/quantity")),
           refused("quantity negative", with("quantity", "-1"), item_error("out_of_range", "/quantity")),
           created("quantity of 6 decimals", with("quantity", "1.000001"), "13.30"),
           refused("quantity of 7 decimals", with("quantity", "1.0000001"), item_error("invalid_format", "/quantity")),
           created("quantity largest",
                   with_items({item.with("quantity", "999999999").with("unit_price", price("0.01"))}), "12099999.99"),
           refused("quantity past it", with("quantity", "1000000000"), item_error("out_of_range", "/quantity")),
           refused("quantity 1e400", with("quantity", "1e400"), "malformed_json\n"),
           refused("price missing", without("unit_price"), item_error("missing_field", "/unit_price")),
           refused("price a string", with("unit_price", R"("10.99")"), item_error("invalid_type", "/unit_price")),
           refused(
               "price without its members", with("unit_price", "{}"),
               item_error("missing_field", "/unit_price/value") + item_error("missing_field", "/unit_price/currency")),
           refused("price's value a number", with("unit_price", R"({"value":10.99,"currency":"EUR"})"),
                   item_error("invalid_type", "/unit_price/value")),
           refused("euros of 3 decimals", with("unit_price", price("10.999")),
                   item_error("invalid_format", "/unit_price/value")),
           refused("yen of 1 decimal", with("unit_price", price("10.0", "JPY")),
                   item_error("invalid_format", "/unit_price/value")),
           refused("dinars of 4 decimals", with("unit_price", price("1.0011", "TND")),
                   item_error("invalid_format", "/unit_price/value")),
           refused("no currency", with("unit_price", price("1", "XXX")),
                   item_error("not_in_list", "/unit_price/currency")),
           refused("another currency", with_items({item, item.with("unit_price", price("1", "USD"))}),
                   link_error("invalid", "/items/1/unit_price/currency")),
           refused("rate missing", without("vat_rate"), item_error("missing_field", "/vat_rate")),
           refused("rate a JSON number", with("vat_rate", "21.0"), item_error("invalid_type", "/vat_rate")),
           refused("rate with a percent sign", with("vat_rate", R"("21%")"), item_error("invalid_format", "/vat_rate")),
           created("rate 100", with("vat_rate", R"("100")"), "21.98"),
           refused("rate past 100", with("vat_rate", R"("100.0001")"), item_error("out_of_range", "/vat_rate")),
           refused("rate of 5 decimals", with("vat_rate", R"("1.00001")"), item_error("invalid_format", "/vat_rate")),
       });
}

TEST_F(Links, DescriptionsMayHaveLines) {
  const std::string lines = "Two lines\r\n\tof <b>cotton</b>\n\n";
  const Answer made =
      sandbox->post(links, with_items({item.with("description", R"("Two lines\r\n\tof <b>cotton</b>\n\n")")}));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(at(made.body, "/payment_link/items/0/description"), lines);
  const std::string id = at(made.body, "/payment_link/id");
  EXPECT_EQ(at(sandbox->get(links + "/" + id).body, "/items/0/description"), lines);
  const Link link{id, Address::parse(at(made.body, "/payment_link/url")).target};
  const Answer page = Payer(*sandbox).open(link);
  const std::string shown =
      R"(<span class="note written">)" + std::string("Two lines\r\n\tof &lt;b&gt;cotton&lt;/b&gt;\n\n");
  EXPECT_NE(page.body.find(shown + "</span>"), std::string::npos) << page.body;
  settle_in_one_call(*sandbox, link, "ideal", "paid");
  EXPECT_EQ(at(sandbox->get(links + "/" + id).body, "/items/0/description"), lines);
}

TEST_F(Links, HowMuchAndHowMany) {
  const Object dear = item.with("vat_rate", R"("0")").with("unit_price", price("999999999.99"));
  const std::vector<Object> nameless(21, item.without("title"));
  play(*sandbox,
       {
           refused("no items", body(basket.with("items", "[]")), link_error("out_of_range", "/items")),
           created("1 item", with_items({item}), "13.30"),
           created("500 items", with_items(std::vector<Object>(500, item)), "6650.00"),
           refused("501 items", with_items(std::vector<Object>(501, item)), link_error("out_of_range", "/items")),
           created("the largest total", with_items({dear}), "999999999.99"),
           refused("a cent more", with_items({dear, item.with("unit_price", price("0.01"))}),
                   link_error("out_of_range", "/items")),
           refused("one line past it", with_items({dear.with("vat_rate", R"("1")")}), item_error("out_of_range")),
           refused("nothing to pay", with_items({item.with("unit_price", price("0"))}),
                   link_error("out_of_range", "/items")),
           refused("less than nothing", with_items({item.with("unit_price", price("-0.01"))}),
                   link_error("out_of_range", "/items")),
           {.name = "20 faults are told of 21",
            .method = "POST",
            .target = links,
            .body = with_items(nameless),
            .status = 400,
            .says = {"/payment_link/items/0/title", "/payment_link/items/19/title"},
            .never = {"/payment_link/items/20/title"},
            .values = {{"/errors", "[20]"}}},
           refused("in the schema's order whatever the body's",
                   R"({"payment_link":{"items":[{"vat_rate":1,"quantity":"1","title":1,)"
                   R"("unit_price":{"currency":1,"value":1}}],)"
                   R"("reusable":1,"potential_payment_methods":1}})",
                   link_error("invalid_type", "/potential_payment_methods") + link_error("invalid_type", "/reusable") +
                       item_error("invalid_type", "/title") + item_error("invalid_type", "/quantity") +
                       item_error("invalid_type", "/unit_price/value") +
                       item_error("invalid_type", "/unit_price/currency") + item_error("invalid_type", "/vat_rate")),
       });
}

TEST_F(Links, FieldsOfAnInvoice) {
  const auto with = [](const char* name, const std::string& json) { return body(invoice.with(name, json)); };
  play(*sandbox,
       {
           refused("nothing but its id", R"({"payment_link":{"invoice_id":"550e8400-e29b-41d4-a716-446655440001"}})",
                   link_error("missing_field", "/invoice_number") + link_error("missing_field", "/debitor_name") +
                       link_error("missing_field", "/amount") +
                       link_error("missing_field", "/potential_payment_methods")),
           refused("id no UUID", with("invoice_id", R"("42")"), link_error("invalid_format", "/invoice_id")),
           created("number of 255", with("invoice_number", quoted(repeated(255, "7"))), "100.00"),
           refused("number of 256", with("invoice_number", quoted(repeated(256, "7"))),
                   link_error("out_of_range", "/invoice_number")),
           created("debitor of 255", with("debitor_name", quoted(repeated(255, "\xE2\x82\xAC"))), "100.00"),
           refused("debitor of 256", with("debitor_name", quoted(repeated(256, "x"))),
                   link_error("out_of_range", "/debitor_name")),
           refused("amount a number", with("amount", "100"), link_error("invalid_type", "/amount")),
           refused("amount zero", with("amount", price("0")), link_error("out_of_range", "/amount/value")),
           refused("amount negative", with("amount", price("-1.00")), link_error("out_of_range", "/amount/value")),
           created("amount of a cent", with("amount", price("0.01")), "0.01"),
           created("amount largest", with("amount", price("999999999.99")), "999999999.99"),
           refused("amount past it", with("amount", price("1000000000.00")),
                   link_error("out_of_range", "/amount/value")),
           refused("amount of 3 decimals", with("amount", price("1.001")),
                   link_error("invalid_format", "/amount/value")),
       });
}

TEST_F(Links, SizeAndDepth) {
  const auto padded = [](std::size_t size) {
    const std::string plain = body(basket);
    return plain + repeated(size - plain.size(), " ");
  };
  const auto deep = [](std::size_t inside) {  // two arrays and objects around it
    return body(basket.with("extra", repeated(inside, "[") + repeated(inside, "]")));
  };
  constexpr std::size_t limit = 256 * 1024;
  play(*sandbox, {
                     created("256 KiB", padded(limit), "13.30"),
                     {.name = "a byte more",
                      .method = "POST",
                      .target = links,
                      .body = padded(limit + 1),
                      .status = 413,
                      .errors = "payload_too_large\n"},
                     created("32 deep", deep(30), "13.30"),
                     refused("33 deep", deep(31), "malformed_json\n"),
                 });
}

// One of the settings each, on a server of its own.
TEST(LinkSettings, ChangeWhatTheContractSaysTheyChange) {
  struct Case {
    const char* name;
    Words flags;
    std::string body;
    std::string amount;
  };
  const Object hundred = item.with("unit_price", price("100.05")).with("vat_rate", R"("10")");
  const Case cases[] = {
      {"fraction", {"--compat-vat-rate", "fraction"}, with_items({item.with("vat_rate", R"("0.21")")}), "13.30"},
      {"percent is never guessed", {}, with_items({item.with("vat_rate", R"("0.21")")}), "11.01"},
      {"per rate", {"--compat-vat-rounding", "rate"}, with_items({hundred, hundred}), "220.11"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Sandbox sandbox(c.flags);
    EXPECT_EQ(at(sandbox.post(links, c.body).body, "/payment_link/amount/value"), c.amount);
  }
  for (const char* shape : {"bare", "wrapped"}) {
    SCOPED_TRACE(shape);
    const Sandbox sandbox({"--compat-single-link", shape});
    const std::string id = at(sandbox.post(links, body(basket)).body, "/payment_link/id");
    const Answer read = sandbox.get(links + "/" + id);
    const bool bare = shape == std::string("bare");
    EXPECT_EQ(at(read.body, "/id"), bare ? id : "(nothing)");
    EXPECT_EQ(at(read.body, "/payment_link/id"), bare ? "(nothing)" : id);
  }
}

TEST(NoConnection, CreatingALinkSaysSo) {
  const Sandbox sandbox({"--no-connection"});
  play(sandbox, {{.name = "right body",
                  .method = "POST",
                  .target = links,
                  .body = body(basket),
                  .status = 400,
                  .errors = "invalid\n",
                  .says = {"connection with the provider does not exist"}},
                 {.name = "the body's faults come first",
                  .method = "POST",
                  .target = links,
                  .body = "{}",
                  .status = 400,
                  .errors = link_error("missing_field")}});
}

// Its links say so, before anybody fills in their form; whoever has it already is told after it.
TEST(NoConnection, NobodyIsAskedToPay) {
  const Sandbox sandbox;
  const Link link = create(sandbox, body(basket));
  const Payer payer(sandbox);
  const Answer form = payer.open(link);
  EXPECT_NE(form.body.find("<form"), std::string::npos) << form.body;
  EXPECT_EQ(sandbox.post("/sandbox/connections", R"({"status":"disabled"})").status, 200);
  for (const Answer& page : {payer.open(link), payer.submit(link, form)}) {
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.body.find("<form"), std::string::npos) << page.body;
    EXPECT_NE(page.body.find("Acme Sandbox takes no payments at the moment."), std::string::npos) << page.body;
  }
}

}  // namespace
}  // namespace paylink::scenario
