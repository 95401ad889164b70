// Nicolas Seriot's JSONTestSuite, used where it lies: y_ must be accepted, n_ refused, i_ is for each parser to decide.
// What we decide is also listed in docs/json.md.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "json/document.hpp"

namespace paylink::json {
namespace {

namespace fs = std::filesystem;

// The tests run in the source folder (cmake/paylink.cmake).
const fs::path suite = "../shared/data/JSONTestSuite";

constexpr Limits as_json{.duplicate_keys = DuplicateKeys::kept};

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::string reason(const Result<Document>& document) {
  return document ? "accepted" : document.error().faults.at(0).detail;
}

class JsonTestSuite : public testing::Test {
 protected:
  void SetUp() override {
    if (fs::exists(suite)) return;
    const char* ci = std::getenv("CI");
    ASSERT_FALSE(ci && std::string_view(ci) == "true") << suite << " is missing, and CI may not go without it";
    GTEST_SKIP() << suite << " is missing";
  }
};

TEST_F(JsonTestSuite, AcceptsAllThatIsValidAndRefusesAllThatIsNot) {
  int valid = 0, invalid = 0;
  for (const auto& file : fs::directory_iterator(suite / "test_parsing")) {
    const std::string name = file.path().filename();
    SCOPED_TRACE(name);
    const auto document = Document::parse(read(file.path()), as_json);
    if (name.starts_with("y_")) {
      ++valid;
      EXPECT_TRUE(document) << reason(document);
    }
    if (name.starts_with("n_")) {
      ++invalid;
      EXPECT_FALSE(document);
      EXPECT_FALSE(reason(document).ends_with("it cannot be read.")) << "refused without saying why";
    }
  }
  EXPECT_EQ(valid, 95);
  EXPECT_EQ(invalid, 188);
}

TEST_F(JsonTestSuite, DuplicateKeysAreValidJsonThatARequestMayNotUse) {
  for (const char* name : {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"}) {
    SCOPED_TRACE(name);
    const auto document = Document::parse(read(suite / "test_parsing" / name));
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().reason, "malformed_json");
  }
}

TEST_F(JsonTestSuite, DecidesWhatTheStandardLeavesOpen) {
  struct Case {
    const char* file;
    const char* verdict;  // the value, or the beginning of why not
  };
  constexpr const char* number = "line 1, column 2: the number is out of range";
  constexpr const char* surrogate = "half of a surrogate pair";
  constexpr const char* not_utf8 = "this is not UTF-8";
  constexpr const char* no_value = "expected a value";
  const Case cases[] = {
      {"i_number_double_huge_neg_exp", "accepted"},  // reads as 0
      {"i_number_huge_exp", number},
      {"i_number_neg_int_huge_exp", number},
      {"i_number_pos_double_huge_exp", number},
      {"i_number_real_neg_overflow", number},
      {"i_number_real_pos_overflow", number},
      {"i_number_real_underflow", "accepted"},  // reads as 0
      {"i_number_too_big_neg_int", number},
      {"i_number_too_big_pos_int", number},
      {"i_number_very_big_negative_int", number},
      {"i_object_key_lone_2nd_surrogate", surrogate},
      {"i_string_1st_surrogate_but_2nd_missing", surrogate},
      {"i_string_1st_valid_surrogate_2nd_invalid", surrogate},
      {"i_string_UTF-16LE_with_BOM", no_value},
      {"i_string_UTF-8_invalid_sequence", not_utf8},
      {"i_string_UTF8_surrogate_U+D800", not_utf8},
      {"i_string_incomplete_surrogate_and_escape_valid", surrogate},
      {"i_string_incomplete_surrogate_pair", surrogate},
      {"i_string_incomplete_surrogates_escape_valid", surrogate},
      {"i_string_invalid_lonely_surrogate", surrogate},
      {"i_string_invalid_surrogate", surrogate},
      {"i_string_invalid_utf-8", not_utf8},
      {"i_string_inverted_surrogates_U+1D11E", surrogate},
      {"i_string_iso_latin_1", not_utf8},
      {"i_string_lone_second_surrogate", surrogate},
      {"i_string_lone_utf8_continuation_byte", not_utf8},
      {"i_string_not_in_unicode_range", not_utf8},
      {"i_string_overlong_sequence_2_bytes", not_utf8},
      {"i_string_overlong_sequence_6_bytes", not_utf8},
      {"i_string_overlong_sequence_6_bytes_null", not_utf8},
      {"i_string_truncated-utf-8", not_utf8},
      {"i_string_utf16BE_no_BOM", no_value},
      {"i_string_utf16LE_no_BOM", no_value},
      {"i_structure_500_nested_arrays", "too many arrays and objects inside one another"},
      {"i_structure_UTF-8_BOM_empty_object", "a byte order mark is not allowed"},
  };
  std::set<std::string> decided;
  const std::string listed = read("docs/json.md");
  for (const Case& c : cases) {
    SCOPED_TRACE(c.file);
    decided.insert(std::string(c.file) + ".json");
    const auto document = Document::parse(read(suite / "test_parsing" / (std::string(c.file) + ".json")), as_json);
    EXPECT_NE(reason(document).find(c.verdict), std::string::npos) << reason(document);
    const std::string row = std::string("| `") + c.file + "` | " + (document ? "accepted" : "refused") + " |";
    EXPECT_NE(listed.find(row), std::string::npos) << "docs/json.md should have: " << row;
  }
  std::set<std::string> open;
  for (const auto& file : fs::directory_iterator(suite / "test_parsing"))
    if (const std::string name = file.path().filename(); name.starts_with("i_")) open.insert(name);
  EXPECT_EQ(decided, open);
}

TEST_F(JsonTestSuite, ReadsWhatParsersDisagreeOn) {
  struct Case {
    const char* file;
    const char* meaning;  // of the first element, or "refused"; keys, where there are any
  };
  const Case cases[] = {
      {"number_-9223372036854775808", "-9223372036854775808"},
      {"number_-9223372036854775809", "refused"},
      {"number_1.0", "1"},
      {"number_1.000000000000000005", "1"},
      {"number_1000000000000000", "1000000000000000"},
      {"number_10000000000000000999", "10000000000000000999"},
      {"number_1e-999", "0"},
      {"number_1e6", "1000000"},
      {"number_9223372036854775807", "9223372036854775807"},
      {"number_9223372036854775808", "9223372036854775808"},
      {"object_key_nfc_nfd", "two keys"},
      {"object_key_nfd_nfc", "two keys"},
      {"object_same_key_different_values", "refused"},
      {"object_same_key_same_value", "refused"},
      {"object_same_key_unclear_values", "refused"},
      {"string_1_escaped_invalid_codepoint", "refused"},
      {"string_1_invalid_codepoint", "refused"},
      {"string_2_escaped_invalid_codepoints", "refused"},
      {"string_2_invalid_codepoints", "refused"},
      {"string_3_escaped_invalid_codepoints", "refused"},
      {"string_3_invalid_codepoints", "refused"},
      {"string_with_escaped_NULL", "3 bytes"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.file);
    const auto document = Document::parse(read(suite / "test_transform" / (std::string(c.file) + ".json")));
    std::string meaning = "refused";
    if (document) {
      const Value first = *document->root().children().begin();
      if (document->root().type() == Type::object) meaning = document->root().size() == 2 ? "two keys" : "one key";
      if (first.type() == Type::number) meaning = first.decimal();
      if (document->root().type() == Type::array && first.type() == Type::text)
        meaning = std::to_string(first.text().size()) + " bytes";
    }
    EXPECT_EQ(meaning, c.meaning);
  }
}

}  // namespace
}  // namespace paylink::json
