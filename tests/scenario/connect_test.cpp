// A merchant of a real installation connects by authorizing it at the provider (OAuth) instead of showing a key:
// against the simulator of a sandbox beside it, with a browser that goes there and comes back.

#include <regex>

#include "installation.hpp"

namespace paylink::scenario {
namespace {

const std::string client_id = "app_Wn4kTz7pQe2vLs9d", client_secret = "Hx8mJb3rYc6wFg1tNq5u";

class Connect : public InstallationTest {
 protected:
  Words more_words() const override { return {"--mollie-client-id", client_id}; }
  Words environment() const override { return {"PAYLINK_MOLLIE_CLIENT_SECRET=" + client_secret}; }

  // From the connection's page to the provider's.
  Address leave(Browser& browser, const std::string& page) const {
    const Answer left =
        browser.send(page + "/authorize", "token=" + form_token(browser.look(page), page + "/authorize"));
    EXPECT_EQ(left.status, 200) << left.body;
    const std::string refresh = left.field("Refresh");
    EXPECT_TRUE(refresh.starts_with("0; url=" + sandbox.ready("/simulator_url") + "/oauth2/authorize?")) << refresh;
    return Address::parse(refresh.substr(7));
  }
  // What is decided there: where it leads back to.
  std::string decide(const Address& provider, const std::string& decision,
                     const std::string& onboarding = "completed") const {
    const Answer page = exchange(provider.port, {.target = provider.target});
    EXPECT_EQ(page.status, 200) << page.body;
    std::string form = "organization=Acme+Pay&profiles=2&onboarding=" + onboarding + "&decision=" + decision;
    for (const char* name : {"client_id", "redirect_uri", "state", "scope"})
      form.append("&").append(name).append("=").append(encoded(hidden(page, name)));
    const Answer decided = exchange(provider.port, {.method = "POST",
                                                    .target = "/oauth2/authorize",
                                                    .fields = {{"Content-Type", "application/x-www-form-urlencoded"}},
                                                    .body = form});
    EXPECT_EQ(decided.status, 303) << decided.body;
    const Address back = Address::parse(decided.field("Location"));
    EXPECT_EQ(back.port, port);
    return back.target;
  }
  // There and back again: the connection's page.
  std::string authorize(Browser& browser, const std::string& page, const std::string& onboarding = "completed") const {
    const Answer landed = browser.look(decide(leave(browser, page), "allow", onboarding));
    EXPECT_EQ(landed.status, 303) << landed.body;
    return landed.field("Location");
  }
  Answer choose(Browser& browser, const std::string& page, const std::string& mode, int number = 0) const {
    const Answer choice = browser.look(page);
    std::vector<std::string> profiles;
    static const std::regex value("value=\"(pfl_[0-9a-z]+)\"");
    for (std::sregex_iterator at(choice.body.begin(), choice.body.end(), value), end; at != end; ++at)
      profiles.push_back((*at)[1]);
    EXPECT_EQ(profiles.size(), 2U) << choice.body;
    if (profiles.size() != 2) return choice;
    return browser.send(page + "/profile", "token=" + form_token(choice, page + "/profile") + "&mode=" + mode +
                                               "&profile=" + profiles[static_cast<std::size_t>(number)]);
  }
  Answer confirm(Browser& browser, const std::string& page) const {
    const Answer asked = browser.look(page);
    return browser.send(page + "/confirm",
                        "token=" + form_token(asked, page + "/confirm") + "&proposal=" + hidden(asked, "proposal"));
  }
  void connect(Browser& browser, const std::string& mode = "test", const std::string& onboarding = "completed") const {
    const std::string page = authorize(browser, begin(), onboarding);
    EXPECT_EQ(choose(browser, page, mode).status, 303);
    EXPECT_EQ(confirm(browser, page).status, 303);
  }
  void disconnect(Browser& browser) const {
    const std::string page = page_now();
    EXPECT_EQ(
        browser.send(page + "/disconnect", "token=" + form_token(browser.look(page), page + "/disconnect")).status,
        303);
  }
  std::string pay() const {
    const Answer made = call("POST", links, body(basket));
    EXPECT_EQ(made.status, 201) << made.body;
    const Link link{at(made.body, "/payment_link/id"), Address::parse(at(made.body, "/payment_link/url")).target};
    const Payer payer(port);
    std::string back;
    payer.decide(payer.go_to_provider(payer.submit(link, payer.open(link)), back), "paid");
    EXPECT_TRUE(
        eventually([&] { return at(call("GET", std::string(links) + "/" + link.id).body, "/status") == "paid"; }));
    return link.id;
  }
  std::string stored(const std::string& statement) const { return value(storage.name(), statement); }
  std::string at_simulator(const std::string& statement) const {
    return value(sandbox.data_dir() + "/simulator.db", statement);
  }
  // Tokens that were issued long ago, and a worker that looks at once.
  void age_tokens() const {
    execute(storage.name(), "UPDATE provider_grants SET issued_at = 1, due_at = 1 WHERE state = 'used'");
  }
};

TEST_F(Connect, LeadsThroughTheProviderToAPaidLink) {
  const std::string first = begin();
  Browser browser = owner();
  const Answer offered = browser.look(first);
  EXPECT_TRUE(has(offered.body, "Connect with Mollie") && has(offered.body, "API key of Mollie")) << offered.body;
  const std::string page = authorize(browser, first);
  const Answer choice = browser.look(page);
  EXPECT_TRUE(has(choice.body, "Which profile shall be paid?") && has(choice.body, "Acme Pay 2")) << choice.body;
  EXPECT_FALSE(has(choice.body, "API key of Mollie"));
  server->signal(SIGKILL);
  server->wait();
  serve();
  EXPECT_EQ(choose(browser, page, "test", 1).status, 303);
  const Answer asked = browser.look(page);
  EXPECT_TRUE(has(asked.body, "Is this who shall be paid?") && has(asked.body, "Acme Pay 2")) << asked.body;
  EXPECT_EQ(status(), "pending");
  EXPECT_EQ(confirm(browser, page).status, 303);
  EXPECT_EQ(status(), "enabled");
  EXPECT_EQ(stored("SELECT COUNT(*) FROM outbox_events WHERE payload LIKE '%connection_enabled%'"), "1");
  EXPECT_TRUE(has(browser.look(page_now()).body, "<dd>Acme Pay</dd>"));

  pay();
  EXPECT_EQ(at_simulator("SELECT tenant = (SELECT tenant FROM profiles WHERE name = 'Acme Pay 2') FROM payments"), "1");
  EXPECT_TRUE(has(call("GET", std::string(links) + "/payment_methods").body, "credit_card"));
  EXPECT_EQ(at_simulator("SELECT COUNT(*) FROM authorizations"), "1");
}

TEST_F(Connect, ComesBackOnceAndOnlyForWhoHasAsked) {
  const std::string page = begin();
  Browser browser = owner(), nobody(port), admin(port);
  ASSERT_EQ(admin.sign_in("admin@acme.example", add_user("admin@acme.example", "admin")).status, 303);
  EXPECT_EQ(nobody.send(page + "/authorize", "token=x").field("Location"), "/sign-in?return=" + encoded(page));
  EXPECT_EQ(browser.send(page + "/authorize", "token=x").status, 403);

  const std::string back = decide(leave(browser, page), "allow");
  EXPECT_EQ(nobody.look(back).field("Location"), "/sign-in?return=" + encoded(back));
  const Answer foreign = admin.look(back);
  EXPECT_EQ(foreign.status, 409) << "who has not begun it";
  EXPECT_TRUE(has(foreign.body, "This way back from Mollie is closed"));
  std::string forged = back;
  forged[forged.find("state=") + 20] ^= 1;
  EXPECT_EQ(browser.look(forged).status, 409);
  EXPECT_EQ(browser.look("/connect/mollie/return?code=auth_x&state=").status, 409);
  const std::string later = browser.look(back).field("Location");
  EXPECT_EQ(later.substr(0, 9), "/connect/");
  EXPECT_EQ(browser.look(back).status, 409) << "once";
  EXPECT_TRUE(has(browser.look(later).body, "Which profile shall be paid?"));
  EXPECT_EQ(admin.send(later + "/profile", "token=x&mode=test&profile=pfl_x").status, 403);
  EXPECT_EQ(browser
                .send(later + "/profile",
                      "token=" + form_token(browser.look(later), later + "/profile") + "&mode=test&profile=pfl_x")
                .status,
            422);

  // Begun again, the first way is closed, and so is one that took too long.
  const std::string discard = form_token(browser.look(later), later + "/discard");
  EXPECT_EQ(browser.send(later + "/discard", "token=" + discard).status, 303);
  const std::string given_up = decide(leave(browser, page), "allow"), slow = decide(leave(browser, page), "allow");
  EXPECT_EQ(browser.look(given_up).status, 409);
  execute(storage.name(), "UPDATE provider_grants SET created_at = created_at - 1801000000 WHERE state = 'asked'");
  EXPECT_EQ(browser.look(slow).status, 409);
  const Answer refused = browser.look(browser.look(decide(leave(browser, page), "refuse")).field("Location"));
  EXPECT_TRUE(has(refused.body, "This service was not allowed in at Mollie.")) << refused.body;
  EXPECT_EQ(status(), "pending");
}

TEST_F(Connect, WaitsUntilTheProviderLetsALiveAccountBePaid) {
  Browser browser = owner();
  connect(browser, "live", "in-review");
  EXPECT_EQ(status(), "pending");
  EXPECT_TRUE(has(browser.look(page_now()).body, "Acme waits for Mollie"));
  EXPECT_EQ(call("POST", links, body(basket)).status, 400);
  execute(storage.name(), "UPDATE provider_grants SET due_at = 1");
  EXPECT_TRUE(eventually([&] { return stored("SELECT tries FROM provider_grants") == "1"; }))
      << "asked, and told to wait";
  EXPECT_EQ(status(), "pending");
  const std::string organization = at_simulator("SELECT id FROM organizations");
  const Answer done = exchange(port_of(sandbox.ready("/simulator_url")),
                               {.method = "POST",
                                .target = "/organizations/" + organization,
                                .fields = {{"Content-Type", "application/x-www-form-urlencoded"}},
                                .body = "onboarding=completed"});
  EXPECT_EQ(done.status, 303) << done.body;
  execute(storage.name(), "UPDATE provider_grants SET due_at = 1");
  EXPECT_TRUE(eventually([&] { return status() == "enabled"; })) << server->err();
  pay();
}

TEST_F(Connect, RenewsTokensAndEndsWhatTheProviderHasEnded) {
  Browser browser = owner();
  connect(browser);
  // Refused in the middle of a payment, and renewed for it.
  execute(sandbox.data_dir() + "/simulator.db", "UPDATE access_tokens SET expires_at = 1");
  execute(storage.name(), "UPDATE provider_grants SET issued_at = 1");
  pay();
  EXPECT_EQ(stored("SELECT tokens FROM provider_grants"), "2");
  age_tokens();
  EXPECT_TRUE(eventually([&] { return stored("SELECT tokens FROM provider_grants") == "3"; })) << server->err();
  EXPECT_EQ(stored("SELECT COUNT(*) FROM provider_grants WHERE due_at > issued_at"), "1");

  execute(sandbox.data_dir() + "/simulator.db", "UPDATE authorizations SET refresh_digest = 'none'");
  age_tokens();
  EXPECT_TRUE(eventually([&] { return status() == "disabled"; })) << server->err();
  EXPECT_EQ(stored("SELECT COUNT(*) FROM connection_alerts WHERE kind = 'authorization_lost'"), "1");
  EXPECT_EQ(stored("SELECT COUNT(*) FROM outbox_events WHERE payload LIKE '%connection_revoked%'"), "1");
}

TEST_F(Connect, RevokesWhatHasEnded) {
  Browser browser = owner();
  connect(browser);
  disconnect(browser);
  EXPECT_EQ(status(), "disabled");
  EXPECT_TRUE(eventually([&] { return at_simulator("SELECT COUNT(*) FROM authorizations") == "0"; })) << server->err();
  EXPECT_TRUE(eventually([&] { return stored("SELECT state FROM provider_grants") == "gone"; }));
  EXPECT_EQ(stored("SELECT COUNT(*) FROM provider_grants WHERE access_token_sealed IS NOT NULL"), "0");

  // A provider that is away holds nothing up.
  connect(browser);
  sandbox.stop();
  disconnect(browser);
  EXPECT_EQ(status(), "disabled");
  EXPECT_TRUE(
      eventually([&] { return stored("SELECT MAX(tries) FROM provider_grants WHERE state = 'ended'") == "1"; }));
}

// Nothing of tokens, codes and our secret but their sealed form is anywhere.
TEST_F(Connect, KeepsTokensSealed) {
  Browser browser = owner();
  const std::string page = begin(), back = decide(leave(browser, page), "allow");
  const std::string code = back.substr(back.find("auth_"), 35);
  const std::string chosen = browser.look(back).field("Location");
  EXPECT_EQ(choose(browser, chosen, "test").status, 303);
  EXPECT_EQ(confirm(browser, chosen).status, 303);
  age_tokens();
  EXPECT_TRUE(eventually([&] { return stored("SELECT tokens FROM provider_grants") == "2"; }));
  pay();
  const std::regex token("(access|refresh|auth)_[1-9A-HJ-NP-Za-km-z]{30}");
  const auto is_clean = [&](const std::string& text) {
    return !has(text, client_secret) && !has(text, code) && !std::regex_search(text, token);
  };
  for (const std::string& target : {page_now(), std::string("/account")})
    EXPECT_TRUE(is_clean(browser.look(target).body));
  for (const auto& file : std::filesystem::recursive_directory_iterator(place.path()))
    EXPECT_TRUE(!file.is_regular_file() || is_clean(read_file(file.path()))) << file.path();
  EXPECT_TRUE(is_clean(server->out() + server->err()));
  EXPECT_EQ(stored("SELECT COUNT(*) FROM provider_grants WHERE length(access_token_sealed) > 70"), "1");
}

TEST_F(Connect, NeedsBothHalvesOfAnApplication) {
  server->signal(SIGKILL);
  server->wait();
  const Words serve_words = with_storage({"serve", "--key-file", key_file, "--public-url", "http://127.0.0.1"});
  Words with_id = serve_words;
  with_id.insert(with_id.end(), {"--mollie-client-id", client_id});
  EXPECT_TRUE(has(run(with_id).err, "PAYLINK_MOLLIE_CLIENT_SECRET"));
  EXPECT_TRUE(has(run(serve_words, {"PAYLINK_MOLLIE_CLIENT_SECRET=" + client_secret}).err, "mollie.client_id"));
  const Ended bad = run(serve_words, {"PAYLINK_MOLLIE_CLIENT_SECRET=not a secret"});
  EXPECT_TRUE(has(bad.err, "PAYLINK_MOLLIE_CLIENT_SECRET") && !has(bad.err, "not a secret")) << bad.err;
  EXPECT_TRUE(has(run({"serve", "--mollie-client-secret", "x"}).err, "--mollie-client-secret")) << "there is no flag";
}

}  // namespace
}  // namespace paylink::scenario
