#pragma once

#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/organization.hpp"
#include "sql/transaction.hpp"

namespace paylink::app {

inline sql::Tenant tenant_of(OrganizationId organization) { return sql::Tenant::organization(organization.uuid()); }

// One piece of work for a lane. It lives in whoever waits for it until `done` has been called.
class Work {
 public:
  // Whose rows it may see, the same each time; asked before it runs.
  virtual sql::Tenant tenant() const = 0;
  // Inside the transaction, on the lane's thread. A failure takes back what this work alone has changed. May run again:
  // when the engine throws a batch away, its members are run one by one.
  virtual Result<> run(sql::Transaction& tx) = 0;
  // Exactly once, after the commit (with what `run` returned) or with the reason why there was none. The work may be
  // gone when it returns.
  virtual void done(Result<> outcome) noexcept = 0;

 protected:
  ~Work() = default;
};

// Where transactions happen: the only way a flow or a worker reaches the database.
class Lane {
 public:
  virtual ~Lane() = default;

  // Never blocks: beyond its bound the queue answers `unavailable` (`overloaded`) at once.
  virtual void submit_write(Work& work) noexcept = 0;
  virtual void submit_read(Work& work) noexcept = 0;
  // A read that may take more than a millisecond. Where reads run on the thread that asks, these do not.
  virtual void submit_slow_read(Work& work) noexcept { submit_read(work); }

  // Between these two, on one thread, reads may share a snapshot as long as nothing is committed: a thread that serves
  // many requests in a row saves taking one for each. It must let go soon: a held snapshot holds up the tidying of the
  // log of writes.
  virtual void hold_reads() noexcept {}
  virtual void release_reads() noexcept {}

  // `step(tx)` in a transaction, resumed after its commit.
  template <class Step>
  auto write(const sql::Tenant& tenant, Step step) {
    return Waiter<Step, true>(*this, tenant, std::move(step));
  }
  template <class Step>
  auto write(OrganizationId organization, Step step) {
    return write(tenant_of(organization), std::move(step));
  }
  // `step(tx)` on a snapshot that sees every answered write.
  template <class Step>
  auto read(const sql::Tenant& tenant, Step step) {
    return Waiter<Step, false>(*this, tenant, std::move(step));
  }
  template <class Step>
  auto read(OrganizationId organization, Step step) {
    return read(tenant_of(organization), std::move(step));
  }

 private:
  template <class Step, bool writes>
  class Waiter final : public Work {
   public:
    using Reply = std::invoke_result_t<Step&, sql::Transaction&>;

    Waiter(Lane& lane, const sql::Tenant& tenant, Step step) : lane_(lane), tenant_(tenant), step_(std::move(step)) {}

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) noexcept {
      waiting_ = waiting;
      if constexpr (writes)
        lane_.submit_write(*this);
      else
        lane_.submit_read(*this);
    }
    Reply await_resume() { return *std::move(reply_); }

    sql::Tenant tenant() const override { return tenant_; }
    Result<> run(sql::Transaction& tx) override {
      reply_.emplace(step_(tx));
      if (!*reply_) return Failure{reply_->error()};
      return {};
    }
    void done(Result<> outcome) noexcept override {
      if (!outcome) reply_.emplace(std::move(outcome).failure());
      waiting_.resume();
    }

   private:
    Lane& lane_;
    sql::Tenant tenant_;
    Step step_;
    std::optional<Reply> reply_;
    std::coroutine_handle<> waiting_;
  };
};

}  // namespace paylink::app
