// `paylink links` and `paylink payments` against a real sandbox, and the completion of its words.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>

#include "answers.hpp"
#include "bodies.hpp"
#include "payer.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

class CommandLine : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    sandbox = std::make_unique<Sandbox>();
    write_file(sandbox->place().file("ready.json"), R"({"base_url":"http://127.0.0.1:)" +
                                                        std::to_string(sandbox->port()) + R"(","access_token":")" +
                                                        sandbox->ready("/access_token") + "\"}");
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(sandbox->stop(), 0) << sandbox->process().err();
    sandbox.reset();
  }
  static std::string base_url() { return "http://127.0.0.1:" + std::to_string(sandbox->port()); }
  // With the sandbox's address and token.
  static Ended links(Words words) { return of_group("links", std::move(words)); }
  static Ended payments(Words words) { return of_group("payments", std::move(words)); }
  static Ended of_group(const std::string& group, Words words) {
    words.insert(words.begin(), group);
    words.insert(words.end(), {"--ready-file", sandbox->place().file("ready.json")});
    return run(words);
  }
  static std::unique_ptr<Sandbox> sandbox;
};
std::unique_ptr<Sandbox> CommandLine::sandbox;

const std::string item_words = R"(title=Coffee\, black,quantity=2,unit_price=10.99,vat_rate=21.0)";

