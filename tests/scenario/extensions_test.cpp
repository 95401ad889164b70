// What a link can have beyond the original's fields: metadata and an expiration date of one's own.

#include <gtest/gtest.h>

#include <chrono>

#include "answers.hpp"
#include "bodies.hpp"
#include "payer.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

const std::string links = "/v2/payment_links";

class Extensions : public testing::Test {
 protected:
  static void SetUpTestSuite() { sandbox = std::make_unique<Sandbox>(); }
  static void TearDownTestSuite() {
    EXPECT_EQ(sandbox->stop(), 0) << sandbox->process().err();
    sandbox.reset();
  }
  Scenario posted(const char* name, const std::string& member, const std::string& json, const std::string& errors) {
    return {.name = name,
            .method = "POST",
            .target = links,
            .body = body(basket.with(member, json)),
            .status = errors.empty() ? 201 : 400,
            .errors = errors};
  }
  static std::unique_ptr<Sandbox> sandbox;
};
std::unique_ptr<Sandbox> Extensions::sandbox;

std::string object_of(int keys, const std::string& value = "\"v\"") {
  std::string text = "{";
  for (int i = 0; i < keys; ++i) text += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + "\":" + value;
  return text + "}";
}

TEST_F(Extensions, MetadataIsRepeatedAsItWasSent) {
  const std::string metadata = R"({"order":"A-1001","Z.z_-9":"","note":"naïve \"quoted\" 日本 \\ / end"})";
  const Answer created = sandbox->post(links, body(basket.with("metadata", metadata)));
  EXPECT_EQ(created.status, 201);
  const std::string echoed = R"("metadata":{"order":"A-1001","Z.z_-9":"","note":"naïve \"quoted\" 日本 \\ / end"})";
  EXPECT_NE(created.body.find(echoed), std::string::npos) << created.body;
  const std::string id = at(created.body, "/payment_link/id");
  const Answer read = sandbox->get(links + "/" + id);
  EXPECT_EQ(at(read.body, "/metadata/order"), "A-1001");
  EXPECT_EQ(at(read.body, "/payment_link/metadata/Z.z_-9"), "");
  const Answer invoiced = sandbox->post(links, body(invoice.with("metadata", R"({"a":"b"})")));
  EXPECT_EQ(at(invoiced.body, "/payment_link/metadata/a"), "b");
  for (const std::string none : {"null", "{}"}) {
    const Answer without = sandbox->post(links, body(basket.with("metadata", none)));
    EXPECT_EQ(without.status, 201);
    EXPECT_EQ(without.body.find("metadata"), std::string::npos);
  }
}

TEST_F(Extensions, MetadataHasLimits) {
  const std::string at_metadata = " /payment_link/metadata";
  play(*sandbox,
       {posted("50 keys", "metadata", object_of(50), ""),
        posted("51 keys", "metadata", object_of(51), "out_of_range" + at_metadata + "\n"),
        posted("a key of 40", "metadata", "{\"" + repeated(40, "k") + "\":\"v\"}", ""),
        posted("a key of 41", "metadata", "{\"" + repeated(41, "k") + "\":\"v\"}",
               "invalid_format" + at_metadata + "/" + repeated(41, "k") + "\n"),
        posted("an empty key", "metadata", R"({"":"v"})", "invalid_format" + at_metadata + "/\n"),
        posted("a key with a slash", "metadata", R"({"a/b":"v"})", "invalid_format" + at_metadata + "/a~1b\n"),
        posted("a value of 500 code points", "metadata", "{\"k\":\"" + repeated(500, "é") + "\"}", ""),
        posted("a value of 501", "metadata", "{\"k\":\"" + repeated(501, "é") + "\"}",
               "out_of_range" + at_metadata + "/k\n"),
        posted("a number", "metadata", R"({"k":1,"l":null})",
               "invalid_type" + at_metadata + "/k\ninvalid_type" + at_metadata + "/l\n"),
        posted("a control character", "metadata", R"({"k":"a\u0000b"})", "invalid_format" + at_metadata + "/k\n"),
        posted("no object", "metadata", R"(["a"])", "invalid_type" + at_metadata + "\n"),
        posted("a text", "metadata", R"("a")", "invalid_type" + at_metadata + "\n")});
}

TEST_F(Extensions, LinksAreFoundByTheirMetadata) {
  const auto create_with = [&](const std::string& metadata) {
    pause_shortly();
    return at(sandbox->post(links, body(basket.with("metadata", metadata))).body, "/payment_link/id");
  };
  const std::string first = create_with(R"({"shop":"north","order":"1"})");
  const std::string second = create_with(R"({"shop":"north","order":"2 &"})");
  const std::string found = links + "?metadata[shop]=north";
  const Answer both = sandbox->get(found);
  EXPECT_EQ(at(both.body, "/meta/total_count"), "2");
  EXPECT_EQ(at(both.body, "/payment_links/0/id"), second);
  EXPECT_EQ(at(both.body, "/payment_links/1/id"), first);
  const Answer one = sandbox->get(found + "&metadata%5Border%5D=2%20%26&status[]=open&sort_by=amount:asc");
  EXPECT_EQ(at(one.body, "/meta/total_count"), "1");
  EXPECT_EQ(at(one.body, "/payment_links/0/id"), second);
  EXPECT_EQ(at(sandbox->get(found + "&status=paid").body, "/meta/total_count"), "0");
  EXPECT_EQ(at(sandbox->get(links + "?metadata[shop]=North").body, "/meta/total_count"), "0");
  EXPECT_EQ(at(sandbox->get(found + "&per_page=1&page=2").body, "/payment_links/0/id"), first);
  const std::string five = links + "?metadata[a]=1&metadata[b]=1&metadata[c]=1&metadata[d]=1&metadata[e]=1";
  play(*sandbox,
       {{.name = "five at once", .target = five, .values = {{"/meta/total_count", "0"}}},
        {.name = "six", .target = five + "&metadata[f]=1", .status = 400, .errors = "out_of_range metadata\n"},
        {.name = "the same twice",
         .target = found + "&metadata[shop]=north",
         .status = 400,
         .errors = "invalid metadata[shop]\n"},
        {.name = "no key", .target = links + "?metadata[]=1", .status = 400, .errors = "invalid_format metadata[]\n"},
        {.name = "no brackets",
         .target = links + "?metadata=1",
         .status = 400,
         .errors = "invalid metadata\n",
         .says = {"metadata must be given as metadata[key]=value"}},
        {.name = "open bracket",
         .target = links + "?metadata[a=1",
         .status = 400,
         .errors = "invalid metadata[a\n",
         .says = {"metadata[a must be given as metadata[key]=value"}}});
}

