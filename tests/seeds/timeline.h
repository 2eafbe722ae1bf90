// The virtual clock and what is to happen on it. Waiting goes by the steady clock; the clock on the wall may be set meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "base/time.h"

namespace venturi::seeds {

class Timeline {
 public:
  using Call = std::function<void()>;
  // Of a process: what it was waiting for ends with it.
  using Life = std::shared_ptr<const int>;

  explicit Timeline(Time start) : start_(start) {}

  [[nodiscard]] Duration now() const { return now_; }
  [[nodiscard]] Time wall() const { return start_ + now_ + set_by_; }
  void set_wall(Duration by) { set_by_ += by; }

  // At the same time in the order in which they were asked for.
  void after(Duration delay, const Life& life, Call call) {
    events_.push(std::make_shared<Event>(now_ + delay, next_++, std::weak_ptr(life), std::move(call)));
  }
  [[nodiscard]] std::optional<Duration> next() {
    forget_dead();
    return events_.empty() ? std::nullopt : std::optional(events_.top()->at);
  }
  // The next event, with the clock at its time.
  [[nodiscard]] Call take() {
    forget_dead();
    const std::shared_ptr<Event> event = events_.top();
    events_.pop();
    now_ = event->at;
    return std::move(event->call);
  }

 private:
  struct Event {
    Duration at;
    std::uint64_t number;
    std::weak_ptr<const int> life;
    Call call;
  };
  struct Later {
    bool operator()(const std::shared_ptr<Event>& a, const std::shared_ptr<Event>& b) const {
      return a->at != b->at ? a->at > b->at : a->number > b->number;
    }
  };
  void forget_dead() {
    while (!events_.empty() && events_.top()->life.expired()) events_.pop();
  }

  Time start_;
  Duration now_{}, set_by_{};
  std::uint64_t next_ = 0;
  std::priority_queue<std::shared_ptr<Event>, std::vector<std::shared_ptr<Event>>, Later> events_;
};

}  // namespace venturi::seeds
