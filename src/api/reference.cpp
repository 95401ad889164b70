#include "api/reference.hpp"

#include <algorithm>

#include "api/embedded.hpp"
#include "api/errors_json.hpp"
#include "base/ensure.hpp"
#include "pages/assets.hpp"

namespace paylink::api {
namespace {

using runtime::Input;

std::string_view file(std::string_view path) {
  const auto found = std::ranges::find(embedded_files(), path, &EmbeddedFile::path);
  ENSURE(found != embedded_files().end());
  return found->content;
}

// The style sheet's address follows from its content, which the page does not know when it is made.
std::string docs_page() {
  constexpr std::string_view mark = "@stylesheet@";
  std::string page(file("docs.html"));
  const std::size_t place = page.find(mark);
  const auto stylesheet = pages::asset_address("reference.css");
  ENSURE(place != std::string::npos && stylesheet);
  return page.replace(place, mark.size(), *stylesheet);
}

http::Response document(std::string content_type, std::string_view path) {
  http::Response response{200, std::move(content_type), std::string(file(path)), {}};
  // Anyone may read it from any page: it holds nothing that is not public.
  response.add_field("Access-Control-Allow-Origin", "*");
  response.add_field("Cache-Control", "no-cache");
  response.add_field("X-Content-Type-Options", "nosniff");
  return response;
}

http::Response front_door(const pages::Site& site, const http::Request& request) {
  const auto accepted = request.field("Accept").value_or("");
  auto response = http::Response{200,
                                 "application/json",
                                 R"({"reference":"/docs","openapi":"/openapi.json","live":"/livez","ready":"/readyz"})",
                                 {}};
  if (accepted.find("text/html") != std::string_view::npos) {
    const auto& language = site.language(request.field("Accept-Language").value_or(""));
    pages::Values values;
    values["title"] = language.text("front_door.title");
    response = language.page(200, "shared/front_door", values);
  }
  response.add_field("Vary", "Accept, Accept-Language");
  return response;
}

}  // namespace

std::vector<runtime::Route> reference_routes(const pages::Site& site, pages::Transport transport) {
  runtime::Routes routes(encode_error);
  const auto serve = [&routes](std::string_view path, http::Response response) {
    routes.plain(http::Method::get, path,
                 [response = std::move(response)](const Input&) -> Result<http::Response> { return response; });
  };
  serve("/openapi.yaml", document("application/yaml", "openapi.yaml"));
  serve("/openapi.json", document("application/json", "openapi.json"));
  serve("/docs", pages::html(200, docs_page(), transport));
  serve("/docs/", http::moved_permanently("/docs"));
  routes.plain(http::Method::get, "/",
               [&site](const Input& input) -> Result<http::Response> { return front_door(site, input.request); });
  return routes.take();
}

}  // namespace paylink::api
