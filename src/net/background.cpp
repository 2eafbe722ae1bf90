#include "net/background.h"

#include <pthread.h>

#include <boost/asio/post.hpp>

#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <thread>

namespace venturi::net::detail {
namespace {

namespace asio = boost::asio;

// So many waits at once; more wait for a thread. Threads are made when they are needed, and stay.
constexpr std::size_t most_for_disks = 16, most_for_names = 64, most_for_remote = 64;

class Pool {
 public:
  explicit Pool(std::size_t most_threads) : most_threads_(most_threads) {}

  void run(std::function<void()> job) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    // Of the idle ones some have jobs coming already.
    if (idle_ >= jobs_.size()) {
      wake_.notify_one();
    } else if (threads_ < most_threads_) {
      start();
    }
  }

 private:
  void start() {
    // Signals are the loop's thread's.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread([this] { work(); }).detach();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ++threads_;
  }
  [[noreturn]] void work() {
    for (;;) {
      std::function<void()> job;
      {
        std::unique_lock lock(mutex_);
        ++idle_;
        wake_.wait(lock, [this] { return !jobs_.empty(); });
        --idle_;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      job();
    }
  }

  const std::size_t most_threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  std::size_t idle_ = 0, threads_ = 0;
};

// Never destroyed: a thread that hangs at a dead disk must not keep the process from ending.
Pool& pool_of(BackgroundPool which) {
  static auto* const disks = new Pool(most_for_disks);
  static auto* const names = new Pool(most_for_names);
  static auto* const remote = new Pool(most_for_remote);
  switch (which) {
    case BackgroundPool::names:
      return *names;
    case BackgroundPool::remote:
      return *remote;
    default:
      return *disks;
  }
}

}  // namespace

class LoopMail {
 public:
  void deliver(const asio::any_io_executor& executor, std::function<void()> what) {
    const std::lock_guard lock(mutex_);
    if (open_) asio::post(executor, std::move(what));
  }
  void close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
  }

 private:
  std::mutex mutex_;
  bool open_ = true;
};

namespace {

// One for each loop: closed before the loop goes.
class LoopMailService : public asio::execution_context::service {
 public:
  static inline asio::execution_context::id id;
  explicit LoopMailService(asio::execution_context& context) : asio::execution_context::service(context) {}
  const std::shared_ptr<LoopMail> mail = std::make_shared<LoopMail>();

 private:
  void shutdown() noexcept override { mail->close(); }
};

}  // namespace

std::shared_ptr<LoopMail> mail_of(const asio::any_io_executor& executor) {
  return asio::use_service<LoopMailService>(asio::query(executor, asio::execution::context)).mail;
}

void run_in_background(std::shared_ptr<LoopMail> mail, asio::any_io_executor executor, std::function<void()> work,
                       std::function<void()> then, BackgroundPool pool) {
  pool_of(pool).run(
      [mail = std::move(mail), executor = std::move(executor), work = std::move(work), then = std::move(then)]() mutable {
        work();
        // The thread lets go of all that it used before the loop hears of it.
        work = nullptr;
        mail->deliver(executor, std::move(then));
      });
}

}  // namespace venturi::net::detail
