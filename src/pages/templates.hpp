#pragma once

#include <kainjow/mustache.hpp>

#include <map>
#include <set>
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

// What templates say in one language: the sentences they name, escaped, and its tag.
class Sentences {
 public:
  Sentences(const Catalog& catalog, const std::set<std::string>& keys);

  // By the name that stands in a parsed template; null for what is no sentence.
  const Values* find(const std::string& name) const;

 private:
  std::map<std::string, Values> texts_;
};

// Every template (files `*.mustache`, named by their path without the ending), parsed once for all languages. On top of
// Mustache:
//   {{> checkout/summary}}   the text of that template
//   {{t link.email}}         a sentence of the catalogue that has no placeholders, escaped
//   {{asset checkout.css}}   the address of a file of web/assets, with its content hash
//   {{lang}}                 the language's tag
class Templates {
 public:
  // Fails with `bad_template`, naming file and tag. `catalog` has every key that another has.
  static Result<Templates> parse(std::span<const EmbeddedFile> files, const Catalog& catalog);

  // Those that templates name.
  const std::set<std::string>& sentences() const { return sentences_; }

  // A name that is not there is a bug. One object serves every thread.
  std::string render(std::string_view name, const Sentences& sentences, const Values& values) const;

 private:
  // The library's `render` is not const because partials and lambdas may fail in it; ours are resolved beforehand.
  mutable std::map<std::string, kainjow::mustache::mustache, std::less<>> parsed_;
  std::set<std::string> sentences_;
};

}  // namespace paylink::pages
