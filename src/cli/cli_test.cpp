#include <gtest/gtest.h>

#include <sstream>

#include "cli/bodies.hpp"
#include "cli/call.hpp"
#include "cli/query.hpp"
#include "cli/report.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "cli/yaml.hpp"
#include "json/document.hpp"

namespace paylink::cli {
namespace {

using namespace std::chrono_literals;

std::string yaml_of(const std::string& json) {
  const auto document = json::Document::parse(json);
  return document ? to_yaml(document->root()) : "no JSON";
}

TEST(Yaml, QuotesWhateverCouldBeSomethingElse) {
  struct Case {
    std::string json, yaml;
  };
  const Case cases[] = {
      {R"("open")", "open\n"},
      {R"("a-b_c.d")", "a-b_c.d\n"},
      {R"("")", "\"\"\n"},
      {R"("no")", "\"no\"\n"},
      {R"("Yes")", "\"Yes\"\n"},
      {R"("null")", "\"null\"\n"},
      {R"("12")", "\"12\"\n"},
      {R"("1e3")", "\"1e3\"\n"},
      {R"("2026-01-01")", "\"2026-01-01\"\n"},
      {R"("- a")", "\"- a\"\n"},
      {R"("a: b #c")", "\"a: b #c\"\n"},
      {R"("a\nb")", "\"a\\nb\"\n"},
      {R"("\u2028\u0085\u009b\u007f\ufeff")", "\"\\u2028\\u0085\\u009b\\u007f\\ufeff\"\n"},
      {R"("\t\r\u0000\\\"")", R"("\u0009\u000d\u0000\\\"")"
                              "\n"},
      {R"("\u202e\ufffe\udb40\udc41")", R"("\u202e\ufffe\U000e0041")"
                                        "\n"},
      {R"("caf\u00e9")", "\"caf\xC3\xA9\"\n"},
      {"12.50", "12.5\n"},
      {"true", "true\n"},
      {"{}", "{}\n"},
      {"[]", "[]\n"},
      {R"({"a":{"b":[1,{"c":null}],"d":{}},"no":"x"})",
       "a:\n  b:\n    - 1\n    -\n      c: null\n  d: {}\n\"no\": x\n"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.json);
    EXPECT_EQ(yaml_of(c.json), c.yaml);
  }
}

TEST(Table, LetsNothingMoveTheCursor) {
  EXPECT_EQ(harmless("a\x1B[2Jb\rc\xC2\x9B"
                     "d"),
            "a?[2Jb?c?d");
  EXPECT_EQ(harmless("\xE2\x80\xAE"
                     "gnp.exe"),
            "?gnp.exe");
  EXPECT_EQ(harmless("caf\xC3\xA9 \xE6\x97\xA5"), "caf\xC3\xA9 \xE6\x97\xA5");
  EXPECT_EQ(to_table(json::Document::parse(R"({"a\u001b[2J\u009b":"\u007f"})")->root(), 0), "a?[2J?  ?\n");
  EXPECT_EQ(width_of("\xE6\x97\xA5\xE6\x9C\xAC"), 4U);
  EXPECT_EQ(width_of("e\xCC\x81"), 1U);
}

TEST(Table, AlignsAndCuts) {
  EXPECT_EQ(table({"A", "B"}, {{"1", "x"}, {"\xE6\x97\xA5", "y"}}, 0), "A   B\n1   x\n\xE6\x97\xA5  y\n");
  EXPECT_EQ(table({}, {{"name", "a long value"}}, 12), "name  a lon…\n");
  EXPECT_EQ(table({}, {{"name", "a long value"}}, 3), "name\n");
  const std::vector<std::vector<std::string>> rows = {{"0199-4711", "open", "13.30 EUR", "Coffee and more"}};
  EXPECT_EQ(table({"ID", "STATUS", "AMOUNT", "FOR"}, rows, 40),
            "ID         STATUS  AMOUNT     FOR\n0199-4711  open    13.30 EUR  Coffee an…\n");
  EXPECT_EQ(table({"ID", "STATUS", "AMOUNT", "FOR"}, rows, 35),
            "ID         STATUS  AMOUNT\n0199-4711  open    13.30 EUR\n");
  EXPECT_EQ(table({"ID", "STATUS", "AMOUNT", "FOR"}, rows, 1), "ID\n0199-4711\n");
  // No line is wider than the terminal once the first column fits.
  for (std::size_t width = 9; width < 60; ++width) {
    SCOPED_TRACE(width);
    std::istringstream lines(table({"ID", "STATUS", "AMOUNT", "FOR"}, rows, width));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(width_of(line), width) << line;
  }
}

TEST(Table, SaysWhatWentBack) {
  const auto shown = [](const std::string& more) {
    const std::string json = R"({"payments":[{"id":"1","status":"paid","amount":{"value":"13.30","currency":"EUR"})" +
                             more + R"(},{"id":"2","status":"open"}]})";
    return to_table(json::Document::parse(json)->root(), 0);
  };
  EXPECT_EQ(shown("").substr(0, shown("").find('\n')), "ID  STATUS  AMOUNT     METHOD  BY  PAID  BEGUN");
  const std::string refunded = shown(R"(,"amount_refunded":{"value":"3.30","currency":"EUR"})");
  EXPECT_EQ(refunded.substr(0, refunded.find("1 ")), "ID  STATUS  AMOUNT     REFUNDED  METHOD  BY  PAID  BEGUN\n");
  EXPECT_NE(refunded.find("13.30 EUR  3.30 EUR  -"), std::string::npos) << refunded;
}

// What a server that is something else, or broken, may answer.
TEST(Table, SurvivesEveryShape) {
  const std::string shapes[] = {"null", "5", R"("x")", "[]", "{}", "[1,[2]]", R"({"a":1})", R"({"a":[{"b":[]}]})"};
  const std::string keys[] = {"payment_links", "payments",       "payment_link_payment_methods",
                              "payment_link",  "meta",           "items",
                              "amount",        "invoice_number", "value"};
  int seen = 0;
  for (const std::string& outer : keys)
    for (const std::string& inner : keys)
      for (const std::string& shape : shapes) {
        const std::string object = "{\"" + inner + "\":" + shape + "}";
        for (const std::string& json :
             {shape, "{\"" + outer + "\":" + shape + "}", "{\"" + outer + "\":" + object + "}",
              "{\"" + outer + "\":[" + shape + "," + object + "],\"meta\":" + shape + "}"}) {
          SCOPED_TRACE(json);
          const auto document = json::Document::parse(json, {.duplicate_keys = json::DuplicateKeys::kept});
          ASSERT_TRUE(document.has_value());
          EXPECT_NO_THROW(to_table(document->root(), 20));
          EXPECT_NO_THROW((void)next_place(json, {.walk = Walk::by_number}));
          EXPECT_NO_THROW((void)next_place(json, {.walk = Walk::by_cursor}));
          EXPECT_NO_THROW(report({400, json}, Output::table, 20, {Credentials::none}));
          ++seen;
        }
      }
  EXPECT_EQ(seen, 9 * 9 * 8 * 4);
}

TEST(Table, SaysWhereTheListEnds) {
  const auto after = [](const std::string& list, const std::string& meta) {
    const std::string json = R"({"payments":)" + list + R"(,"meta":{)" + meta + "}}";
    const std::string text = to_table(json::Document::parse(json)->root(), 0);
    return text.substr(text.find('\n') + 1);
  };
  const auto page = [&](const std::string& meta) { return after("[]", R"("current_page":)" + meta); };
  EXPECT_EQ(page(R"(2,"total_pages":10,"total_count":99)"), "page 2 of 10, 99 in all\n");
  EXPECT_EQ(page(R"(10,"total_pages":10,"total_count":99)"), "page 10 of 10, 99 in all\n");
  EXPECT_EQ(page(R"(11,"total_pages":10,"total_count":99)"), "nothing on page 11: the last is 10\n");
  EXPECT_EQ(page(R"(10,"total_pages":9,"total_count":99)"), "nothing on page 10: the last is 9\n");
  EXPECT_EQ(page(R"(1,"total_pages":0,"total_count":0)"), "none\n");
  // Pages of a walk by cursor have no numbers.
  const std::string row = "1   -       -       -       -   -     -\n";
  EXPECT_EQ(after(R"([{"id":"1"}])", R"("next_cursor":"a","per_page":1)"), row);
  EXPECT_EQ(after(R"([{"id":"1"}])", R"("next_cursor":null,"per_page":1)"), row);
  EXPECT_EQ(after("[]", R"("next_cursor":null,"per_page":1)"), "none\n");
  EXPECT_EQ(after("[]", R"("next_cursor":"a","per_page":1)"), "");
}

TEST(Table, NeverCutsWhatIsThereToBeCopied) {
  const std::string url = "https://pay.example.com/01990000-0000-7000-8000-000000000000?resource_id=x";
  const auto document = json::Document::parse(R"({"payment_link":{"url":")" + url + "\"}}");
  EXPECT_EQ(to_table(document->root(), 20), "url  " + url + "\n");
}

TEST(Pages, LeadForward) {
  const auto by_number = [](std::int64_t page) { return ListPlace{.walk = Walk::by_number, .page = page}; };
  const auto by_cursor = [](const std::string& cursor) { return ListPlace{.walk = Walk::by_cursor, .cursor = cursor}; };
  struct Case {
    std::string meta;
    ListPlace place;
    std::string next;  // empty at the end
  };
  const Case cases[] = {
      {R"({"next_page":2})", by_number(1), "page=2"},
      {R"({"next_page":null})", by_number(1), ""},
      {R"({"next_page":1})", by_number(1), "endless_list"},
      {R"({"next_page":1})", by_number(2), "endless_list"},
      {R"({"next_page":"2"})", by_number(1), ""},
      {R"({"next_page":2.5})", by_number(1), ""},
      {R"({"next_page":2,"next_cursor":"a"})", by_number(1), "page=2"},
      {"{}", by_number(1), ""},
      {"5", by_number(1), ""},
      {R"({"next_cursor":"a"})", by_cursor(""), "cursor=a"},
      {R"({"next_cursor":"b"})", by_cursor("a"), "cursor=b"},
      {R"({"next_cursor":"a"})", by_cursor("a"), "endless_list"},
      {R"({"next_cursor":null})", by_cursor("a"), ""},
      {R"({"next_cursor":""})", by_cursor("a"), ""},
      {R"({"next_cursor":1})", by_cursor(""), ""},
      {"{}", by_cursor(""), ""},
      // A server that knows no cursors answered with its first page; in the middle of a walk that cannot be.
      {R"({"current_page":1,"next_page":2})", by_cursor(""), "page=2"},
      {R"({"current_page":1,"next_page":null})", by_cursor(""), ""},
      {R"({"next_page":1})", by_cursor(""), "endless_list"},
      {R"({"next_page":2,"next_cursor":null})", by_cursor(""), ""},
      {R"({"next_page":2})", by_cursor("a"), ""},
  };
  const auto shown = [](const Result<std::optional<ListPlace>>& next) -> std::string {
    if (!next) return next.error().reason;
    return *next ? std::string((*next)->parameter()) + "=" + (*next)->value() : "";
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.meta + " at " + std::string(c.place.parameter()) + "=" + c.place.value());
    EXPECT_EQ(shown(next_place("{\"meta\":" + c.meta + "}", c.place)), c.next);
  }
  for (const std::string_view answer : {"[]", "", "{}"}) EXPECT_EQ(shown(next_place(answer, by_number(1))), "");
}

TEST(Table, ShowsWhatItDoesNotKnow) {
  const auto document = json::Document::parse(R"([1])");
  EXPECT_EQ(to_table(document->root(), 0), "- 1\n");
}

TEST(Bodies, AreMadeOfFlags) {
  CreateFlags flags;
  flags.methods = {"ideal"};
  flags.items = {R"(title=Coffee\, black,quantity=2.5,unit_price=10.99,vat_rate=21.0,type=good)"};
  flags.metadata = {"order=A=1"};
  const auto body = create_body(flags);
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ(*body, R"({"payment_link":{"potential_payment_methods":["ideal"],"reusable":false,)"
                   R"("items":[{"title":"Coffee, black","quantity":2.5,)"
                   R"("vat_rate":"21.0","type":"good","unit_price":{"value":"10.99","currency":"EUR"}}],)"
                   R"("metadata":{"order":"A=1"}}})");
}

// What the original requires is there, whether or not a flag says it; what it does not know of an invoice is not.
TEST(Bodies, HoldWhatIsRequired) {
  const auto reusable_in = [](const CreateFlags& flags) {
    const auto document = json::Document::parse(*create_body(flags));
    const auto reusable = document->root().find("payment_link")->find("reusable");
    return !reusable ? "absent" : reusable->boolean() ? "true" : "false";
  };
  EXPECT_STREQ(reusable_in({.items = {"title=Tea"}}), "false");
  EXPECT_STREQ(reusable_in({.reusable = true, .items = {"title=Tea"}}), "true");
  EXPECT_STREQ(reusable_in({.invoice_id = "1"}), "absent");
  EXPECT_EQ(*connect_body({.phone_number = "+31"}),
            R"({"user_phone_number":"+31","business_description":null,"user_website_url":null})");
  EXPECT_EQ(*connect_body({.business_description = "Tea", .website_url = "https://tea.example"}),
            R"({"business_description":"Tea","user_website_url":"https://tea.example"})");
}

TEST(Bodies, OfARefund) {
  EXPECT_EQ(*refund_body({}), R"({"refund":{}})");
  EXPECT_EQ(*refund_body("5.00"), R"({"refund":{"amount":{"value":"5.00","currency":"EUR"}}})");
  EXPECT_EQ(*refund_body("100 JPY"), R"({"refund":{"amount":{"value":"100","currency":"JPY"}}})");
  EXPECT_EQ(refund_body("\xff").error().reason, "usage");
}

TEST(Bodies, SayWhatCannotBeSent) {
  const auto refused = [](const CreateFlags& flags) {
    const auto body = create_body(flags);
    return body ? std::string("accepted") : body.error().reason;
  };
  EXPECT_EQ(refused({.items = {"quantity=two"}}), "usage");
  EXPECT_EQ(refused({.items = {"quantity=1}"}}), "usage");
  EXPECT_EQ(refused({.items = {"colour=red"}}), "usage");
  EXPECT_EQ(refused({.items = {"title"}}), "usage");
  EXPECT_EQ(refused({.amount = "10.00"}), "usage");
  EXPECT_EQ(refused({.metadata = {"=x"}}), "usage");
  EXPECT_EQ(refused({.items = {"title=a,title=b"}}), "usage");
  EXPECT_EQ(refused({.metadata = {"a=1", "a=2"}}), "usage");
  EXPECT_EQ(refused({.debitor_name = "\xFF"}), "usage");
  EXPECT_EQ(refused({.metadata = {"a=\x1B\n"}}), "accepted");  // the server judges
  EXPECT_EQ(refused({.debitor_name = std::string(2 << 20, 'x')}), "usage");
  EXPECT_FALSE(connect_body({.website_url = "\xC3"}).has_value());
}

// A server that answers what it is told to, one after the other.
class Answers {
 public:
  Send send() {
    return [this](http::ClientRequest request) {
      sent.push_back(request);
      auto answer = std::move(answers.at(sent.size() - 1));
      return answer;
    };
  }
  Sleep sleep() {
    return [this](std::chrono::seconds time) { slept += time; };
  }
  std::vector<Result<http::ClientResponse>> answers;
  std::vector<http::ClientRequest> sent;
  std::chrono::seconds slept{0};
};

http::ClientResponse answered(int status, const std::string& retry_after = "") {
  http::ClientResponse response;
  response.status = status;
  response.retry_after = retry_after;
  response.body = "{}";
  return response;
}

Failure silent() { return fail(ErrorCode::unavailable, "timed_out", "Nothing came."); }

TEST(Call, TriesOnceMore) {
  struct Case {
    std::string name;
    std::vector<Result<http::ClientResponse>> answers;
    int status;  // 0: a failure
    std::size_t sent;
    std::chrono::seconds slept;
  };
  const Case cases[] = {
      {"an answer", {answered(201)}, 201, 1, 0s},
      {"a broken connection", {silent(), answered(201)}, 201, 2, 0s},
      {"nobody there", {silent(), silent()}, 0, 2, 0s},
      {"later", {answered(503, "2"), answered(200)}, 200, 2, 2s},
      {"too often", {answered(429, "10"), answered(429, "10")}, 429, 2, 10s},
      {"much later", {answered(429, "11")}, 429, 1, 0s},
      {"at no known time", {answered(503, "soon")}, 503, 1, 0s},
      {"a bug", {answered(500)}, 500, 1, 0s},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Answers server;
    server.answers = c.answers;
    const Access access{"http://host", "Bearer t", "s"};
    const auto answer = call(access, {"POST", "/v2/x", "{}", "key"}, server.send(), server.sleep());
    EXPECT_EQ(answer ? answer->status : 0, c.status);
    ASSERT_EQ(server.sent.size(), c.sent);
    EXPECT_EQ(server.slept, c.slept);
    EXPECT_EQ(server.sent.back().url, "http://host/v2/x");
    const std::vector<std::pair<std::string, std::string>> fields = {{"Authorization", "Bearer t"},
                                                                     {"X-Qonto-Staging-Token", "s"},
                                                                     {"Content-Type", "application/json"},
                                                                     {"X-Qonto-Idempotency-Key", "key"},
                                                                     {"Accept", "application/json"}};
    EXPECT_EQ(server.sent.back().fields, fields);
  }
}

TEST(Call, SaysWhatBecameOfAWrite) {
  struct Case {
    std::string first, second;  // why nothing came
    std::string said;           // a part of the message
    bool names_key;
  };
  const Case cases[] = {
      {"connect_failed", "connect_failed", "Is the server running", false},
      {"timed_out", "timed_out", "within 1.5 s", true},
      {"broken_answer", "broken_answer", "broke off", true},
      {"timed_out", "connect_failed", "within 1.5 s", true},  // the first may have arrived
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.first + ", " + c.second);
    Answers server;
    server.answers = {fail(ErrorCode::unavailable, c.first, ""), fail(ErrorCode::unavailable, c.second, "")};
    const Access access{.base_url = "http://host", .timeout = 1'500ms};
    const auto answer = call(access, {"POST", "/v2/x", "{}", "my-key"}, server.send(), server.sleep());
    ASSERT_FALSE(answer.has_value());
    EXPECT_NE(answer.error().message.find(c.said), std::string::npos) << answer.error().message;
    EXPECT_EQ(answer.error().message.find("--idempotency-key my-key") != std::string::npos, c.names_key);
  }
}

TEST(Places, AreNamedByTheFlagsThatWriteThem) {
  struct Case {
    std::string place;
    std::span<const FlagPlace> flags;
    std::string words;
  };
  const Case cases[] = {
      {"/payment_link/items/1/vat_rate", create_places(), "--item no. 2, vat_rate"},
      {"/payment_link/items/0/unit_price/value", create_places(), "--item no. 1, unit_price"},
      {"/payment_link/items/0/unit_price/currency", create_places(), "--item no. 1, currency"},
      {"/payment_link/items/0", create_places(), "--item no. 1"},
      {"/payment_link/items", create_places(), "--item"},
      {"/payment_link/potential_payment_methods/3", create_places(), "--method no. 4"},
      {"/payment_link/amount/value", create_places(), "--amount"},
      {"/payment_link/amount/currency", create_places(), "--amount currency"},
      {"/payment_link/metadata/a~1b~0c", create_places(), "--metadata a/b~c"},
      {"/payment_link", create_places(), "the link (--item or --invoice-id)"},
      {"/payment_link/itemsize", create_places(), "payment_link.itemsize"},
      {"/payment_link/items/0/vat_rate", {}, "payment_link.items[0].vat_rate"},
      {"/refund/amount/value", refund_places(), "--amount"},
      {"/user_phone_number", connect_places(), "--phone-number"},
      {"metadata[order]", query_places(), "--metadata"},
      {"status[]", query_places(), "--status"},
      {"cursor", query_places(), "cursor"},
      {"/", create_places(), ""},
      {"/0/1", {}, "[0][1]"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.place);
    EXPECT_EQ(words_of_place(c.place, c.flags), c.words);
  }
  // An error that does not name its place is told of it, one that does is not told twice.
  const auto said = [](const std::string& detail) {
    const std::string body =
        R"({"errors":[{"detail":")" + detail + R"(","source":{"pointer":"/refund/amount/value"}}]})";
    return report({400, body}, Output::table, 0, {.places = refund_places()}).err;
  };
  EXPECT_EQ(said("refund/amount/value must be less"), "paylink: --amount must be less\n");
  EXPECT_EQ(said("must be less"), "paylink: --amount: must be less\n");
}

TEST(Reports, EndWithACodeOfTheirOwn) {
  struct Case {
    int status;
    std::string body;
    Exit exit;
    std::string err;  // a part of it
    Credentials credentials = Credentials::none;
  };
  const auto error = [](const std::string& code, const std::string& detail) {
    return R"({"errors":[{"code":")" + code + R"(","detail":")" + detail + "\"}]}";
  };
  const std::string errors =
      R"({"errors":[{"code":"missing_field","detail":"a/b is required","source":{"pointer":"/a/b"}}],"trace_id":"7"})";
  const Case cases[] = {
      {200, "{}", Exit::done, ""},
      {400, errors, Exit::refused, "paylink: a.b is required\n  (trace id 7)\n"},
      {422, R"({"errors":[{"code":"c","detail":"d"}]})", Exit::refused, "paylink: c: d\n"},
      {401, errors, Exit::not_authorized, "--token"},
      {401, errors, Exit::not_authorized, "expired, revoked", Credentials::given},
      {400, error("invalid", "connection with the provider does not exist"), Exit::refused,
       "exist\n`paylink links connection` shows how the connection stands, `paylink links connect` begins one.\n"},
      {404, error("not_found", "connection not found"), Exit::not_found,
       "found\n`paylink links connect` begins one.\n"},
      {400, error("multiple_connections_not_allowed", "there is one, which is enabled"), Exit::refused,
       "enabled\n`paylink links connection` shows how it stands.\n"},
      {404, error("not_found", "no connection of ours, nor a link"), Exit::not_found, "link\nCheck the id"},
      {401, error("unauthorized", "The X-Qonto-Staging-Token is missing or wrong."), Exit::not_authorized,
       "wrong.\nThis sandbox insists on its staging token", Credentials::given},
      {401, error("unauthorized", "OAuth2 authentication is required here"), Exit::not_authorized,
       "here\nThis server takes access tokens here", Credentials::given},
      {401, error("unauthorized", "Invalid credentials"), Exit::not_authorized, "expired, revoked", Credentials::given},
      {404, errors, Exit::not_found, "Check the id"},
      {403, errors, Exit::not_authorized, "lacks the scope"},
      {404, errors, Exit::not_found, ""},
      {429, errors, Exit::later, "later"},
      {503, errors, Exit::later, "later"},
      {500, R"({"message":"oops"})", Exit::broken, "paylink: oops\n"},
      {500, "{}", Exit::broken, "answered 500"},
      {503, "<html>", Exit::later, "not available now (503)"},
      {429, "", Exit::later, "not available now (429)"},
      {404, "<html>", Exit::broken, "no JSON"},
      {409, errors, Exit::refused, "same --idempotency-key"},
      {302, "{}", Exit::broken, "answered 302"},
      {400, R"({"errors":[1,{},{"source":3},{"detail":"d"}]})", Exit::refused, "paylink: d\n"},
      {400, R"({"errors":7,"code":"c","detail":"d"})", Exit::refused, "paylink: c: d\n"},
      {400, "[]", Exit::refused, "answered 400"},
      {502, "<html>", Exit::broken, "no JSON"},
      {200, "<html>", Exit::broken, "no JSON"},
      {400, R"({"errors":[{"code":"c","detail":"\u001b[2J"}]})", Exit::refused, "c: ?[2J"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.body + std::to_string(c.status));
    const auto said = report({c.status, c.body}, Output::table, 0, {c.credentials});
    EXPECT_EQ(said.exit, c.exit);
    EXPECT_NE(said.err.find(c.err), std::string::npos) << said.err;
    EXPECT_EQ(report({c.status, c.body}, Output::json, 0, {c.credentials}).exit, c.exit);
  }
  EXPECT_EQ(report({200, R"({"a" : 1})"}, Output::json, 0, {Credentials::none}).out, "{\"a\" : 1}\n");
}

}  // namespace
}  // namespace paylink::cli
