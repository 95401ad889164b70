#pragma once

#include <span>

#include "base/embedded_file.hpp"

namespace paylink::simulator {

// The files of the folder migrations/, sorted by path.
std::span<const EmbeddedFile> embedded_files();

}  // namespace paylink::simulator
