#include "api/slow_reads.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <utility>

namespace venturi::api {

void SlowReads::stop() {
  {
    std::unique_lock lock(mutex_);
    stop_ = true;
    wake_.notify_all();
    // Again and again: what was just about to be read would miss a single one.
    while (is_running_) {
      if (reading_ != nullptr) reading_->interrupt();
      wake_.wait_for(lock, std::chrono::milliseconds(10));
    }
  }
  if (thread_.joinable()) thread_.join();
}

bool SlowReads::add(Job job) {
  const std::scoped_lock lock(mutex_);  // also for the start: stop() waits for the thread that is there then
  if (stop_ || waiting_.size() >= most_waiting) return false;
  if (!thread_.joinable()) {
    // Signals are for the threads that wait for them.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { work(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    is_running_ = true;
  }
  waiting_.push_back(std::move(job));
  wake_.notify_all();
  return true;
}

void SlowReads::work() {
  constexpr int niceness = 10;  // everything else goes before it
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);
  auto lists = open_();
  while (true) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      reading_ = nullptr;
      wake_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
      if (stop_) {
        is_running_ = false;
        wake_.notify_all();
        return;
      }
      job = std::move(waiting_.front());
      waiting_.pop_front();
      if (lists) reading_ = lists->get();
    }
    if (lists)
      job(lists->get());
    else
      job(std::unexpected(lists.error()));
  }
}

}  // namespace venturi::api
