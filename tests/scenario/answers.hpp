#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client.hpp"

namespace paylink::scenario {

class Sandbox;

// What is at a JSON pointer: a string as it reads, anything else as JSON (numbers by their shortest decimal, "[3]" and
// "{3}" for an array and an object of three), "(nothing)" when there is nothing.
std::string at(std::string_view json, std::string_view pointer);

// The errors of an answer, one a line: "missing_field /payment_link/items\n", "out_of_range page\n"; anything else than
// the error envelope of contract.md, part 2, is said to be none.
std::string errors_of(const Answer& answer);

// One request and what must come of it. Everything that is left out is not looked at.
struct Scenario {
  const char* name = "";
  std::string method = "GET";
  std::string target = {};
  Fields fields = {};
  std::string body = {};
  int status = 200;
  std::string errors = {};                                       // as of `errors_of`
  std::string exact = {};                                        // the whole body
  std::vector<std::string> says = {};                            // parts of the body
  std::vector<std::string> never = {};                           // what must not be in the body
  std::vector<std::pair<std::string, std::string>> values = {};  // JSON pointer, what is there
  Fields answer_fields = {};
};

// Plays them in order, each on a connection of its own, with the sandbox's access token unless `fields` names an
// Authorization; and each error answer is held against contract.md, part 2.
void play(const Sandbox& sandbox, const std::vector<Scenario>& scenarios);
void check(const Answer& answer, const Scenario& scenario);

}  // namespace paylink::scenario
