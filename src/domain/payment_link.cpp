#include "domain/payment_link.hpp"

namespace paylink {

Time one_year_after(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  auto date = std::chrono::year_month_day{day} + std::chrono::years{1};
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  return std::chrono::sys_days{date} + (time - day);
}

}  // namespace paylink
