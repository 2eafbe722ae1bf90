// The threads of a light process. As many run at once as there are processors; a thread more is made for one that waits for the
// server, and, one at a time, where those that run do not come to an end: they may wait for something else.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace venturi::inline sdk::internal {

class LightThreads {
 public:
  // At most so many, at least 1.
  explicit LightThreads(int most);
  // Waits for those that run.
  ~LightThreads();
  LightThreads(const LightThreads&) = delete;
  LightThreads& operator=(const LightThreads&) = delete;

  // Runs `job` as soon as a thread is free, in the order in which they came. What it throws ends the process. `key` is for
  // withdraw().
  void add(const void* key, std::function<void()> job);
  // True where it had not begun, and never will.
  bool withdraw(const void* key);

  // While one lives, the thread that made it waits for something that needs no processor.
  class Waiting {
   public:
    explicit Waiting(LightThreads& threads);
    ~Waiting();
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

   private:
    LightThreads& threads_;
  };

  // Whether a job waits that a thread more could run.
  [[nodiscard]] bool is_short();
  // To be called when that has been so for a while: makes a thread, unless a job was begun since the last call.
  void relieve();

 private:
  struct Job {
    const void* key;
    std::function<void()> run;
  };
  void make_thread();  // with the lock
  void work();

  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Job> jobs_;
  std::vector<std::thread> threads_;
  std::size_t most_, processors_, idle_ = 0, waiting_ = 0;
  bool begun_ = false, ending_ = false;
};

}  // namespace venturi::inline sdk::internal
