// A thread for pages that take long: millions of task instances that have to be looked at one by one. Others are answered
// meanwhile, and so is the server's loop; one is read at a time.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "base/result.h"
#include "store/lists.h"

namespace venturi::api {

class SlowReads {
 public:
  using Open = std::function<Result<std::unique_ptr<store::Lists>>()>;
  using Job = std::function<void(Result<store::Lists*>)>;

  // The thread, and its connection, are there from the first job on.
  explicit SlowReads(Open open) : open_(std::move(open)) {}
  ~SlowReads() { stop(); }
  SlowReads(const SlowReads&) = delete;
  SlowReads& operator=(const SlowReads&) = delete;

  // False: too many wait already, or it has stopped.
  [[nodiscard]] bool add(Job job);
  // From any thread: cuts off what is being read, and waits for the thread.
  void stop();

 private:
  void work();

  static constexpr std::size_t most_waiting = 64;

  Open open_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> waiting_;
  store::Lists* reading_ = nullptr;
  bool stop_ = false, is_running_ = false;
  std::thread thread_;
};

}  // namespace venturi::api
