#pragma once

#include <string>

#include "pages/templates.hpp"

namespace paylink::session {

// Who is signed in, at the top of each page, with the form that ends it.
struct Frame {
  std::string email;
  std::string sign_out_token;
};

// For the partial account/top.
void set_frame(pages::Values& values, const Frame& frame);

}  // namespace paylink::session
