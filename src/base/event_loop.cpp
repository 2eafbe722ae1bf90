// A turn: wait for events, handle them, run what was posted before, run the timers that are due, close the turn.
#include "base/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/errno_error.h"
#include "base/fd.h"

namespace venturi {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr auto longest_delay = std::chrono::hours(24 * 365 * 100);  // so that now + delay does not overflow

}  // namespace

struct EventLoop::State {
  struct Watch {
    int fd;
    std::uint32_t events;
    std::function<void(std::uint32_t)> on_ready;
    bool dropped = false;
  };
  struct Timer {
    SteadyClock::time_point due;
    TimerId id;
    // The heap's front is the earliest; of the same time the one that was asked for first.
    bool operator<(const Timer& other) const { return std::pair(due, id) > std::pair(other.due, other.id); }
  };

  Fd epoll, wake;

  // By descriptor. Watches that were dropped stay alive until the end of the turn: the kernel's answer of this turn may name
  // them, and one of their callbacks may be the one that runs.
  std::vector<std::unique_ptr<Watch>> watches;
  std::vector<std::unique_ptr<Watch>> dropped;
  // An exception may leave run() in the middle of these; the next run() goes on with the others.
  std::array<epoll_event, 256> ready{};
  std::size_t ready_count = 0, ready_next = 0;

  std::vector<Timer> heap;  // with timers that were cancelled and are in `calls` no more
  std::unordered_map<TimerId, std::function<void()>> calls;
  TimerId last_timer = 0;

  std::mutex mutex;
  std::vector<std::function<void()>> posted;  // guarded by mutex
  std::atomic<bool> has_posted = false;
  std::vector<std::function<void()>> running;  // what was posted, from running_next on
  std::size_t running_next = 0;

  std::function<void()> turn_end;
  bool has_only_milliseconds = false;  // the kernel's way of waiting
  std::atomic<bool> stopping = false;

