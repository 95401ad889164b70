#pragma once

#include <span>

#include "base/embedded_file.hpp"

namespace paylink::api {

// openapi.yaml, openapi.json and docs.html, all made of openapi/paylink.yaml, sorted by path.
std::span<const EmbeddedFile> embedded_files();

}  // namespace paylink::api