TEST_F(Extensions, MetadataIsNotShownToCustomers) {
  const Answer created = sandbox->post(links, body(basket.with("metadata", R"({"secret":"only for us"})")));
  const std::string url = at(created.body, "/payment_link/url");
  const Answer page = exchange(sandbox->port(), {.target = Address::parse(url).target});
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body.find("only for us"), std::string::npos);
}

// `offset` from the sandbox's time, to the second, as people in Nepal write it.
std::string moment(const Sandbox& sandbox, std::chrono::seconds offset) {
  const std::string now = at(sandbox.get("/sandbox/clock").body, "/now");
  std::tm parts{};
  EXPECT_NE(::strptime(now.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts), nullptr);
  const std::time_t there = ::timegm(&parts) + offset.count() + 5 * 3600 + 45 * 60;
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", ::gmtime(&there));
  return text + std::string(".75+05:45");
}

TEST_F(Extensions, AnExpirationDateIsKept) {
  const auto scenario = [&](const char* name, const std::string& json, const std::string& errors) {
    return posted(name, "expiration_date", json, errors.empty() ? "" : errors + " /payment_link/expiration_date\n");
  };
  const auto in = [&](std::chrono::seconds offset) { return quoted(moment(*sandbox, offset)); };
  using std::chrono::days;
  using std::chrono::seconds;
  play(*sandbox, {scenario("a little later than a minute ahead", in(seconds(65)), ""),
                  scenario("less than a minute ahead", in(seconds(58)), "out_of_range"),
                  scenario("the past", in(seconds(-1)), "out_of_range"),
                  scenario("almost five years ahead", in(days(5 * 365)), ""),
                  scenario("more than five years ahead", in(days(5 * 365 + 3)), "out_of_range"),
                  scenario("null", "null", ""), scenario("a day", R"("2027-01-01")", "invalid_format"),
                  scenario("no offset", R"("2027-01-01T00:00:00")", "invalid_format"),
                  scenario("a number", "1800000000", "invalid_type")});
  // Whoever is refused is told by which clock, and what would do.
  Sandbox ahead;
  ahead.post("/sandbox/clock", R"({"advance":"30d"})");
  const Answer late = ahead.post(links, body(basket.with("expiration_date", R"("2026-01-01T00:00:00Z")")));
  const std::string detail = at(late.body, "/errors/0/detail");
  const std::string start = "payment_link/expiration_date must be from ", from = detail.substr(start.size(), 20);
  EXPECT_TRUE(detail.starts_with(start)) << detail;
  EXPECT_TRUE(detail.ends_with("Z: 60 seconds to 5 years from now")) << detail;
  EXPECT_GE(from, at(ahead.get("/sandbox/clock").body, "/now")) << detail;
  EXPECT_EQ(ahead.post(links, body(basket.with("expiration_date", quoted(moment(ahead, seconds(62)))))).status, 201);
  const Answer created =
      sandbox->post(links, body(basket.with("expiration_date", R"("2028-02-29T23:30:00.999-00:30")")));
  EXPECT_EQ(at(created.body, "/payment_link/expiration_date"), "2028-03-01T00:00:00Z");
}

TEST_F(Extensions, ALinkExpiresWhenItWasToldTo) {
  Sandbox own;
  const std::string sent = body(basket.with("expiration_date", quoted(moment(own, std::chrono::hours(2)))));
  const Answer created = own.post(links, sent, {{"Idempotency-Key", "soon"}});
  ASSERT_EQ(created.status, 201) << created.body;
  const std::string target = links + "/" + at(created.body, "/payment_link/id");
  own.post("/sandbox/clock", R"({"advance":"119m"})");
  EXPECT_EQ(at(own.get(target).body, "/status"), "open");
  own.post("/sandbox/clock", R"({"advance":"2m"})");
  EXPECT_EQ(at(own.get(target).body, "/status"), "expired");
  EXPECT_EQ(at(own.get(links + "?status=expired").body, "/meta/total_count"), "1");
  // A client that did not hear the answer hears it now, although the date would be refused by now.
  EXPECT_EQ(own.post(links, sent, {{"Idempotency-Key", "soon"}}).body, created.body);
  EXPECT_EQ(own.post(links, sent).status, 400);
}

}  // namespace
}  // namespace paylink::scenario
