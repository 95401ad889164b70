#include "pages/templates.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/ensure.hpp"
#include "pages/assets.hpp"

namespace paylink::pages {

namespace {

constexpr std::string_view template_ending = ".mustache";
constexpr int includes_max = 8;
// In front of a sentence's key, so that it is none of the names that a page fills in.
constexpr std::string_view sentence_mark = "t ";
constexpr std::string_view language_tag = "lang";

Failure bad_template(std::string_view name, std::string_view tag, std::string_view why) {
  return fail(ErrorCode::internal, "bad_template", "A template has a fault.",
              std::string(name) + ": {{" + std::string(tag) + "}}: " + std::string(why));
}

std::optional<std::string_view> argument_of(std::string_view tag, std::string_view directive) {
  if (!tag.starts_with(directive)) return std::nullopt;
  return trimmed(tag.substr(directive.size()));
}

// White space at the start of lines is for the reader of the template: the library would render it piece by piece.
std::string without_indentation(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto newline = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, newline));
    if (!line.empty()) result.append(line).push_back('\n');
    text.remove_prefix(std::min(newline + 1, text.size()));
  }
  return result;
}

class Expansion {
 public:
  Expansion(std::span<const EmbeddedFile> files, const Catalog& catalog, std::set<std::string>& sentences)
      : files_(files), catalog_(catalog), sentences_(sentences) {}

  Result<std::string> expand(std::string_view name, int depth = 0) const {
    const auto path = std::string(name) + std::string(template_ending);
    const auto file = std::ranges::find(files_, std::string_view(path), &EmbeddedFile::path);
    if (file == files_.end()) return bad_template(name, "> " + std::string(name), "no such template");
    if (depth == includes_max) return bad_template(name, "> " + std::string(name), "included too deep");
    std::string result;
    std::string_view rest = file->content;
    for (auto open = rest.find("{{"); open != std::string_view::npos; open = rest.find("{{")) {
      const auto close = rest.find("}}", open);
      if (close == std::string_view::npos) return bad_template(name, rest.substr(open, 20), "not closed");
      const auto tag = trimmed(rest.substr(open + 2, close - open - 2));
      result += rest.substr(0, open);
      result += TRY(resolve(name, tag, rest.substr(open, close + 2 - open), depth));
      rest.remove_prefix(close + 2);
    }
    result += rest;
    return result;
  }

 private:
  Result<std::string> resolve(std::string_view name, std::string_view tag, std::string_view as_written,
                              int depth) const {
    if (tag.starts_with('{') || tag.starts_with('&')) return bad_template(name, tag, "unescaped");
    if (const auto part = argument_of(tag, ">")) return expand(*part, depth + 1);
    if (const auto key = argument_of(tag, sentence_mark)) {
      if (!catalog_.has(*key)) return bad_template(name, tag, "no such sentence");
      sentences_.emplace(*key);
      return "{{&" + std::string(sentence_mark) + std::string(*key) + "}}";  // escaped once, not each time
    }
    if (const auto asset = argument_of(tag, "asset ")) {
      const auto address = asset_address(*asset);
      if (!address) return bad_template(name, tag, "no such file");
      return *address;
    }
    return std::string(as_written);
  }

  std::span<const EmbeddedFile> files_;
  const Catalog& catalog_;
  std::set<std::string>& sentences_;
};

// A page's values, and behind them the sentences.
class Context final : public kainjow::mustache::context<std::string> {
 public:
  Context(const Sentences& sentences, const Values& values)
      : kainjow::mustache::context<std::string>(&values), sentences_(sentences) {}

  const Values* get(const std::string& name) const override {
    const Values* const sentence = sentences_.find(name);
    return sentence ? sentence : kainjow::mustache::context<std::string>::get(name);
  }

 private:
  const Sentences& sentences_;
};

// What the library writes to as to a stream.
struct Output {
  std::string& text;

  Output& operator<<(const std::string& piece) {
    text += piece;
    return *this;
  }
};

}  // namespace

Sentences::Sentences(const Catalog& catalog, const std::set<std::string>& keys) {
  texts_.emplace(language_tag, catalog.tag());
  for (const std::string& key : keys)
    texts_.emplace(std::string(sentence_mark) + key, kainjow::mustache::html_escape(catalog.text(key)));
}

const Values* Sentences::find(const std::string& name) const {
  if (!name.starts_with(sentence_mark) && name != language_tag) return nullptr;
  const auto found = texts_.find(name);
  return found != texts_.end() ? &found->second : nullptr;
}

Result<Templates> Templates::parse(std::span<const EmbeddedFile> files, const Catalog& catalog) {
  Templates result;
  const Expansion expansion(files, catalog, result.sentences_);
  for (const EmbeddedFile& file : files) {
    if (!file.path.ends_with(template_ending)) continue;
    const auto name = file.path.substr(0, file.path.size() - template_ending.size());
    const std::string text = TRY(expansion.expand(name));
    kainjow::mustache::mustache parsed(without_indentation(text));
    if (!parsed.is_valid()) return bad_template(name, "", parsed.error_message());
    result.parsed_.emplace(name, std::move(parsed));
  }
  return result;
}

std::string Templates::render(std::string_view name, const Sentences& sentences, const Values& values) const {
  const auto found = parsed_.find(name);
  ENSURE(found != parsed_.end());
  Context context(sentences, values);
  std::string result;
  Output output{result};
  found->second.render(context, output);
  return result;
}

}  // namespace paylink::pages
