#include "domain/attempt.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace paylink {
namespace {

using enum AttemptState;
using enum Effect;

// What becomes of an attempt, for each state (a row) and each word of the provider (a column).
TEST(Attempt, EveryStateHearsEveryWord) {
  struct Row {
    AttemptState current;
    Effect open, pending, authorized, paid, canceled, expired, failed;
  };
  constexpr Row rows[] = {
      //            open      pending   authorized paid      canceled  expired   failed
      {open, outdated, moved, moved, moved, moved, moved, moved},
      {pending, outdated, outdated, moved, moved, moved, moved, moved},
      {authorized, outdated, outdated, outdated, moved, moved, moved, moved},
      {paid, outdated, outdated, outdated, outdated, outdated, outdated, outdated},
      {canceled, outdated, outdated, outdated, moved, outdated, refused, refused},
      {expired, outdated, outdated, outdated, moved, refused, outdated, refused},
      {failed, outdated, outdated, outdated, moved, refused, refused, outdated},
  };
  for (const Row& row : rows) {
    const std::pair<AttemptState, Effect> words[] = {
        {open, row.open},         {pending, row.pending}, {authorized, row.authorized}, {paid, row.paid},
        {canceled, row.canceled}, {expired, row.expired}, {failed, row.failed}};
    for (const auto& [told, effect] : words) {
      SCOPED_TRACE(std::string(attempt_state_names.name(row.current)) + " is told " +
                   std::string(attempt_state_names.name(told)));
      const Step step = apply(row.current, told);
      EXPECT_EQ(step.effect, effect);
      EXPECT_EQ(step.state, effect == moved ? told : row.current);
    }
  }
}

TEST(Attempt, NamesAreSpelledAsInTheApi) {
  for (const char* name : {"open", "pending", "authorized", "paid", "canceled", "expired", "failed"})
    EXPECT_EQ(attempt_state_names.name(attempt_state_names.parse(name).value()), name);
  EXPECT_FALSE(attempt_state_names.parse("cancelled"));
  EXPECT_FALSE(attempt_state_names.parse(""));
}

TEST(Attempt, FinalIsWhatThePayerCannotChangeAnyMore) {
  for (const AttemptState state : {open, pending, authorized}) EXPECT_FALSE(is_final(state));
  for (const AttemptState state : {paid, canceled, expired, failed}) EXPECT_TRUE(is_final(state));
}

std::string_view name(AttemptState state) { return attempt_state_names.name(state); }

std::string_view effect_name(Effect effect) {
  switch (effect) {
    case moved:
      return "**moved**";
    case outdated:
      return "outdated";
    case refused:
      return "refused";
  }
  return "";
}

// docs/attempt-states.md, drawn from the table in attempt.hpp.
std::string drawn() {
  std::ostringstream text;
  text << "# The states of an attempt\n\n"
          "Drawn from the table in `src/domain/attempt.hpp`; a test fails when this page is stale and writes it anew "
          "with\n"
          "`UPDATE_DOCS=1`. An attempt is one try to pay a link; the API calls it a payment. Only the provider's word "
          "moves\n"
          "one, and what has no arrow here cannot happen.\n\n"
          "```mermaid\nstateDiagram-v2\n  [*] --> open\n";
  for (const auto& move : detail::attempt_moves) text << "  " << name(move.from) << " --> " << name(move.to) << "\n";
  text << "```\n\n"
          "What is done when the provider says that an attempt is in the state of the column: *moved* stores it, "
          "*outdated*\n"
          "tells less than is known and is only acknowledged, *refused* contradicts what is known and is kept for the\n"
          "operator while the provider is asked again. Money that arrives always wins.\n\n| now |";
  for (const auto& row : attempt_state_names.rows) text << " " << row.second << " |";
  text << "\n|---|";
  for (std::size_t i = 0; i < attempt_state_names.rows.size(); ++i) text << "---|";
  for (const auto& current : attempt_state_names.rows) {
    text << "\n| " << current.second << " |";
    for (const auto& told : attempt_state_names.rows)
      text << " " << effect_name(apply(current.first, told.first).effect) << " |";
  }
  text << "\n";
  return text.str();
}

TEST(Attempt, ThePageInDocsIsUpToDate) {
  const char* path = "docs/attempt-states.md";  // the tests run in the source folder
  if (std::getenv("UPDATE_DOCS")) std::ofstream(path) << drawn();
  std::ostringstream page;
  page << std::ifstream(path).rdbuf();
  EXPECT_EQ(page.str(), drawn()) << "run domain_test with UPDATE_DOCS=1 and commit " << path;
}

}  // namespace
}  // namespace paylink
