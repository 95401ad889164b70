#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace paylink::simulator {

// What a server does not do of itself: waits before it goes on, and treats a connection that was given away badly. On a
// thread of its own. Safe from any thread.
class Wire {
 public:
  Wire();
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // `step` runs on the own thread when so much time has passed, or at once when this is stopping.
  void later(std::chrono::milliseconds time, std::function<void()> step);
  // A byte at a time; without any it is silent until the peer has gone (or five minutes have). Closes `socket`.
  void drip(int socket, std::string bytes, std::chrono::milliseconds pause);
  void say_nothing(int socket) { drip(socket, {}, {}); }
  // Sends, and cuts the connection off. Closes `socket`.
  static void reset(int socket, std::string_view bytes);

  // What waits goes on now, and whoever is treated badly is left alone. Nothing happens afterwards but at once.
  void stop();

 private:
  using Moment = std::chrono::steady_clock::time_point;
  struct Step {
    Moment due;
    std::function<void()> run;
  };
  struct Victim {
    int socket;
    std::string bytes;
    std::chrono::milliseconds pause;
    Moment due;  // of the next byte
    Moment end;
    std::size_t sent = 0;
  };

  void run();
  void wait(std::unique_lock<std::mutex>& lock);
  std::vector<Step> take_due(Moment now);
  void treat_victims(Moment now);
  static bool is_over(Victim& victim, Moment now);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_stopping_ = false;
  std::vector<Step> steps_;
  std::vector<Victim> victims_;
  std::thread thread_;
};

}  // namespace paylink::simulator
