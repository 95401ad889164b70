#pragma once

#include <kainjow/mustache.hpp>

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "pages/catalog.hpp"
#include "pages/embedded.hpp"

namespace paylink::pages {

// What a template's names stand for: texts, lists, nested names. `{{name}}` escapes; no template of ours uses the
// unescaped form, which a test makes sure of.
using Values = kainjow::mustache::data;
using Rows = kainjow::mustache::list;

// The templates of one language (files `*.mustache`, named by their path without the ending), parsed once. On top of
// Mustache, and resolved before anything is rendered:
//   {{> checkout/summary}}   the text of that template
//   {{t link.email}}         a sentence of the catalogue that has no placeholders, escaped
//   {{asset checkout.css}}   the address of a file of web/assets, with its content hash
//   {{lang}}                 the language's tag
class Templates {
 public:
  // Fails with `bad_template`, naming file and tag.
  static Result<Templates> parse(std::span<const EmbeddedFile> files, const Catalog& catalog);

  // A name that is not there is a bug. One object serves every thread.
  std::string render(std::string_view name, const Values& values) const;

 private:
  // The library's `render` is not const because partials and lambdas may fail in it; ours are resolved beforehand.
  mutable std::map<std::string, kainjow::mustache::mustache, std::less<>> parsed_;
};

}  // namespace paylink::pages
