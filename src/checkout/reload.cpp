#include "checkout/reload.hpp"

namespace paylink::checkout {

void set_reload(pages::Values& values, const Reload& reload) {
  // Begins to count again.
  if (reload.is_over())
    values["look_again"] = pages::Values("url", "?" + reload.query);
  else
    values["reloads"] = true;
}

void add_reload(http::Response& response, const Reload& reload, int after_seconds) {
  if (reload.is_over()) return;
  std::string query = reload.query.empty() ? "" : reload.query + "&";
  query.append(reload_count_name).append("=").append(std::to_string(reload.count + 1));
  response.add_field("Refresh", std::to_string(after_seconds) + "; url=?" + query);
}

}  // namespace paylink::checkout
