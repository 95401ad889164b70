#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/response.hpp"
#include "pages/catalog.hpp"
#include "pages/embedded.hpp"
#include "pages/formats.hpp"
#include "pages/templates.hpp"

namespace paylink::pages {

// How browsers reach us: with `tls` they are told to come back by HTTPS only.
enum class Transport : std::uint8_t { plain, tls };

// A page with every header that our pages carry: no script, no foreign origin, no frame, no cache, no referrer. Its
// forms lead to us, and to whatever `form_targets` (sources of the Content-Security-Policy) allows besides.
http::Response html(int status, std::string body, Transport transport, std::string_view form_targets = {});

// One language of the pages: its sentences, how it writes money and dates, and the templates it shares with the others.
// Immutable; one object serves every thread.
class Language {
 public:
  static Result<Language> create(Transport transport, std::shared_ptr<const Templates> templates, Catalog catalog);

  std::string text(std::string_view key, const Catalog::Arguments& arguments = {}) const;
  const Catalog& catalog() const { return catalog_; }
  const Formats& formats() const { return formats_; }
  http::Response page(int status, std::string_view template_name, const Values& values,
                      std::string_view form_targets = {}) const;

 private:
  Language(Transport transport, std::shared_ptr<const Templates> templates, Catalog catalog, Formats formats);

  Transport transport_;
  std::shared_ptr<const Templates> templates_;
  Catalog catalog_;
  Formats formats_;
  Sentences sentences_;
};

// Everything that pages are made with. Made once, at start.
class Site {
 public:
  // `files` are those of web/: templates, and `locales/<tag>.messages`, of which "en" is the fallback of all others.
  // Fails with `bad_catalog`, `bad_locale` or `bad_template`.
  static Result<Site> create(Transport transport, std::span<const EmbeddedFile> files = embedded_files());

  // The language that suits an Accept-Language field best; English when nothing does.
  const Language& language(std::string_view accept_language) const;

 private:
  Site() = default;
  std::vector<Language> languages_;  // English first
};

// `address` if it is one that a page may send its reader to: https or http, without spaces and control characters; else
// empty. For addresses that came from outside.
std::string web_address(std::string_view address);

}  // namespace paylink::pages
