#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "application.hpp"
#include "oracle.hpp"

namespace paylink::faults {

// How it was answered. An answer that says that it is not known what became of the request counts as none.
enum class Told : std::uint8_t { done, refused, unavailable, nothing };

// Takes steps for the application and holds what it is told against what it was told before. Safe from any thread, one
// family at a time.
class Steward {
 public:
  Steward(const Application& application, Violations& violations)
      : application_(application), violations_(violations) {}

  // A family that has nothing but its code; without one it was not told of any. `told` is what was answered.
  Family begin(Client& client, const std::string& session, Told& told) const;

  // Whether the family is as this step needs it.
  static bool is_possible(const Family& family, Step step);
  // One that was left without an answer may be taken again: then either answer is right, and says what it had led to.
  Told take(Client& client, Family& family, Step step) const;

  // Whether the tokens are as good as they should be, when that is known. A node that has lived on may believe for a
  // second in what has ended.
  void check_good(Client& client, const Family& family) const;
  void check_ended(Client& client, const Family& family) const;

 private:
  std::optional<Answer> send(Client& client, const Family& family, Step step) const;
  void note_done(Family& family, Step step, const Answer& answer) const;
  void note_refused(Family& family, Step step, bool is_again) const;
  void check(Client& client, const Family& family, const std::string& token, int status) const;
  void violate(const Family& family, Step step, const std::string& sentence) const;

  const Application& application_;
  Violations& violations_;
};

// For the clients' log: enough to find it again, and nothing that anybody could use.
std::string describe(const Family& family);

}  // namespace paylink::faults
