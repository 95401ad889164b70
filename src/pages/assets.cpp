#include "pages/assets.hpp"

#include "pages/embedded.hpp"

namespace paylink::pages {

namespace {

constexpr std::string_view asset_folder = "assets/";

std::string address_of(const EmbeddedFile& file) {
  const auto point = file.path.rfind('.');
  return "/" + std::string(file.path.substr(0, point)) + "." + std::string(file.hash) +
         std::string(file.path.substr(point));
}

std::string_view content_type_of(std::string_view path) {
  if (path.ends_with(".css")) return "text/css; charset=utf-8";
  if (path.ends_with(".svg")) return "image/svg+xml";
  return "text/plain; charset=utf-8";
}

}  // namespace

std::optional<std::string> asset_address(std::string_view name) {
  for (const EmbeddedFile& file : embedded_files())
    if (file.path.starts_with(asset_folder) && file.path.substr(asset_folder.size()) == name) return address_of(file);
  return std::nullopt;
}

std::optional<http::Response> asset(std::string_view path) {
  if (!path.starts_with("/assets/")) return std::nullopt;
  for (const EmbeddedFile& file : embedded_files()) {
    if (!file.path.starts_with(asset_folder) || address_of(file) != path) continue;
    http::Response response{200, std::string(content_type_of(file.path)), std::string(file.content), {}};
    response.add_field("Cache-Control", "public, max-age=31536000, immutable");
    response.add_field("X-Content-Type-Options", "nosniff");
    response.add_field("Cross-Origin-Resource-Policy", "same-origin");
    // An SVG opened by itself is a document: it may do nothing.
    response.add_field("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    return response;
  }
  return std::nullopt;
}

}  // namespace paylink::pages
