#include "simulator/faults.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "simulator/twist.hpp"

namespace paylink::simulator {
namespace {

FaultRule rule(std::string_view body) {
  const auto decoded = decode_fault(body);
  EXPECT_TRUE(decoded) << body << decoded.error().message;
  return decoded ? *decoded : FaultRule{};
}

TEST(SimulatorFaults, ReadsARule) {
  const auto status = rule(R"({"operation":"create","fault":"status","status":503,"retry_after":2,"when":"after",)"
                           R"("times":3,"percent":40,"seed":7})");
  EXPECT_EQ(status.operation, Operation::create);
  EXPECT_EQ(status.fault, Fault::status);
  EXPECT_EQ(status.status, 503);
  EXPECT_EQ(status.retry_after, 2);
  EXPECT_EQ(status.when, When::after);
  EXPECT_EQ(status.times, 3);
  EXPECT_EQ(status.percent, 40);
  EXPECT_EQ(status.seed, 7);
  const auto delay = rule(R"({"operation":"any","fault":"delay","ms":50,"ms_min":0})");
  EXPECT_EQ(delay.when, When::before);
  EXPECT_EQ(delay.ms, 50);
  EXPECT_EQ(delay.ms_min, 0);
  EXPECT_EQ(delay.times, 0);
}

TEST(SimulatorFaults, RefusesARule) {
  struct Case {
    std::string_view body;
    std::string_view code;
    std::string_view where;
  };
  const Case cases[] = {
      {"[", "malformed_json", ""},
      {"[]", "invalid_type", ""},
      {R"({"fault":"reset"})", "missing_field", "/operation"},
      {R"({"operation":"create"})", "missing_field", "/fault"},
      {R"({"operation":"pay","fault":"reset"})", "not_in_list", "/operation"},
      {R"({"operation":"create","fault":"explode"})", "not_in_list", "/fault"},
      {R"({"operation":"create","fault":"status"})", "missing_field", "/status"},
      {R"({"operation":"create","fault":"status","status":200})", "out_of_range", "/status"},
      {R"({"operation":"create","fault":"status","status":600})", "out_of_range", "/status"},
      {R"({"operation":"create","fault":"status","status":"503"})", "invalid_type", "/status"},
      {R"({"operation":"create","fault":"status","status":503,"when":"never"})", "not_in_list", "/when"},
      {R"({"operation":"create","fault":"delay"})", "missing_field", "/ms"},
      {R"({"operation":"create","fault":"delay","ms":0})", "out_of_range", "/ms"},
      {R"({"operation":"create","fault":"delay","ms":5,"ms_min":6})", "out_of_range", "/ms_min"},
      {R"({"operation":"create","fault":"reset","ms":5})", "not_allowed", "/ms"},
      {R"({"operation":"create","fault":"reset","status":500})", "not_allowed", "/status"},
      {R"({"operation":"create","fault":"reset","percent":0})", "out_of_range", "/percent"},
      {R"({"operation":"create","fault":"reset","percent":101})", "out_of_range", "/percent"},
      {R"({"operation":"create","fault":"reset","percent":0.5})", "out_of_range", "/percent"},
      {R"({"operation":"create","fault":"reset","times":0})", "out_of_range", "/times"},
      {R"({"operation":"create","fault":"reset","seed":-1})", "out_of_range", "/seed"},
      {R"({"operation":"create","fault":"reset","forever":true})", "unknown_field", "/forever"},
      {R"({"operation":"create","fault":"drop"})", "not_allowed", "/fault"},
      {R"({"operation":"any","fault":"reorder"})", "not_allowed", "/fault"},
      {R"({"operation":"notification","fault":"reset"})", "not_allowed", "/fault"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.body);
    const auto refused = decode_fault(c.body);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, c.code);
    EXPECT_EQ(refused.error().faults.empty() ? "" : refused.error().faults.front().where, c.where);
  }
}

TEST(SimulatorFaults, HitsWhatARuleMeans) {
  FaultDial dial;
  dial.add(rule(R"({"operation":"create","fault":"reset","times":2})"));
  dial.add(rule(R"({"operation":"any","fault":"redirect"})"));
  EXPECT_EQ(dial.next(Operation::get)->rule.fault, Fault::redirect);
  EXPECT_EQ(dial.next(Operation::create)->rule.fault, Fault::reset) << "the first that means it";
  EXPECT_EQ(dial.next(Operation::create)->rule.fault, Fault::reset);
  EXPECT_EQ(dial.next(Operation::create)->rule.fault, Fault::redirect) << "the first is used up";
  EXPECT_FALSE(dial.next(Operation::notification)) << "which is no call of the API";
  EXPECT_NE(dial.json().find(R"("fault":"reset","times":2,"percent":100,"seed":0,"hits":2})"), std::string::npos)
      << dial.json();
  dial.clear();
  EXPECT_FALSE(dial.next(Operation::create));
  EXPECT_EQ(dial.json(), R"({"faults":[]})");
}

std::string hits_of(std::string_view body, int calls) {
  FaultDial dial;
  dial.add(rule(body));
  std::string hits;
  for (int i = 0; i < calls; ++i) hits += dial.next(Operation::get) ? 'x' : '.';
  return hits;
}

TEST(SimulatorFaults, HitsByAChanceThatCanBeRepeated) {
  const std::string_view third = R"({"operation":"get","fault":"reset","percent":30,"seed":1})";
  const std::string hits = hits_of(third, 1000);
  EXPECT_EQ(hits_of(third, 1000), hits);
  EXPECT_NE(hits_of(R"({"operation":"get","fault":"reset","percent":30,"seed":2})", 1000), hits);
  const auto count = std::ranges::count(hits, 'x');
  EXPECT_TRUE(count > 240 && count < 360) << count;
}

TEST(SimulatorFaults, DrawsATimeFromItsRange) {
  FaultDial dial;
  dial.add(rule(R"({"operation":"get","fault":"delay","ms":9,"ms_min":5,"seed":3})"));
  std::vector<bool> drawn(20, false);
  for (int i = 0; i < 200; ++i) drawn[static_cast<std::size_t>(dial.next(Operation::get)->time.count())] = true;
  for (std::size_t ms = 0; ms < drawn.size(); ++ms) EXPECT_EQ(drawn[ms], ms >= 5 && ms <= 9) << ms;
}

TEST(SimulatorFaults, TwistsResourcesAndNothingElse) {
  const std::string_view answer =
      R"({"count":1,"id":"kept","_embedded":{"refunds":[{"resource":"refund","id":"re_a","mode":"test","amount":)"
      R"({"currency":"EUR","value":"5.00"},"metadata":{"refund":"ours","n":1},"_links":{"self":{"href":"x/re_a"}}}]}})";
  struct Case {
    Fault fault;
    std::string_view right, wrong;
  };
  const Case cases[] = {
      {Fault::wrong_amount, R"("value":"5.00")", R"("value":"5.01")"},
      {Fault::wrong_currency, R"("currency":"EUR")", R"("currency":"USD")"},
      {Fault::wrong_id, R"("id":"re_a")", R"("id":"re_1")"},
      {Fault::wrong_mode, R"("mode":"test")", R"("mode":"live")"},
      {Fault::wrong_metadata, R"("refund":"ours")", R"("refund":"our1")"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(fault_names.name(c.fault));
    std::string expected(answer);
    expected.replace(expected.find(c.right), c.right.size(), c.wrong);
    EXPECT_EQ(twisted(answer, c.fault), expected);
  }
  EXPECT_EQ(twisted("no JSON", Fault::wrong_id), "no JSON");
}

}  // namespace
}  // namespace paylink::simulator
