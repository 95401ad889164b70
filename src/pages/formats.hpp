#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "domain/money.hpp"

namespace paylink::pages {

// Money, numbers and dates as the readers of one language write them. Exact decimals go in, no floating-point number is
// on the way. One object serves every thread.
class Formats {
 public:
  // The two locales (BCP 47) may differ: "en" writes `€13.30` and `¥100`, "en-IE" writes `15 January 2026 at 14:05
  // UTC`. Fails with `bad_locale`.
  static Result<Formats> create(std::string_view numbers, std::string_view dates);

  Formats(Formats&&) noexcept;
  Formats& operator=(Formats&&) noexcept;
  ~Formats();

  std::string money(const Money& amount) const;
  std::string money(const SignedMoney& amount) const;
  // `decimal` as `Money::decimal` writes it; all of its decimals are shown. `currency` is an ISO 4217 code.
  std::string money(std::string_view decimal, std::string_view currency) const;
  // Without needless zeros at the end: "2", "1.5", "12,000".
  std::string number(std::string_view decimal) const;
  // A percent value ("21.0") as "21%".
  std::string percent(std::string_view decimal) const;
  // To the minute, in UTC and saying so.
  std::string moment(Time time) const;

 private:
  struct State;
  explicit Formats(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace paylink::pages