  State() : epoll(::epoll_create1(EPOLL_CLOEXEC)), wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!epoll) throw errno_error("epoll_create1");
    if (!wake) throw errno_error("eventfd");
    epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
    if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) != 0) throw errno_error("epoll_ctl");
  }

  [[nodiscard]] Watch* find(int fd) const {
    return fd >= 0 && static_cast<std::size_t>(fd) < watches.size() ? watches[static_cast<std::size_t>(fd)].get() : nullptr;
  }

  void wake_up() const {
    const std::uint64_t one = 1;
    // EAGAIN: the counter is full of wake-ups that were not read yet.
    if (::write(wake.get(), &one, sizeof one) < 0 && errno != EAGAIN) throw errno_error("write to an eventfd");
  }

  void take_wake_up() const {
    std::uint64_t count = 0;
    if (::read(wake.get(), &count, sizeof count) < 0 && errno != EAGAIN) throw errno_error("read of an eventfd");
  }

  void pop_timer() {
    std::pop_heap(heap.begin(), heap.end());
    heap.pop_back();
  }

  // Cancelled timers are only left in the heap as long as they are not the most of it.
  void clean_heap() {
    if (heap.size() < 64 || heap.size() < 2 * calls.size()) return;
    std::erase_if(heap, [this](const Timer& timer) { return !calls.contains(timer.id); });
    std::make_heap(heap.begin(), heap.end());
  }

  int wait_for_events(const timespec* limit) {
    const int size = static_cast<int>(ready.size());
    if (!has_only_milliseconds) {
      const int n = ::epoll_pwait2(epoll.get(), ready.data(), size, limit, nullptr);
      // A kernel before 5.11, an older container engine, or an emulator.
      if (n >= 0 || (errno != ENOSYS && errno != EPERM)) return n;
      has_only_milliseconds = true;
    }
    constexpr std::int64_t longest = std::numeric_limits<int>::max();
    int milliseconds = -1;
    if (limit != nullptr)  // rounded up: a timer that is not due yet would make the loop spin
      milliseconds =
          static_cast<int>(std::min(std::int64_t{limit->tv_sec} * 1000 + (limit->tv_nsec + 999'999) / 1'000'000, longest));
    return ::epoll_wait(epoll.get(), ready.data(), size, milliseconds);
  }

  void wait() {
    timespec timeout{};
    const timespec* limit = &timeout;
    if (!has_posted && !stopping) {
      while (!heap.empty() && !calls.contains(heap.front().id)) pop_timer();
      if (heap.empty()) {
        limit = nullptr;
      } else if (const auto rest = heap.front().due - SteadyClock::now(); rest > rest.zero()) {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(rest);
        timeout = {.tv_sec = seconds.count(), .tv_nsec = std::chrono::nanoseconds(rest - seconds).count()};
      }
    }
    const int n = wait_for_events(limit);
    if (n < 0 && errno != EINTR) throw errno_error("epoll_wait");
    ready_next = 0;
    ready_count = n > 0 ? static_cast<std::size_t>(n) : 0;
  }

  void handle_events() {
    while (ready_next < ready_count) {
      const epoll_event& event = ready[ready_next++];
      auto* watch = static_cast<Watch*>(event.data.ptr);
      if (watch == nullptr) {
        take_wake_up();
      } else if (!watch->dropped) {
        // rewatch() may have taken away what was ready when the kernel answered.
        const std::uint32_t events = event.events & (watch->events | EPOLLERR | EPOLLHUP);
        if (events != 0) watch->on_ready(events);
      }
    }
  }

  void run_posted() {
    if (running_next == running.size()) {
      running.clear();
      running_next = 0;
      if (!has_posted) return;
      const std::lock_guard lock(mutex);
      running.swap(posted);
      has_posted = false;
    }
    while (running_next < running.size()) {
      const auto call = std::move(running[running_next++]);
      call();
    }
  }

  void run_timers() {
    if (heap.empty()) return;
    const auto now = SteadyClock::now();
    const TimerId known = last_timer;  // those that are set from here on belong to the next turn
    while (!heap.empty() && heap.front().due <= now && heap.front().id <= known) {
      auto call = calls.extract(heap.front().id);
      pop_timer();
      if (call) call.mapped()();
    }
  }

  void drop_watches() {
    while (!dropped.empty()) {
      const auto gone = std::exchange(dropped, {});  // what the callbacks hold may unwatch others as it goes
    }
  }
};

EventLoop::EventLoop() : state_(std::make_unique<State>()) {}

EventLoop::~EventLoop() {
  // What callbacks hold may call unwatch() and cancel() when it goes, so it goes while there is a state.
  auto watches = std::exchange(state_->watches, {});
  auto calls = std::exchange(state_->calls, {});
  auto posted = std::exchange(state_->posted, {});
  auto running = std::exchange(state_->running, {});
  auto turn_end = std::exchange(state_->turn_end, {});
  watches.clear();
  calls.clear();
  posted.clear();
  running.clear();
  turn_end = nullptr;
  state_->drop_watches();
}

void EventLoop::watch(int fd, std::uint32_t events, std::function<void(std::uint32_t)> on_ready) {
  if (state_->find(fd) != nullptr) throw std::logic_error("descriptor " + std::to_string(fd) + " is watched already");
  auto watch = std::make_unique<State::Watch>(State::Watch{fd, events, std::move(on_ready)});
  epoll_event event{.events = events, .data = {.ptr = watch.get()}};
  if (::epoll_ctl(state_->epoll.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    throw errno_error("epoll_ctl add " + std::to_string(fd));
  const auto index = static_cast<std::size_t>(fd);
  if (index >= state_->watches.size()) state_->watches.resize(index + 1);
  state_->watches[index] = std::move(watch);
}

void EventLoop::rewatch(int fd, std::uint32_t events) {
  State::Watch* watch = state_->find(fd);
  if (watch == nullptr) throw std::logic_error("descriptor " + std::to_string(fd) + " is not watched");
  epoll_event event{.events = events, .data = {.ptr = watch}};
  if (::epoll_ctl(state_->epoll.get(), EPOLL_CTL_MOD, fd, &event) != 0)
    throw errno_error("epoll_ctl modify " + std::to_string(fd));
  watch->events = events;
}

void EventLoop::unwatch(int fd) {
  State::Watch* watch = state_->find(fd);
  if (watch == nullptr) return;
  // It can only fail where the descriptor was closed before, against the rule, and then there is nothing to remove.
  epoll_event unused{};
  ::epoll_ctl(state_->epoll.get(), EPOLL_CTL_DEL, fd, &unused);
  watch->dropped = true;
  state_->dropped.push_back(std::move(state_->watches[static_cast<std::size_t>(fd)]));
}

EventLoop::TimerId EventLoop::after(std::chrono::microseconds delay, std::function<void()> call) {
  const auto clamped = std::clamp<std::chrono::microseconds>(delay, std::chrono::microseconds(0), longest_delay);
  const TimerId id = ++state_->last_timer;
  state_->calls.emplace(id, std::move(call));
  state_->heap.push_back({SteadyClock::now() + clamped, id});
  std::push_heap(state_->heap.begin(), state_->heap.end());
  return id;
}

void EventLoop::cancel(TimerId id) {
  const auto call = state_->calls.extract(id);  // goes when the map is in order again
  state_->clean_heap();
}

void EventLoop::post(std::function<void()> call) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->posted.push_back(std::move(call));
    if (state_->has_posted.exchange(true)) return;  // somebody woke the loop already
  }
  state_->wake_up();
}

void EventLoop::at_end_of_turn(std::function<void()> call) {
  state_->turn_end = std::move(call);
}

void EventLoop::run() {
  State& state = *state_;
  while (!state.stopping.exchange(false)) {
    if (state.ready_next == state.ready_count && state.running_next == state.running.size()) {
      state.drop_watches();  // also those of a turn that an exception ended
      state.wait();
    }
    state.handle_events();
    state.run_posted();
    state.run_timers();
    if (state.turn_end) state.turn_end();
    state.drop_watches();
  }
}

void EventLoop::stop() {
  state_->stopping = true;
  state_->wake_up();
}

}  // namespace venturi
