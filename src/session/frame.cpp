#include "session/frame.hpp"

namespace paylink::session {

void set_frame(pages::Values& values, const Frame& frame) {
  pages::Values shown;
  shown["email"] = frame.email;
  shown["token"] = frame.sign_out_token;
  values["frame"] = std::move(shown);
}

}  // namespace paylink::session
