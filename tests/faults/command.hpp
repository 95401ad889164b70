#pragma once

#include <string>
#include <vector>

namespace paylink::faults {

// Runs a program that does not outlive the harness. False when it did not end well. With `printed` its output is
// collected there, and what it complains about is dropped.
bool run_command(const std::string& program, const std::vector<std::string>& words, std::string* printed = nullptr);

}  // namespace paylink::faults
