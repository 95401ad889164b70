#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace paylink::bench {

using Uuid = std::array<std::uint8_t, 16>;

[[noreturn]] inline void die(const std::string& sentence) {
  std::fprintf(stderr, "fill: %s\n", sentence.c_str());
  std::exit(1);
}

inline std::string text_of(const Uuid& id) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::size_t at = 0; at < id.size(); ++at) {
    if (at == 4 || at == 6 || at == 8 || at == 10) text += '-';
    text += digits[id[at] >> 4];
    text += digits[id[at] & 15];
  }
  return text;
}

// What differs from link to link; the rest is that of the model. Times are microseconds since 1970.
struct Link {
  Uuid organization, id, resource_id;
  std::string_view status;
  std::int64_t amount_minor = 0;
  std::string items;
  std::int64_t created_at = 0;
  std::int64_t updated_at = 0;
  std::int64_t expiration_date = 0;
  std::optional<std::int64_t> expires_effective_at, canceled_at;
};

struct Mix {
  std::int64_t links = 0;     // of all organizations
  std::int64_t expiring = 0;  // the newest, all open until `expires_at`
  std::int64_t expires_at = 0;
  std::int64_t now = 0;
  std::vector<Uuid> organizations;  // in turn
  std::string items;                // of the model: one item of 10.99 with 21 % VAT
};

// Years of a merchant's links in the order of their creation: older than a year they are paid, expired or canceled;
// among the newer ones a few can still be paid, or are being paid.
class Links {
 public:
  explicit Links(Mix mix) : mix_(std::move(mix)), price_at_(mix_.items.find(model_price)) {
    if (price_at_ == std::string::npos || mix_.items.find("\"21.0\"") == std::string::npos)
      die("the model is not the link of bench/body.json, but " + mix_.items);
  }

  std::int64_t count() const { return mix_.links; }

  Link next() {
    constexpr std::int64_t span = 5 * year;
    Link link;
    link.created_at =
        mix_.now - span +
        static_cast<std::int64_t>(static_cast<double>(made_) / static_cast<double>(mix_.links) * double{span});
    link.organization = mix_.organizations[static_cast<std::size_t>(made_) % mix_.organizations.size()];
    link.id = ordered_id(link.created_at / 1000);
    link.resource_id = random_id(4);
    price(link);
    fate(link);
    ++made_;
    return link;
  }

 private:
  static constexpr std::string_view model_price = "10.99";
  static constexpr std::int64_t hour = 3'600'000'000, day = 24 * hour, year = 365 * day;

  std::int64_t between(std::int64_t first, std::int64_t last) {
    return first + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(last - first + 1));
  }

  Uuid random_id(std::uint8_t version) {
    Uuid id;
    for (std::size_t half = 0; half < 2; ++half) {
      auto bits = random_();
      for (std::size_t at = 0; at < 8; ++at, bits >>= 8) id[8 * half + at] = static_cast<std::uint8_t>(bits);
    }
    id[6] = static_cast<std::uint8_t>((id[6] & 0x0f) | version << 4);
    id[8] = static_cast<std::uint8_t>((id[8] & 0x3f) | 0x80);
    return id;
  }

  Uuid ordered_id(std::int64_t milliseconds) {
    Uuid id = random_id(7);
    for (std::size_t at = 0; at < 6; ++at) id[at] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * at));
    return id;
  }

  void price(Link& link) {
    const auto cents = between(100, 99'999);
    link.amount_minor = (cents * 121 + 50) / 100;
    std::array<char, 32> text;
    const int size = std::snprintf(text.data(), text.size(), "%lld.%02lld", static_cast<long long>(cents / 100),
                                   static_cast<long long>(cents % 100));
    link.items = mix_.items;
    link.items.replace(price_at_, model_price.size(), text.data(), static_cast<std::size_t>(size));
  }

  void fate(Link& link) {
    const auto chance = between(0, 999);
    const bool is_old = link.created_at < mix_.now - year;
    link.updated_at = between(link.created_at, mix_.now);
    link.expiration_date = link.created_at + between(hour, year);
    if (made_ >= mix_.links - mix_.expiring) {
      link.status = "open";
      link.expiration_date = mix_.expires_at;
    } else if (!is_old && chance < 30) {
      link.status = chance < 25 ? "open" : "processing";
      link.expiration_date = mix_.now + between(60 * day, year);
    } else if (chance < 650) {
      link.status = "paid";
    } else if (chance < 960) {
      link.status = "expired";
      link.expiration_date = between(link.created_at, is_old ? link.created_at + year : mix_.now);
      link.updated_at = link.expiration_date;
    } else {
      link.status = "canceled";
      link.canceled_at = link.updated_at;
    }
    if (link.status == "open") link.updated_at = link.created_at;
    if (link.status != "processing") link.expires_effective_at = link.expiration_date;
  }

  const Mix mix_;
  const std::size_t price_at_;
  std::int64_t made_ = 0;
  std::mt19937_64 random_{1};
};

// What triggers keep while links are made one by one.
constexpr std::string_view count_links =
    "INSERT INTO payment_link_counts (organization_id, status, part, links)"
    " SELECT organization_id, status, 0, COUNT(*) FROM payment_links GROUP BY organization_id, status";

// Where links go.
class Database {
 public:
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  virtual ~Database() = default;

  // The organization that has links, and the items of one of them.
  virtual Uuid organization() = 0;
  virtual std::string model_items() = 0;
  // As many more organizations, with what the first one has but its links.
  virtual void add_organizations(const std::vector<Uuid>& ids) = 0;
  // Instead of all links that are there; `tell` is called with each.
  virtual void fill(Links& links, const std::function<void(const Link&)>& tell) = 0;
};

// Says what is being done, with the time since the start.
void note(const std::string& sentence);

}  // namespace paylink::bench
