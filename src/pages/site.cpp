#include "pages/site.hpp"

#include <algorithm>

#include "base/ensure.hpp"

namespace paylink::pages {

http::Response html(int status, std::string body, Transport transport, std::string_view form_targets) {
  http::Response response{status, "text/html; charset=utf-8", std::move(body), {}};
  std::string forms = "form-action 'self'";
  if (!form_targets.empty()) forms += ' ' + std::string(form_targets);
  response.add_field("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; " + forms +
                                                    "; base-uri 'none'; frame-ancestors 'none'");
  response.add_field("X-Content-Type-Options", "nosniff");
  response.add_field("X-Frame-Options", "DENY");
  response.add_field("Cache-Control", "no-store");
  response.add_field("Referrer-Policy", "no-referrer");
  response.add_field("Cross-Origin-Opener-Policy", "same-origin");
  response.add_field("Cross-Origin-Resource-Policy", "same-origin");
  response.add_field("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()");
  response.add_field("X-Robots-Tag", "noindex, nofollow");
  if (transport == Transport::tls)
    response.add_field("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
  return response;
}

Language::Language(Transport transport, std::shared_ptr<const Templates> templates, Catalog catalog, Formats formats)
    : transport_(transport),
      templates_(std::move(templates)),
      catalog_(std::move(catalog)),
      formats_(std::move(formats)),
      sentences_(catalog_, templates_->sentences()) {}

Result<Language> Language::create(Transport transport, std::shared_ptr<const Templates> templates, Catalog catalog) {
  for (const std::string_view key : {"formats.numbers", "formats.dates"})
    if (!catalog.has(key))
      return fail(ErrorCode::internal, "bad_catalog", "A catalogue lacks a key.", std::string(key));
  Formats formats = TRY(Formats::create(catalog.text("formats.numbers"), catalog.text("formats.dates")));
  return Language(transport, std::move(templates), std::move(catalog), std::move(formats));
}

std::string Language::text(std::string_view key, const Catalog::Arguments& arguments) const {
  return catalog_.text(key, arguments);
}

http::Response Language::page(int status, std::string_view template_name, const Values& values,
                              std::string_view form_targets) const {
  return html(status, templates_->render(template_name, sentences_, values), transport_, form_targets);
}

Result<Site> Site::create(Transport transport, std::span<const EmbeddedFile> files) {
  constexpr std::string_view folder = "locales/";
  constexpr std::string_view ending = ".messages";
  constexpr std::string_view english_path = "locales/en.messages";
  const auto english = std::ranges::find(files, english_path, &EmbeddedFile::path);
  if (english == files.end())
    return fail(ErrorCode::internal, "bad_catalog", "The English catalogue is missing.", std::string(english_path));

  Site site;
  Catalog fallback = TRY(Catalog::parse("en", english->content));
  Catalog first = TRY(Catalog::parse("en", english->content));
  const auto templates = std::make_shared<const Templates>(TRY(Templates::parse(files, fallback)));
  site.languages_.push_back(TRY(Language::create(transport, templates, std::move(first))));
  for (const EmbeddedFile& file : files) {
    if (!file.path.starts_with(folder) || !file.path.ends_with(ending) || file.path == english_path) continue;
    const auto tag = file.path.substr(folder.size(), file.path.size() - folder.size() - ending.size());
    Catalog catalog = TRY(Catalog::parse(tag, file.content, &fallback));
    site.languages_.push_back(TRY(Language::create(transport, templates, std::move(catalog))));
  }
  return site;
}

const Language& Site::language(std::string_view accept_language) const {
  std::vector<std::string_view> tags;
  for (const Language& language : languages_) tags.push_back(language.catalog().tag());
  const auto tag = negotiate(accept_language, tags);
  return *std::ranges::find_if(languages_, [&](const Language& language) { return language.catalog().tag() == tag; });
}

std::string web_address(std::string_view address) {
  if (!address.starts_with("https://") && !address.starts_with("http://")) return {};
  const bool plain = std::ranges::all_of(address, [](char c) { return c > ' ' && c < '\x7f'; });
  return plain ? std::string(address) : std::string{};
}

}  // namespace paylink::pages
