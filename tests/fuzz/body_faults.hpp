#pragma once

#include <algorithm>
#include <string_view>

#include "api/errors_json.hpp"
#include "input.hpp"
#include "json/document.hpp"

// What holds of every body, and of what is wrong with one.
namespace paylink::fuzz {

inline std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// As long as the contract's limits say.
inline void check_length(std::string_view text, std::size_t min, std::size_t max) {
  ENSURE(is_utf8(text) && code_points(text) >= min && code_points(text) <= max);
}

// And without a control character.
inline void check_text(std::string_view text, std::size_t min, std::size_t max) {
  check_length(text, min, max);
  for (const char c : text) ENSURE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
}

// The same but for line breaks and tabs.
inline void check_lines(std::string_view text, std::size_t min, std::size_t max) {
  check_length(text, min, max);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_spacing = text[i] == '\t' || text[i] == '\n' || text.substr(i).starts_with("\r\n");
    ENSURE(is_spacing || (static_cast<unsigned char>(text[i]) >= 0x20 && text[i] != 0x7F));
  }
}

inline void check_faults(const Error& error) {
  ENSURE(error.code == ErrorCode::invalid_input && !error.faults.empty() && error.faults.size() <= 20);
  ENSURE(error.message == error.faults.front().detail || error.reason == "malformed_json");
  for (const Fault& fault : error.faults) {
    ENSURE(!fault.code.empty() && is_utf8(fault.detail) && is_utf8(fault.where));
    ENSURE(fault.where.empty() || fault.where.starts_with('/'));
  }
  ENSURE(json::Document::parse(api::errors_json(error, "0")).has_value());
}

}  // namespace paylink::fuzz
