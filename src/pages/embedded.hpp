#pragma once

#include <span>

#include "base/embedded_file.hpp"

namespace paylink::pages {

// The files of the folder web/, sorted by path.
std::span<const EmbeddedFile> embedded_files();

}  // namespace paylink::pages
