#include "sdk/light_threads.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace venturi::inline sdk::internal {

LightThreads::LightThreads(int most)
    : most_(static_cast<std::size_t>(std::max(most, 1))), processors_(std::max(std::thread::hardware_concurrency(), 1U)) {}

LightThreads::~LightThreads() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    jobs_.clear();
  }
  work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void LightThreads::add(const void* key, std::function<void()> job) {
  const std::lock_guard lock(mutex_);
  jobs_.push_back({key, std::move(job)});
  if (idle_ > 0) {
    work_.notify_one();
  } else if (threads_.size() - waiting_ < processors_) {
    make_thread();
  }
}

bool LightThreads::withdraw(const void* key) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(jobs_.begin(), jobs_.end(), [key](const Job& job) { return job.key == key; });
  if (found == jobs_.end()) return false;
  jobs_.erase(found);
  return true;
}

LightThreads::Waiting::Waiting(LightThreads& threads) : threads_(threads) {
  const std::lock_guard lock(threads_.mutex_);
  ++threads_.waiting_;
  if (!threads_.jobs_.empty() && threads_.idle_ == 0) threads_.make_thread();
}

LightThreads::Waiting::~Waiting() {
  const std::lock_guard lock(threads_.mutex_);
  --threads_.waiting_;
}

bool LightThreads::is_short() {
  const std::lock_guard lock(mutex_);
  return !jobs_.empty() && threads_.size() < most_;
}

void LightThreads::relieve() {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(begun_, false) && !jobs_.empty() && !ending_) make_thread();
}

void LightThreads::make_thread() {
  if (threads_.size() >= most_) return;
  try {
    threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    if (threads_.empty()) throw;  // the jobs wait for those that are there
  }
}

void LightThreads::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    work_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
    --idle_;
    if (jobs_.empty()) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    begun_ = true;
    lock.unlock();
    job.run();
    job = {};  // what it holds goes without the lock
    lock.lock();
  }
}

}  // namespace venturi::inline sdk::internal
