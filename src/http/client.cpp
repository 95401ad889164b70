#include "http/client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <coroutine>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <utility>

#include "base/ascii.hpp"
#include "base/ensure.hpp"
#include "base/thread_name.hpp"

namespace paylink::http {
namespace {

constexpr std::size_t head_bytes_max = 64 * 1024;
constexpr std::size_t handles_kept = 32;
constexpr long connection_age_max_s = 30;  // an older idle one may be closing on the other side just now
constexpr int poll_ms = 1'000;             // new requests wake the poll
// How late a call may hear that its time is over while it waits for a connection: curl keeps the time of the others
// only.
constexpr int overdue_poll_ms = 50;

struct EasyDeleter {
  void operator()(CURL* easy) const { ::curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
struct MultiDeleter {
  void operator()(CURLM* multi) const { ::curl_multi_cleanup(multi); }
};
using Multi = std::unique_ptr<CURLM, MultiDeleter>;
struct ListDeleter {
  void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListDeleter>;

// One exchange; lives in the frame of the coroutine that waits for it.
struct Call {
  ClientRequest request;
  ClientResponse response;
  std::size_t head_bytes = 0;
  Easy easy;
  List fields;
  char problem[CURL_ERROR_SIZE] = "";
  std::optional<Error> error;
  std::coroutine_handle<> waiting;
  std::chrono::steady_clock::time_point deadline;
};

struct Sleeper {
  std::chrono::steady_clock::time_point until;
  std::coroutine_handle<> waiting;
};

// curl takes a short count as "stop", and fails the transfer.
std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* user) {
  Call& call = *static_cast<Call*>(user);
  if (size > call.request.answer_bytes_max - call.response.body.size()) return 0;
  call.response.body.append(bytes, size);
  return size;
}

std::size_t on_field(char* bytes, std::size_t, std::size_t size, void* user) {
  Call& call = *static_cast<Call*>(user);
  call.head_bytes += size;
  if (call.head_bytes > head_bytes_max) return 0;
  const std::string_view line(bytes, size);
  ClientResponse& response = call.response;
  if (line.starts_with("HTTP/")) response.content_type = response.location = response.retry_after = {};  // after a 1xx
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  const std::string_view name = line.substr(0, colon), value = trimmed(line.substr(colon + 1), " \t\r\n");
  if (equal_ignoring_case(name, "Content-Type")) response.content_type = value;
  if (equal_ignoring_case(name, "Location")) response.location = value;
  if (equal_ignoring_case(name, "Retry-After")) response.retry_after = value;
  return size;
}

Error explain(CURL* easy, CURLcode code, const char* problem) {
  curl_off_t sending_after_us = 0;
  ::curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &sending_after_us);
  std::string detail = ::curl_easy_strerror(code);
  if (*problem != '\0') detail.append(": ").append(problem);
  if (sending_after_us == 0)
    return {ErrorCode::unavailable, "connect_failed", "The other side could not be reached.", std::move(detail), {}};
  if (code == CURLE_OPERATION_TIMEDOUT)
    return {ErrorCode::unavailable, "timed_out", "The other side did not answer in time.", std::move(detail), {}};
  return {ErrorCode::unavailable, "broken_answer", "The other side's answer broke off.", std::move(detail), {}};
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  ENSURE(::curl_easy_setopt(easy, option, value) == CURLE_OK);
}

void add_field(List& list, const std::string& line) {
  curl_slist* const longer = ::curl_slist_append(list.get(), line.c_str());
  ENSURE(longer != nullptr);
  [[maybe_unused]] auto* const same = list.release();
  list.reset(longer);
}

List list_fields(const ClientRequest& request) {
  const auto is_printable = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; };
  List list;
  bool has_type = false;
  for (const auto& [name, value] : request.fields) {
    ENSURE(std::ranges::all_of(name, is_printable) && std::ranges::all_of(value, is_printable));
    has_type = has_type || equal_ignoring_case(name, "Content-Type");
    add_field(list, value.empty() ? name + ";" : name + ": " + value);
  }
  // Neither what curl would say about a body by itself, nor a wait for 100 Continue.
  if (!has_type) add_field(list, "Content-Type:");
  add_field(list, "Expect:");
  return list;
}

void set_method(CURL* easy, const ClientRequest& request) {
  if (request.method == "HEAD") return set(easy, CURLOPT_NOBODY, 1L);
  if (request.method == "GET" && request.body.empty()) return set(easy, CURLOPT_HTTPGET, 1L);
  if (!request.body.empty() || request.method == "POST") {
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void prepare(Call& call, std::chrono::milliseconds connect_time) {
  CURL* const easy = call.easy.get();
  call.fields = list_fields(call.request);
  set(easy, CURLOPT_URL, call.request.url.c_str());
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_PROXY, "");
  set(easy, CURLOPT_NOSIGNAL, 1L);
  // Names are resolved on threads of curl's, for which it would wait when a call's time is over; all others with it.
  set(easy, CURLOPT_QUICK_EXIT, 1L);
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_HTTP09_ALLOWED, 0L);
  set(easy, CURLOPT_USERAGENT, "paylink");
  set(easy, CURLOPT_MAXAGE_CONN, connection_age_max_s);
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect_time.count()));
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(call.request.timeout.count(), 1)));
  set(easy, CURLOPT_ERRORBUFFER, call.problem);
  set(easy, CURLOPT_HTTPHEADER, call.fields.get());
  set(easy, CURLOPT_WRITEFUNCTION, on_body);
  set(easy, CURLOPT_WRITEDATA, &call);
  set(easy, CURLOPT_HEADERFUNCTION, on_field);
  set(easy, CURLOPT_HEADERDATA, &call);
  set(easy, CURLOPT_PRIVATE, &call);
  set_method(easy, call.request);
}

