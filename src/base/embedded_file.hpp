#pragma once

#include <string_view>

namespace paylink {

// A file of the source tree, compiled into the program (see cmake/embed.cmake).
struct EmbeddedFile {
  std::string_view path;  // inside its folder: "locales/en.messages"
  std::string_view content;
  std::string_view hash;  // 16 hex digits of the content's SHA-256
};

}  // namespace paylink
