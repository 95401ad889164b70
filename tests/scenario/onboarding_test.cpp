// A real installation (`paylink serve`) comes to be paid: a connection is begun over the API and finished on its page,
// against the simulator of a sandbox beside it, which only the address and the key tell from the real provider.

#include "installation.hpp"

namespace paylink::scenario {
namespace {

const std::string key = "test_Kq3vRz8nTw1bYx6m", other_key = "test_Ph5cLd9sGj2fWn7k",
                  refused_key = "live_Kq3vRz8nTw1bYx6m";

class Onboarding : public InstallationTest {
 protected:
  Answer show_key(Browser& browser, const std::string& page, const std::string& shown) const {
    return browser.send(page + "/key",
                        "token=" + form_token(browser.look(page), page + "/key") + "&key=" + encoded(shown));
  }
  Answer confirm(Browser& browser, const std::string& page) const {
    const Answer asked = browser.look(page);
    return browser.send(page + "/confirm",
                        "token=" + form_token(asked, page + "/confirm") + "&proposal=" + hidden(asked, "proposal"));
  }
  void connect() const {
    Browser browser = owner();
    const std::string page = begin();
    EXPECT_EQ(show_key(browser, page, key).status, 303);
    EXPECT_EQ(confirm(browser, page).status, 303);
    EXPECT_EQ(status(), "enabled");
  }
};

TEST_F(Onboarding, LeadsFromAKeyToAPaidLink) {
  const std::string page = begin();
  EXPECT_EQ(status(), "pending");
  Browser browser = owner();
  const Answer first = browser.look(page);
  ASSERT_EQ(first.status, 200) << first.body;
  for (const char* part : {"Connect Acme to Mollie", "FR77 … 0103", "https://shop.example.com", "Back to shop.example"})
    EXPECT_TRUE(has(first.body, part)) << part;
  const Answer shown = show_key(browser, page, key);
  EXPECT_EQ(shown.status, 303) << shown.body;
  EXPECT_EQ(shown.field("Location"), page);
  const Answer asked = browser.look(page);
  EXPECT_TRUE(has(asked.body, "Is this who shall be paid?") && has(asked.body, "<code>pfl_")) << asked.body;
  EXPECT_TRUE(has(asked.body, "Test mode"));
  EXPECT_EQ(status(), "pending");
  EXPECT_EQ(call("POST", links, body(basket)).status, 400);

  const Answer confirmed = confirm(browser, page);
  EXPECT_EQ(confirmed.status, 303) << confirmed.body;
  const Answer done = browser.look(confirmed.field("Location"));
  EXPECT_TRUE(has(done.body, "Acme is connected to Mollie")) << done.body;
  EXPECT_EQ(done.field("Refresh"), "") << "who reads slowly is not led away";
  EXPECT_TRUE(has(done.body, std::string("<a class=\"button\" href=\"") + callback + "\">")) << done.body;
  EXPECT_EQ(status(), "enabled");

  const Answer made = call("POST", links, body(basket));
  ASSERT_EQ(made.status, 201) << made.body;
  const Link link{at(made.body, "/payment_link/id"), Address::parse(at(made.body, "/payment_link/url")).target};
  const Payer payer(port);
  std::string back;
  const Address provider = payer.go_to_provider(payer.submit(link, payer.open(link)), back);
  payer.decide(provider, "paid");
  EXPECT_TRUE(
      eventually([&] { return at(call("GET", std::string(links) + "/" + link.id).body, "/status") == "paid"; }));
  EXPECT_TRUE(has(call("GET", std::string(links) + "/payment_methods").body, "credit_card"));
}

TEST_F(Onboarding, SaysWhatIsWrongWithAKey) {
  const std::string page = begin();
  Browser browser = owner();
  const std::pair<std::string, const char*> wrong[] = {
      {"", "Enter the API key."},
      {"access_abcdefghijklmnop", "This is no API key of Mollie."},
      {refused_key, "Mollie does not accept this key."},
      {repeated(300, "a"), "Enter the API key."},
  };
  for (const auto& [shown, said] : wrong) {
    SCOPED_TRACE(shown);
    const Answer answer = show_key(browser, page, shown);
    EXPECT_EQ(answer.status, 422);
    EXPECT_TRUE(has(answer.body, said)) << answer.body;
    EXPECT_TRUE(has(answer.body, "aria-invalid=\"true\""));
    EXPECT_TRUE(shown.empty() || !has(answer.body, shown)) << "a key is never shown again";
  }
  EXPECT_EQ(sandbox.stop(), 0);
  const Answer silent = show_key(browser, page, key);
  EXPECT_EQ(silent.status, 503) << silent.body;
  EXPECT_TRUE(has(silent.body, "Nothing was changed.")) << silent.body;
  EXPECT_FALSE(silent.field("Retry-After").empty());
}

// Nothing of a key but its sealed form is anywhere: neither in what is stored, nor in what is logged or shown.
TEST_F(Onboarding, KeepsKeysSealed) {
  connect();
  Browser browser = owner();
  EXPECT_EQ(show_key(browser, page_now(), key).status, 303);
  for (const std::string& page : {page_now(), std::string("/account")}) EXPECT_FALSE(has(browser.look(page).body, key));
  for (const char* sealed : {"api_key_sealed", "proposed_key_sealed"})
    EXPECT_NE(value(storage.name(), std::string("SELECT length(") + sealed + ") FROM connections"), "");
  EXPECT_FALSE(has(server->out() + server->err(), key));
  for (const auto& file : std::filesystem::recursive_directory_iterator(place.path()))
    EXPECT_FALSE(file.is_regular_file() && has(read_file(file.path()), key)) << file.path();
}

TEST_F(Onboarding, IsForOwnersAndAdminsWhoHaveJustSaidWhoTheyAre) {
  const std::string page = begin();
  Browser nobody(port);
  EXPECT_EQ(nobody.look(page).field("Location"), "/sign-in?return=" + encoded(page));
  EXPECT_EQ(nobody.send(page + "/key", "token=x&key=" + key).field("Location"), "/sign-in?return=" + encoded(page));
  for (const char* role : {"admin", "manager", "reporter"}) {
    const std::string email = std::string(role) + "@acme.example", password = add_user(email, role);
    Browser browser(port);
    ASSERT_EQ(browser.sign_in(email, password).status, 303);
    const bool may = std::string(role) == "admin";
    const Answer seen = browser.look(page);
    EXPECT_EQ(seen.status, may ? 200 : 403) << role;
    EXPECT_EQ(has(seen.body, "Bank account"), may) << seen.body;
  }
  // Somebody of another organization learns as much as from a made-up address.
  const Ended other =
      run(with_storage({"organizations", "create", "--name", "Other", "--slug", "other", "--owner-email",
                        "owner@other.example", "--iban", "FR7716798000010000000000103", "--bic", "TRZOFR21XXX"}));
  ASSERT_EQ(other.status, 0) << other.err;
  const Ended reset = run(with_storage({"users", "reset-password", "owner@other.example"}));
  Browser foreign(port);
  ASSERT_EQ(foreign.sign_in("owner@other.example", at(reset.out, "/password")).status, 303) << reset.out << reset.err;
  const std::string made_up = "/connect/" + repeated(103, "A");
  EXPECT_EQ(foreign.look(page).status, 404);
  EXPECT_EQ(foreign.look(page).body, foreign.look(made_up).body);
  EXPECT_EQ(nobody.look(made_up).status, 404);

  Browser stale = owner();
  execute(storage.name(), "UPDATE sessions SET authenticated_at = authenticated_at - 601000000");
  EXPECT_EQ(stale.look(page).field("Location"), "/account/confirm?return=" + encoded(page));
  EXPECT_EQ(stale.send(page + "/key", "token=x&key=" + key).field("Location"),
            "/account/confirm?return=" + encoded(page));
  EXPECT_EQ(status(), "pending");
}

TEST_F(Onboarding, TakesItsOwnFormsAlone) {
  const std::string page = begin();
  Browser browser = owner(), another = owner();
  EXPECT_EQ(show_key(browser, page, key).status, 303);
  const Answer asked = browser.look(page);
  const std::string proposal = "&proposal=" + hidden(asked, "proposal");
  const std::string token = form_token(asked, page + "/confirm"), discard = form_token(asked, page + "/discard");
  const std::string foreign = form_token(another.look(page), page + "/confirm");
  for (const std::string& form : {proposal, "token=x" + proposal, "token=" + foreign + proposal,
                                  "token=" + discard + proposal, "token=" + token, "token=" + token + "&proposal=1"})
    EXPECT_EQ(browser.send(page + "/confirm", form).status, 403) << form;
  for (const char* site : {"cross-site", "same-site"})
    EXPECT_EQ(browser.send(page + "/confirm", "token=" + token + proposal, {{"Sec-Fetch-Site", site}}).status, 403);
  for (const char* step : {"/key", "/discard", "/disconnect"})
    EXPECT_EQ(browser.send(page + step, "token=" + token).status, 403) << step;
  EXPECT_EQ(status(), "pending");
  EXPECT_EQ(browser.send(page + "/confirm", "token=" + token + proposal).status, 303);
  EXPECT_EQ(browser.send(page + "/confirm", "token=" + token + proposal).status, 409) << "once";
  EXPECT_EQ(status(), "enabled");
}

TEST_F(Onboarding, ChangesTheKeyAndEndsTheConnection) {
  connect();
  Browser browser = owner();
  const std::string page = page_now();
  const Answer other = show_key(browser, page, other_key);
  EXPECT_EQ(other.status, 422) << "each key of the simulator is a profile of its own";
  EXPECT_TRUE(has(other.body, "This key belongs to another profile."));
  EXPECT_EQ(show_key(browser, page, key).status, 303);
  EXPECT_EQ(confirm(browser, page).status, 303);
  EXPECT_TRUE(has(browser.look(page).body, "is connected")) << "the address is used up: it is only looked at";
  EXPECT_EQ(form_token(browser.look(page), page + "/disconnect"), "");

  const std::string last = page_now();
  const Answer ended =
      browser.send(last + "/disconnect", "token=" + form_token(browser.look(last), last + "/disconnect"));
  EXPECT_EQ(ended.status, 303);
  EXPECT_EQ(status(), "disabled");
  EXPECT_EQ(call("POST", links, body(basket)).status, 400);
  const std::string again = begin();
  EXPECT_EQ(show_key(browser, again, other_key).status, 303) << "another profile, for a new connection";
  EXPECT_EQ(confirm(browser, again).status, 303);
  EXPECT_EQ(status(), "enabled");
  EXPECT_EQ(value(storage.name(), "SELECT COUNT(*) FROM outbox_events WHERE payload LIKE '%connection_enabled%'"), "2");
  EXPECT_EQ(value(storage.name(), "SELECT COUNT(*) FROM outbox_events WHERE payload LIKE '%connection_revoked%'"), "1");
}

// Killed between any two steps, it goes on where it was.
TEST_F(Onboarding, GoesOnAfterAKill) {
  const std::string page = begin();
  Browser browser = owner();
  const auto kill_and_serve = [&] {
    server->signal(SIGKILL);
    server->wait();
    serve();
  };
  kill_and_serve();
  EXPECT_EQ(show_key(browser, page, "  " + key + "\r\n").status, 303) << "as it was copied";
  kill_and_serve();
  EXPECT_EQ(confirm(browser, page).status, 303);
  kill_and_serve();
  EXPECT_EQ(status(), "enabled");
  EXPECT_EQ(call("POST", links, body(basket)).status, 201);
}

}  // namespace
}  // namespace paylink::scenario
