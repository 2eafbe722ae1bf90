// The thread in which pages are made, so that a large one holds neither the API's thread nor the server's loop up. One page at
// a time, in their order.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace venturi::pages {

class RenderThread {
 public:
  RenderThread();
  // Waits for the job under way; the others are dropped.
  ~RenderThread() { stop(); }
  RenderThread(const RenderThread&) = delete;
  RenderThread& operator=(const RenderThread&) = delete;

  // From any thread. A job does not throw. False: no more is taken, there are too many or it has stopped.
  [[nodiscard]] bool run(std::function<void()> job);
  void stop();

 private:
  void work();

  static constexpr std::size_t most_waiting = 256;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stopped_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace venturi::pages
