#include "support/options.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace paylink::testing {
namespace {

struct Read {
  std::string place, kind;
  int count = 7;
  std::uint64_t seed = 1;
  bool is_loud = false;
};

// What was read, or "refused".
std::string read(const std::vector<const char*>& words) {
  std::vector<const char*> line{"program"};
  line.insert(line.end(), words.begin(), words.end());
  Read to;
  ProgramOptions options("program --place DIR");
  options.text("--place", to.place).number("--count", to.count, 1).number("--seed", to.seed).flag("--loud", to.is_loud);
  options.add("--kind", [&](std::string_view word) {
    to.kind = word;
    return word == "good";
  });
  if (!options.read(static_cast<int>(line.size()), line.data())) return "refused";
  return to.place + " " + std::to_string(to.count) + " " + std::to_string(to.seed) + " " + to.kind +
         (to.is_loud ? " loud" : "");
}

TEST(ProgramOptions, AreReadInAnyOrder) {
  EXPECT_EQ(read({"--place", "p"}), "p 7 1 ");
  EXPECT_EQ(read({"--loud", "--count", "1", "--place", "--seed", "--kind", "good", "--seed", "18446744073709551615"}),
            "--seed 1 18446744073709551615 good loud");
}

TEST(ProgramOptions, RefuseWhatTheyDoNotUnderstand) {
  const std::vector<const char*> wrong[] = {{},
                                            {"--place"},
                                            {"--place", ""},
                                            {"p"},
                                            {"--place", "p", "more"},
                                            {"--place", "p", "--count"},
                                            {"--place", "p", "--count", "0"},
                                            {"--place", "p", "--count", "1x"},
                                            {"--place", "p", "--count", ""},
                                            {"--place", "p", "--count", "99999999999"},
                                            {"--place", "p", "--seed", "-1"},
                                            {"--place", "p", "--kind", "bad"},
                                            {"--place", "p", "--other", "1"},
                                            {"--place", "p", "--quiet"}};
  for (const auto& words : wrong) {
    SCOPED_TRACE(words.empty() ? "nothing" : words.back());
    EXPECT_EQ(read(words), "refused");
  }
}

}  // namespace
}  // namespace paylink::testing
