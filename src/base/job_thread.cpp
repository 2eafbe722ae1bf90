#include "base/job_thread.h"

#include <pthread.h>

#include <csignal>
#include <utility>

namespace venturi {

JobThread::JobThread(EventLoop& loop, void (*first)()) : loop_(loop) {
  // Signals are the loop's thread's.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this, first] {
    if (first != nullptr) first();
    work();
  });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

JobThread::~JobThread() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void JobThread::run(Job job) {
  {
    const std::lock_guard lock(mutex_);
    next_ = std::move(job);
  }
  wake_.notify_one();
}

void JobThread::work() {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stop_ || next_ != nullptr; });
      if (next_ == nullptr) return;
      job = std::exchange(next_, nullptr);
    }
    loop_.post([alive = std::weak_ptr(alive_), then = job()] {
      if (!alive.expired()) then();
    });
  }
}

}  // namespace venturi