TEST_F(CommandLine, TakesALinkThroughItsLife) {
  const Ended made = links({"create", "--method", "ideal", "--item", item_words, "--metadata", "order=A-1",
                            "--expiration-date", "2027-06-01T00:00:00+02:00"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(at(made.out, "/payment_link/items/0/title"), "Coffee, black");
  EXPECT_EQ(at(made.out, "/payment_link/amount/value"), "26.60");
  EXPECT_EQ(at(made.out, "/payment_link/metadata/order"), "A-1");
  EXPECT_EQ(at(made.out, "/payment_link/expiration_date"), "2027-05-31T22:00:00Z");
  const std::string id = at(made.out, "/payment_link/id");
  EXPECT_EQ(links({"get", id}).out, sandbox->get("/v2/payment_links/" + id).body + "\n");  // byte for byte
  EXPECT_EQ(at(links({"list", "--metadata", "order=A-1", "--status", "open"}).out, "/meta/total_count"), "1");
  EXPECT_EQ(at(links({"payments", id, "--status", "paid"}).out, "/meta/total_count"), "0");
  EXPECT_EQ(at(links({"deactivate", id}).out, "/status"), "canceled");
}

TEST_F(CommandLine, GivesPaymentsBack) {
  const Link link = create(*sandbox, body(basket));
  settle_in_one_call(*sandbox, link, "ideal", "paid");
  const std::string payment = at(links({"payments", link.id}).out, "/payments/0/id");
  EXPECT_EQ(payments({"refunds", link.id, payment, "-o", "table"}).out,
            "ID  STATUS  AMOUNT  REASON  ASKED FOR\nnone\n");
  const Ended part = payments({"refund", link.id, payment, "--amount", "3.30"});
  EXPECT_EQ(part.status, 0) << part.err;
  EXPECT_EQ(at(part.out, "/refund/amount/value"), "3.30");
  const Ended too_much = payments({"refund", link.id, payment, "--amount", "10.01 EUR", "-o", "table"});
  EXPECT_EQ(too_much.status, 1);
  EXPECT_NE(too_much.err.find("must be at most 10.00: so much is left of the payment"), std::string::npos)
      << too_much.err;
  const Ended rest = payments({"refund", link.id, payment, "--idempotency-key", "rest", "-o", "table"});
  EXPECT_EQ(rest.status, 0) << rest.err;
  EXPECT_NE(rest.out.find("amount      10.00 EUR\n"), std::string::npos) << rest.out;
  EXPECT_EQ(payments({"refund", link.id, payment, "--idempotency-key", "rest", "-o", "table"}).out, rest.out);
  const std::string listed = payments({"refunds", link.id, payment, "-o", "table"}).out;
  EXPECT_TRUE(listed.ends_with("\npage 1 of 1, 2 in all\n")) << listed;
  EXPECT_NE(listed.find("  10.00 EUR  requested  "), std::string::npos) << listed;
  EXPECT_EQ(payments({"chargebacks", link.id, payment, "-o", "table"}).out, "ID  AMOUNT  TAKEN BACK  GIVEN UP\nnone\n");
  EXPECT_EQ(at(payments({"chargebacks", link.id, payment, "--all"}).out, "/meta/total_count"), "0");
  EXPECT_EQ(payments({"refunds", link.id, link.id}).status, 4);
  EXPECT_EQ(payments({"refunds", link.id, ".."}).status, 2);
  EXPECT_EQ(payments({"refund", "..", payment}).status, 2);
  EXPECT_EQ(payments({"refund", link.id}).status, 2);
}

TEST_F(CommandLine, SendsInvoicesAndBodies) {
  const Ended owed = links({"create", "--method", "paypal", "--invoice-id", "7f0c2f1e-6d3a-4c55-9b52-0b8f3d3f8a11",
                            "--invoice-number", "42", "--debitor-name", "Ada", "--amount", "100.00 EUR"});
  EXPECT_EQ(at(owed.out, "/payment_link/amount/value"), "100.00") << owed.err;
  EXPECT_EQ(links({"create", "--body", body(basket)}).status, 0);
  const std::string file = sandbox->place().file("body.json");
  write_file(file, body(basket));
  const Ended first = links({"create", "--body", "@" + file, "--idempotency-key", "once"});
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_EQ(links({"create", "--body", "@" + file, "--idempotency-key", "once"}).out, first.out);
}

TEST_F(CommandLine, ShowsTheRest) {
  EXPECT_EQ(at(links({"connection"}).out, "/status"), "enabled");
  EXPECT_EQ(links({"payment-methods", "--amount", "9000", "--currency", "EUR", "-o", "table"}).out,
            "METHOD       ENABLED\ncredit_card  yes\napple_pay    yes\npaypal       no\nideal        yes\n");
  const Ended twice = links({"connect", "--partner-callback-url", "https://shop.example.com/", "--bank-account-id",
                             sandbox->ready("/bank_account_id"), "--phone-number", "+31612345678"});
  EXPECT_EQ(twice.status, 1);
  EXPECT_NE(twice.err.find("multiple_connections_not_allowed"), std::string::npos);
  EXPECT_EQ(twice.err.find("begins one"), std::string::npos) << twice.err;
}

TEST_F(CommandLine, WritesTablesJsonAndYaml) {
  const std::string id = create(*sandbox, body(basket.with("metadata", R"({"table":"yes"})"))).id;
  const Words found = {"list", "--metadata", "table=yes"};
  const auto as = [&](const std::string& output) {
    Words words = found;
    words.insert(words.end(), {"-o", output});
    return links(words).out;
  };
  const std::string table = as("table");
  EXPECT_EQ(table.substr(0, 2), "ID");
  EXPECT_NE(table.find(id + "  open    13.30 EUR"), std::string::npos) << table;
  EXPECT_NE(table.find("page 1 of 1, 1 in all"), std::string::npos);
  EXPECT_EQ(as("json"), sandbox->get("/v2/payment_links?metadata[table]=yes").body + "\n");
  // Python's reader finds in the YAML what is in the JSON.
  const std::string yaml = sandbox->place().file("list.yaml"), json = sandbox->place().file("list.json");
  write_file(yaml, as("yaml"));
  write_file(json, as("json"));
  const std::string compare = "/usr/bin/python3 -c \"import json,sys,yaml; sys.exit(yaml.safe_load(open('" + yaml +
                              "')) != json.load(open('" + json + "')))\"";
  EXPECT_EQ(std::system(compare.c_str()), 0);
}

TEST_F(CommandLine, WalksAllPages) {
  for (int i = 0; i < 5; ++i) create(*sandbox, body(basket.with("metadata", R"({"walk":"yes"})")));
  const Ended all = links({"list", "--metadata", "walk=yes", "--all", "--per-page", "2"});
  EXPECT_EQ(all.status, 0);
  EXPECT_EQ(std::count(all.out.begin(), all.out.end(), '\n'), 3);  // a page a line
  const Ended table = links({"list", "--metadata", "walk=yes", "--all", "--per-page", "2", "-o", "table"});
  EXPECT_EQ(std::count(table.out.begin(), table.out.end(), '\n'), 3 + 5) << table.out;  // heads and links
}

TEST_F(CommandLine, TakesCredentialsFromManyPlaces) {
  const std::string token = sandbox->ready("/access_token"), key = sandbox->api_key();
  const auto status_with = [&](const Words& flags, const Words& environment = {}) {
    Words words = {"links", "list", "--base-url", base_url()};
    words.insert(words.end(), flags.begin(), flags.end());
    return run(words, environment).status;
  };
  EXPECT_EQ(status_with({}), 3);
  EXPECT_EQ(status_with({"--token", token}), 0);
  EXPECT_EQ(status_with({"--token", "wrong"}), 3);
  EXPECT_EQ(status_with({"--api-key", key}), 0);
  for (const std::string& misplaced : {key, key.substr(key.find(':') + 1)}) {
    const Ended ended = run({"links", "list", "--base-url", base_url(), "--token", misplaced});
    EXPECT_EQ(ended.status, 3);
    EXPECT_NE(ended.err.find("an API key goes without Bearer, as login:secret_key"), std::string::npos) << ended.err;
    EXPECT_NE(ended.err.find("--api-key-file or PAYLINK_API_KEY"), std::string::npos) << ended.err;
  }
  EXPECT_EQ(status_with({}, {"PAYLINK_TOKEN=" + token}), 0);
  EXPECT_EQ(status_with({}, {"PAYLINK_API_KEY=" + key}), 0);
  EXPECT_EQ(status_with({"--token", token}, {"PAYLINK_TOKEN=wrong"}), 0);  // the flag wins
  EXPECT_EQ(status_with({"--api-key", key}, {"PAYLINK_TOKEN=wrong"}), 0);
  const std::string file = sandbox->place().file("token");
  write_file(file, token + "\n");
  EXPECT_EQ(status_with({"--token-file", file}), 0);
  const std::string config = sandbox->place().file("links.toml");
  write_file(config, "token = \"" + token + "\"\noutput = \"yaml\"\n");
  EXPECT_EQ(status_with({"--config", config}), 0);
  EXPECT_EQ(status_with({"--config", config}, {"PAYLINK_TOKEN=wrong"}), 3);
  write_file(config, "# d\u00e9j\u00e0 vu\ntoken = \"" + token + "\"\noutput = 'yaml' # \u2713\n");
  EXPECT_EQ(status_with({"--config", config}), 0);
  // Texts come through as they are written.
  const std::pair<std::string, std::string> texts[] = {
      {"\"h\u00e9 \\u00e9\"", "`h\u00e9 \u00e9`"},
      {"\"\\\\\u00e9\"", "`\\\u00e9`"},
      {"\"\"\"\U0001F600\"\"\"", "`\U0001F600`"},
      {"'a\\b'", "`a\\b`"},
  };
  for (const auto& [written, value] : texts) {
    SCOPED_TRACE(written);
    write_file(config, "base_url = " + written + "\n");
    const Ended ended = run({"links", "list", "--config", config, "--token", "t"});
    EXPECT_EQ(ended.status, 2);
    EXPECT_NE(ended.err.find(value), std::string::npos) << ended.err;
  }
  for (const std::string wrong :
       {"token = 'x'\n\u0420 = 'y'\n", "token = '\u00e9'\n", "token=-'\u0413", "token = \"\xFF\"\n",
        "token = \"\"\"a\nb\"\"\" \u00e9\n", "token = 'x\n", "token = \"\\\" \u00e9\n", "token = \"\\\u00e9\"\n"}) {
    SCOPED_TRACE(wrong);
    write_file(config, wrong);
    const Ended ended = run({"links", "list", "--config", config});
    EXPECT_EQ(ended.status, 2);
    EXPECT_NE(ended.err.find(" is no TOML, line "), std::string::npos) << ended.err;
  }
  write_file(config, "tokn = \"x\"\n");
  EXPECT_EQ(status_with({"--config", config}), 2);
  EXPECT_EQ(run({"links", "list"}, {"PAYLINK_BASE_URL=" + base_url(), "PAYLINK_TOKEN=" + token}).status, 0);
}

// A sandbox that insists on its staging token gives it to whoever has its ready file; flags win, the
// environment does not: the file was named by a flag.
TEST(CommandLineAccess, ComesWithTheReadyFile) {
  Sandbox strict({"--sandbox-require-staging-token", "true"});
  const Words list = {"links", "list", "--ready-file", strict.place().file("ready.json")};
  const auto with = [&](const Words& flags, const Words& environment = {}) {
    Words words = list;
    words.insert(words.end(), flags.begin(), flags.end());
    return run(words, environment);
  };
  EXPECT_EQ(with({}).status, 0) << with({}).err;
  const Ended refused = with({"--staging-token", "wrong"});
  EXPECT_EQ(refused.status, 3);
  EXPECT_NE(refused.err.find("insists on its staging token"), std::string::npos) << refused.err;
  for (const char* elsewhere : {"PAYLINK_STAGING_TOKEN=wrong", "PAYLINK_TOKEN=wrong", "PAYLINK_API_KEY=no:key",
                                "PAYLINK_BASE_URL=http://127.0.0.1:1"})
    EXPECT_EQ(with({}, {elsewhere}).status, 0) << elsewhere;
  EXPECT_EQ(with({"--token", strict.ready("/access_token")}, {"PAYLINK_TOKEN=wrong"}).status, 0);
}

TEST_F(CommandLine, EndsWithWhatHappened) {
  EXPECT_EQ(links({"get", "none"}).status, 4);
  const Ended refused = links({"create", "--method", "bitcoin"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("paylink: --method no. 1 must be one of"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("(trace id "), std::string::npos);
  for (const Words& words :
       {Words{"links"}, Words{"links", "bogus"}, Words{"links", "get"}, Words{"links", "list", "--x"},
        Words{"links", "list", "-o", "xml"}, Words{"links", "list", "--base-url", "ftp://x"},
        Words{"links", "create", "--item", "colour=red"}}) {
    SCOPED_TRACE(words.back());
    EXPECT_EQ(run(words).status, 2);
  }
  const Ended mistyped = run({"keys", "create", "--nmae", "till"});
  EXPECT_EQ(mistyped.status, 2);
  EXPECT_TRUE(mistyped.err.starts_with("The following argument was not expected: --nmae\n")) << mistyped.err;
  EXPECT_EQ(run({"links", "get", "--help", "--frob"}).status, 0);
  const Ended nobody = run({"links", "list", "--base-url", "http://127.0.0.1:" + std::to_string(free_port())});
  EXPECT_EQ(nobody.status, 5);
  EXPECT_NE(nobody.err.find("Is the server running"), std::string::npos);
}

// Whoever typed flags is told of flags; of a body it is the path in it.
TEST_F(CommandLine, SaysWhichFlagIsWrong) {
  struct Case {
    std::string group;
    Words words;
    std::string says;
  };
  const std::string price = "title=Tea,quantity=1,vat_rate=0,unit_price=";
  const std::string id = create(*sandbox, body(basket)).id;
  const Case cases[] = {
      {"links", {"create", "--method", "ideal"}, "the link (--item or --invoice-id) must have items"},
      {"links", {"create", "--item", price + "5"}, "--method must have 1 to 4"},
      {"links",
       {"create", "--method", "ideal", "--item", price + "5", "--item", price + "x"},
       "--item no. 2, unit_price must be a decimal"},
      {"links", {"create", "--method", "ideal", "--item", price + "5,currency=XXQ"}, "--item no. 1, currency must be"},
      {"links",
       {"create", "--method", "ideal", "--item", price + "5", "--metadata", "a b=c"},
       "--metadata a b must have"},
      {"links",
       {"create", "--method", "ideal", "--item", price + "5", "--expiration-date", "soon"},
       "--expiration-date must be"},
      {"links",
       {"create", "--body", body(basket.with("potential_payment_methods", R"(["cash"])"))},
       "payment_link.potential_payment_methods[0] must be one of"},
      {"links", {"connect", "--phone-number", "12"}, "--phone-number must be a phone number"},
      {"links", {"list", "--sort-by", "size"}, "--sort-by must be"},
      {"links", {"list", "--status", "closed"}, "--status must be"},
      {"links", {"list", "--per-page", "1000"}, "--per-page must be"},
      {"links", {"payment-methods", "--amount", "x", "--currency", "EUR"}, "--amount must be"},
      {"payments", {"refund", id, id}, "The link's id comes first, then the payment's"},
      {"payments", {"refunds", id, id}, "The link's id comes first, then the payment's"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.says);
    const Ended ended = of_group(c.group, c.words);
    EXPECT_EQ(ended.status, c.group == "links" ? 1 : 4);
    EXPECT_NE(ended.err.find(c.says), std::string::npos) << ended.err;
  }
}

// What a flag is for, where it is not what one would think.
TEST_F(CommandLine, SaysWhatAFlagDoesNot) {
  const std::string connect = run({"links", "connect", "--help"}).out;
  EXPECT_NE(connect.find("is set at Mollie"), std::string::npos) << connect;
  const std::string audit = run({"audit", "list", "--help"}).out;
  EXPECT_NE(audit.find("its slug: only what is about it (all)"), std::string::npos) << audit;
}

TEST_F(CommandLine, CompletesItsWords) {
  const auto complete = [&](const std::string& line) {
    const std::string script = sandbox->place().file("completion.bash"), out = sandbox->place().file("completed");
    write_file(script, run({"completion", "bash"}).out);
    const std::string command = "bash -c 'source \"" + script + "\"; COMP_WORDS=(" + line +
                                "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _paylink; echo \"${COMPREPLY[*]}\"' > " +
                                out;
    EXPECT_EQ(std::system(command.c_str()), 0);
    return read_file(out);
  };
  EXPECT_EQ(complete("paylink san"), "sandbox\n");
  EXPECT_EQ(complete("paylink links pay"), "payments payment-methods\n");
  EXPECT_EQ(complete("paylink links create --met"), "--method --metadata\n");
  EXPECT_EQ(complete("paylink links list -o y"), "yaml\n");
  EXPECT_EQ(complete("paylink links create --method i"), "ideal\n");
  EXPECT_EQ(complete("paylink keys re"), "revoke\n");
  EXPECT_EQ(complete("paylink keys create --scope o"), "organization.read\n");
  EXPECT_EQ(complete("paylink clients create --scope o"), "offline_access organization.read\n");
  EXPECT_EQ(complete("paylink clients list -o t"), "table\n");
  EXPECT_EQ(complete("paylink clients u"), "update\n");
  EXPECT_EQ(complete("paylink clients update --r"), "--redirect-uri\n");
  EXPECT_EQ(complete("paylink users reset-password --r"), "--revoke-applications\n");
  EXPECT_EQ(complete("paylink users set-role --role re"), "reporter\n");
  EXPECT_EQ(complete("paylink organizations c"), "create\n");
  for (const std::string shell : {"zsh", "fish"}) {
    const Ended script = run({"completion", shell});
    EXPECT_EQ(script.status, 0);
    EXPECT_NE(script.out.find("payment-methods"), std::string::npos);
  }
  EXPECT_EQ(run({"completion", "tcsh"}).status, 2);
}

}  // namespace
}  // namespace paylink::scenario