Error overloaded() {
  return {ErrorCode::unavailable, "overloaded", "Too many requests are waiting to be sent.", {}, {}};
}
Error stopped() { return {ErrorCode::unavailable, "broken_answer", "The program is stopping.", {}, {}}; }

class CurlClient final : public Client {
 public:
  CurlClient(Multi multi, const ClientLimits& limits)
      : limits_(limits), multi_(std::move(multi)), thread_([this] {
          name_thread("http client");
          run();
        }) {}

  ~CurlClient() override { stop(); }

  void stop() override {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    ::curl_multi_wakeup(multi_.get());
    if (thread_.joinable()) thread_.join();
  }

  Task<Result<ClientResponse>> send(ClientRequest request) override {
    Call call;
    call.request = std::move(request);
    co_await Submission{*this, call};
    if (call.error) co_return Failure{*std::move(call.error)};
    co_return std::move(call.response);
  }

  Task<void> wait(std::chrono::milliseconds time) override { co_await Sleep{*this, time}; }

 private:
  struct Submission {
    CurlClient& client;
    Call& call;

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) {
      call.waiting = waiting;
      return client.submit(call);
    }
    void await_resume() const noexcept {}
  };

  struct Sleep {
    CurlClient& client;
    std::chrono::milliseconds time;

    bool await_ready() const noexcept { return time <= time.zero(); }
    bool await_suspend(std::coroutine_handle<> waiting) {
      return client.lay_down({std::chrono::steady_clock::now() + time, waiting});
    }
    void await_resume() const noexcept {}
  };

  // False: the client is stopping, and nobody sleeps.
  bool lay_down(Sleeper sleeper) {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return false;
    asleep_.push_back(sleeper);
    ::curl_multi_wakeup(multi_.get());
    return true;
  }

  // False: the client is stopping or full, and the call has failed already. Once it is true the call may be over.
  bool submit(Call& call) {
    const std::lock_guard lock(mutex_);
    if (is_stopping_ || calls_ >= limits_.calls) {
      call.error = is_stopping_ ? stopped() : overloaded();
      return false;
    }
    ++calls_;
    call.deadline = std::chrono::steady_clock::now() + call.request.timeout;
    submitted_.push_back(&call);
    if (submitted_.size() == 1) ::curl_multi_wakeup(multi_.get());
    return true;
  }

  void run() {
    while (begin_submitted()) {
      int under_way = 0;
      ::curl_multi_perform(multi_.get(), &under_way);
      collect_finished();
      fail_overdue();
      const int at_most = until_next_waking(under_way_.empty() ? poll_ms : overdue_poll_ms);
      const bool has_woken = wake_sleepers(std::chrono::steady_clock::now());
      if (!resume_finished() && !has_woken) ::curl_multi_poll(multi_.get(), nullptr, 0, at_most, nullptr);
    }
    fail_all();
    wake_sleepers(std::chrono::steady_clock::time_point::max());
  }

  int until_next_waking(int at_most_ms) {
    const std::lock_guard lock(mutex_);
    const auto first = std::ranges::min_element(asleep_, {}, &Sleeper::until);
    if (first == asleep_.end()) return at_most_ms;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(first->until - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, at_most_ms));
  }

  // Those whose time is over at `now`. True: there were some.
  bool wake_sleepers(std::chrono::steady_clock::time_point now) {
    std::vector<Sleeper> rested;
    {
      const std::lock_guard lock(mutex_);
      const auto due = std::ranges::partition(asleep_, [now](const Sleeper& s) { return s.until > now; });
      rested.assign(due.begin(), due.end());
      asleep_.erase(due.begin(), due.end());
    }
    for (const Sleeper& sleeper : rested) sleeper.waiting.resume();
    return !rested.empty();
  }

  // False: stop.
  bool begin_submitted() {
    std::vector<Call*> submitted;
    bool is_stopping = false;
    {
      const std::lock_guard lock(mutex_);
      submitted.swap(submitted_);
      is_stopping = is_stopping_;
    }
    for (Call* call : submitted) begin(*call);
    return !is_stopping;
  }

  void begin(Call& call) {
    call.easy = handle();
    try {
      prepare(call, limits_.connect_time);
    } catch (const BrokenInvariant& broken) {
      // A field that would break the head: nothing is sent, and the caller learns why.
      call.error = Error{ErrorCode::internal, "internal", "The request could not be made.", broken.what(), {}};
      finished_.push_back(&call);
      return;
    }
    under_way_.insert(&call);
    ENSURE(::curl_multi_add_handle(multi_.get(), call.easy.get()) == CURLM_OK);
  }

  Easy handle() {
    if (handles_.empty()) return Easy(::curl_easy_init());
    Easy easy = std::move(handles_.back());
    handles_.pop_back();
    return easy;
  }

  void collect_finished() {
    int more = 0;
    while (const CURLMsg* message = ::curl_multi_info_read(multi_.get(), &more)) {
      if (message->msg != CURLMSG_DONE) continue;
      Call* call = nullptr;
      ::curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
      const CURLcode code = message->data.result;  // `message` is gone with the handle
      long status = 0;
      ::curl_easy_getinfo(call->easy.get(), CURLINFO_RESPONSE_CODE, &status);
      call->response.status = static_cast<int>(status);
      if (code != CURLE_OK) call->error = explain(call->easy.get(), code, call->problem);
      detach(*call);
      finished_.push_back(call);
    }
  }

  void fail_overdue() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_look_) return;
    next_look_ = now + std::chrono::milliseconds(overdue_poll_ms);
    for (auto at = under_way_.begin(); at != under_way_.end();) {
      Call& call = **at++;
      if (now < call.deadline) continue;
      call.error = explain(call.easy.get(), CURLE_OPERATION_TIMEDOUT, call.problem);
      detach(call);
      finished_.push_back(&call);
    }
  }

  void detach(Call& call) {
    under_way_.erase(&call);
    ::curl_multi_remove_handle(multi_.get(), call.easy.get());
    ::curl_easy_reset(call.easy.get());
    if (handles_.size() < handles_kept) handles_.push_back(std::move(call.easy));
  }

  // A call is gone once its coroutine runs on. True: there were some, and they may have submitted others.
  bool resume_finished() {
    const auto finished = std::exchange(finished_, {});
    {
      const std::lock_guard lock(mutex_);
      calls_ -= finished.size();
    }
    for (Call* call : finished) call->waiting.resume();
    return !finished.empty();
  }

  void fail_all() {
    while (!under_way_.empty()) {
      Call* const call = *under_way_.begin();
      call->error = stopped();
      detach(*call);
      finished_.push_back(call);
    }
    resume_finished();
  }

  const ClientLimits limits_;
  Multi multi_;
  std::mutex mutex_;
  std::vector<Call*> submitted_;
  std::size_t calls_ = 0;  // submitted and not finished
  std::vector<Sleeper> asleep_;
  bool is_stopping_ = false;
  // Only the thread touches these.
  std::vector<Easy> handles_;
  std::unordered_set<Call*> under_way_;
  std::chrono::steady_clock::time_point next_look_;
  std::vector<Call*> finished_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Client> Client::create(const ClientLimits& limits) {
  static const CURLcode initialized = ::curl_global_init(CURL_GLOBAL_DEFAULT);
  ENSURE(initialized == CURLE_OK);
  Multi multi(::curl_multi_init());
  ENSURE(multi != nullptr);
  ::curl_multi_setopt(multi.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, limits.connections);
  ::curl_multi_setopt(multi.get(), CURLMOPT_MAX_HOST_CONNECTIONS, limits.connections_to_host);
  return std::make_unique<CurlClient>(std::move(multi), limits);
}

}  // namespace paylink::http
