// A thread beside a loop, for what blocks: fsync, commits. It does one job at a time.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "base/event_loop.h"

namespace venturi {

class JobThread {
 public:
  // What a job leaves to be done in the loop's thread.
  using Then = std::function<void()>;
  using Job = std::function<Then()>;

  // `first`, where there is one, is called by the thread before its first job.
  explicit JobThread(EventLoop& loop, void (*first)() = nullptr);
  // Waits for the job under way. What it leaves to be done is not done any more.
  ~JobThread();
  JobThread(const JobThread&) = delete;
  JobThread& operator=(const JobThread&) = delete;

  // From the loop's thread, only while no job is under way; one whose `Then` is running is over. A job does not throw.
  void run(Job job);

 private:
  void work();

  EventLoop& loop_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::mutex mutex_;
  std::condition_variable wake_;
  Job next_;
  bool stop_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace venturi
