// One thread, one epoll: descriptors, timers, and calls posted from other threads. Server, supervisor and keeper run on it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace venturi {

class EventLoop {
 public:
  using TimerId = std::uint64_t;

  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // `events` are EPOLLIN, EPOLLOUT, EPOLLET...; the callback gets those that are ready. The caller keeps owning fd and calls
  // unwatch() before closing it; doing so inside any callback is safe, a pending event for it is dropped.
  void watch(int fd, std::uint32_t events, std::function<void(std::uint32_t)> on_ready);
  void rewatch(int fd, std::uint32_t events);
  void unwatch(int fd);

  // One shot, on the steady clock. A loop without timers or events sleeps without waking.
  TimerId after(std::chrono::microseconds delay, std::function<void()> call);
  void cancel(TimerId id);

  // From any thread: runs `call` in the loop's thread soon.
  void post(std::function<void()> call);
  // Runs once after all events of the present wake-up were handled: where a batch is closed. Set once by the owner.
  void at_end_of_turn(std::function<void()> call);

  // Returns after stop(). An exception from a callback leaves through run().
  void run();
  void stop();  // from any thread

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace venturi
