#pragma once

#include <string>
#include <vector>

namespace paylink::scenario {

// What a data file holds, and changes that no endpoint offers yet; also while a server has it open. Fails the test when
// the statement fails.
std::vector<std::string> column(const std::string& file, const std::string& select);
std::string value(const std::string& file, const std::string& select);  // "" when there is no row
void execute(const std::string& file, const std::string& statement);

}  // namespace paylink::scenario
