#include "pages/formats.hpp"

#include <unicode/currunit.h>
#include <unicode/dcfmtsym.h>
#include <unicode/numberformatter.h>
#include <unicode/smpdtfmt.h>

#include <map>
#include <mutex>

#include "base/ensure.hpp"

namespace paylink::pages {

namespace {

using icu::number::LocalizedNumberFormatter;
using icu::number::NumberFormatter;
using icu::number::Precision;

std::string write(const LocalizedNumberFormatter& formatter, std::string_view decimal) {
  UErrorCode status = U_ZERO_ERROR;
  const auto number =
      formatter.formatDecimal(icu::StringPiece(decimal.data(), static_cast<std::int32_t>(decimal.size())), status);
  const auto text = number.toString(status);
  ENSURE(U_SUCCESS(status));
  std::string utf8;
  return text.toUTF8String(utf8);
}

int decimals_of(std::string_view decimal) {
  const auto point = decimal.find('.');
  return point == std::string_view::npos ? 0 : static_cast<int>(decimal.size() - point - 1);
}

// As the locale has them, but a hyphen for a minus is the sign itself, which does not part from its number at the end
// of a line.
icu::DecimalFormatSymbols symbols_of(const icu::Locale& locale, UErrorCode& status) {
  constexpr auto minus = icu::DecimalFormatSymbols::kMinusSignSymbol;
  icu::DecimalFormatSymbols symbols(locale, status);
  if (symbols.getSymbol(minus) == icu::UnicodeString(u'-')) symbols.setSymbol(minus, icu::UnicodeString(u'\u2212'));
  return symbols;
}

}  // namespace

struct Formats::State {
  icu::Locale numbers;
  LocalizedNumberFormatter plain;
  LocalizedNumberFormatter percents;
  std::unique_ptr<icu::DateFormat> moments;  // not thread-safe: under the mutex
  std::mutex mutex;
  std::map<std::string, LocalizedNumberFormatter, std::less<>> moneys;  // by currency and number of decimals
};

Formats::Formats(std::unique_ptr<State> state) : state_(std::move(state)) {}
Formats::Formats(Formats&&) noexcept = default;
Formats& Formats::operator=(Formats&&) noexcept = default;
Formats::~Formats() = default;

Result<Formats> Formats::create(std::string_view numbers, std::string_view dates) {
  UErrorCode status = U_ZERO_ERROR;
  auto state = std::make_unique<State>();
  state->numbers = icu::Locale::forLanguageTag(icu::StringPiece(std::string(numbers)), status);
  const auto date_locale = icu::Locale::forLanguageTag(icu::StringPiece(std::string(dates)), status);
  state->plain = NumberFormatter::withLocale(state->numbers)
                     .precision(Precision::unlimited())
                     .symbols(symbols_of(state->numbers, status));
  state->percents = state->plain.unit(icu::MeasureUnit::getPercent());
  state->moments.reset(icu::DateFormat::createInstanceForSkeleton("yMMMMdHHmmz", date_locale, status));
  if (U_FAILURE(status) || !state->moments)
    return fail(ErrorCode::internal, "bad_locale", "A language's formats are not known.",
                std::string(numbers) + ", " + std::string(dates) + ": " + u_errorName(status));
  state->moments->adoptTimeZone(icu::TimeZone::createTimeZone("UTC"));
  return Formats(std::move(state));
}

std::string Formats::money(const Money& amount) const { return money(amount.decimal(), amount.currency().code()); }

std::string Formats::money(const SignedMoney& amount) const {
  return money(amount.decimal(), amount.currency().code());
}

std::string Formats::money(std::string_view decimal, std::string_view currency) const {
  const int decimals = decimals_of(decimal);
  const std::string key = std::string(currency) + std::to_string(decimals);
  const LocalizedNumberFormatter* formatter = nullptr;
  {
    const std::scoped_lock lock(state_->mutex);
    auto row = state_->moneys.find(key);
    if (row == state_->moneys.end()) {
      UErrorCode status = U_ZERO_ERROR;
      const icu::CurrencyUnit unit(icu::StringPiece(std::string(currency)), status);
      ENSURE(U_SUCCESS(status));
      // ICU's own decimals differ from ISO 4217 for some currencies: what is charged is shown, digit by digit.
      row = state_->moneys.emplace(key, state_->plain.unit(unit).precision(Precision::fixedFraction(decimals))).first;
    }
    formatter = &row->second;  // rows of a map stay where they are, and formatting changes nothing
  }
  return write(*formatter, decimal);
}

std::string Formats::number(std::string_view decimal) const { return write(state_->plain, decimal); }

std::string Formats::percent(std::string_view decimal) const { return write(state_->percents, decimal); }

std::string Formats::moment(Time time) const {
  const std::int64_t milliseconds = to_microseconds(time) / 1000;
  icu::UnicodeString text;
  {
    const std::scoped_lock lock(state_->mutex);
    // ICU counts in floating-point milliseconds; whole ones are exact.
    state_->moments->format(static_cast<UDate>(milliseconds), text);
  }
  std::string utf8;
  return text.toUTF8String(utf8);
}

}  // namespace paylink::pages
