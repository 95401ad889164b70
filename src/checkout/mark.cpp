#include "checkout/mark.hpp"

#include "domain/names.hpp"

namespace paylink::checkout {

namespace {

// Classes of checkout.css.
constexpr auto mark_classes =
    names<Mark>({{Mark::good, "good"}, {Mark::bad, "bad"}, {Mark::wait, "wait"}, {Mark::plain, "plain"}});
constexpr auto mark_signs = names<Mark>({{Mark::good, "✓"}, {Mark::bad, "!"}, {Mark::wait, "…"}, {Mark::plain, "–"}});

}  // namespace

pages::Values mark_values(Mark mark) {
  pages::Values values;
  values["kind"] = std::string(mark_classes.name(mark));
  values["sign"] = std::string(mark_signs.name(mark));
  return values;
}

}  // namespace paylink::checkout
