#include "server/commit_queue.h"

#include <pthread.h>

#include <csignal>

#include "base/kill_point.h"

namespace venturi::server {

CommitQueue::CommitQueue(EventLoop& loop, store::Store& store, OnDone on_done)
    : loop_(loop), store_(store), on_done_(std::move(on_done)) {
  // Signals are the loop's thread's.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

CommitQueue::~CommitQueue() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void CommitQueue::commit(const store::Batch& batch) {
  busy_ = true;
  {
    const std::lock_guard lock(mutex_);
    next_ = &batch;
  }
  wake_.notify_one();
}

void CommitQueue::run() {
  for (;;) {
    const store::Batch* batch = nullptr;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stop_ || next_ != nullptr; });
      if (next_ == nullptr) return;
      batch = std::exchange(next_, nullptr);
    }
    kill_point("server.before_commit");
    Result<void> done = store_.commit(*batch);
    if (done) kill_point("server.after_commit");
    loop_.post([alive = std::weak_ptr(alive_), done = std::move(done)] {
      const auto self = alive.lock();
      if (!self) return;
      (*self)->busy_ = false;
      (*self)->on_done_(done);
    });
  }
}

}  // namespace venturi::server
