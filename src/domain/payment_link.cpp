#include "domain/payment_link.hpp"

namespace paylink {

Time years_after(Time time, int years) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  auto date = std::chrono::year_month_day{day} + std::chrono::years{years};
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  return std::chrono::sys_days{date} + (time - day);
}

}  // namespace paylink
