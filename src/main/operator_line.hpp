#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "json/document.hpp"
#include "main/settings.hpp"

namespace paylink::main {

// What the line of a command led to: JSON.
class Done {
 public:
  Done(std::string text, json::Document document) : text_(std::move(text)), document_(std::move(document)) {}

  const std::string& text() const { return text_; }  // as it came
  json::Value value() const { return document_.root(); }

 private:
  std::string text_;
  json::Document document_;
};

// Has a line of main/control.hpp carried out: by the server when one runs on the data directory, else alone on it.
// Fails with `usage` when the words are wrong whatever is stored, else with the reason of the refusal.
Result<Done> carry_out(const Settings& settings, const std::string& line);

// A member of what was done, to be shown: text (`never` in the place of null), and the words of an array in a line.
std::string text_of(json::Value object, std::string_view name);
std::string words_of(json::Value object, std::string_view name);

// A list as a table, or as the JSON that it is; `nothing` in the place of an empty table.
struct Table {
  std::vector<std::string> heads;
  std::vector<std::string> (*row)(json::Value entry);
  std::string_view nothing;
};
void print_list(const Done& list, std::string_view output, const Table& table);

}  // namespace paylink::main
