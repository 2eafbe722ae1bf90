// Watches that nothing blocks a host's loop: whatever runs there without waiting is timed, and what takes longer than the limit
// is counted and told with the name of the try that did it.
#pragma once

#include <boost/asio/execution.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace venturi::operators {

class LoopMonitor {
 public:
  using Clock = std::chrono::steady_clock;
  // `who` is empty where it was the host itself.
  using OnBlocked = std::function<void(const std::string& who, Clock::duration took)>;

  LoopMonitor(Clock::duration limit, OnBlocked on_blocked) : limit_(limit), on_blocked_(std::move(on_blocked)) {}

  // How often the limit was passed, and the longest time.
  [[nodiscard]] std::uint64_t blocked() const { return blocked_; }
  [[nodiscard]] Clock::duration longest() const { return longest_; }

  // Whose name is made only where it is told: thousands lie in memory.
  class Named {
   public:
    Named() = default;
    Named(const Named&) = delete;
    Named& operator=(const Named&) = delete;
    virtual ~Named() = default;
    [[nodiscard]] virtual std::string name() const = 0;
  };
  // Somebody whose running code is timed.
  struct Watched {
    LoopMonitor& monitor;
    std::weak_ptr<const Named> whose;
    std::unique_ptr<const std::string> who;  // of somebody that is not Named
    [[nodiscard]] std::string name() const {
      const auto named = whose.lock();
      if (named != nullptr) return named->name();
      return who == nullptr ? std::string() : *who;
    }
  };

  // One stretch of running code. Of stretches within stretches the inner one is told; the outer goes on from there.
  class Stretch {
   public:
    explicit Stretch(const Watched& who) : who_(who), kept_(who.whose.lock()), since_(Clock::now()) {}
    ~Stretch() { who_.monitor.ended(since_, who_); }
    Stretch(const Stretch&) = delete;
    Stretch& operator=(const Stretch&) = delete;

   private:
    const Watched& who_;
    std::shared_ptr<const Named> kept_;  // it may end within the stretch, and is told all the same
    Clock::time_point since_;
  };

 private:
  void ended(Clock::time_point since, const Watched& who) {
    const auto now = Clock::now();
    const auto took = now - std::max(since, told_);
    if (took <= limit_) return;
    told_ = now;
    ++blocked_;
    longest_ = std::max(longest_, took);
    on_blocked_(who.name(), took);
  }

  Clock::duration limit_, longest_{};
  OnBlocked on_blocked_;
  std::uint64_t blocked_ = 0;
  Clock::time_point told_;
};

// An executor of Asio's that does what `Inner` does and times it. Coroutines that are spawned on it are watched wherever they
// go on, since their completions come back through it. It is copied with each of their waits, thousands of which lie in memory:
// it fits into what any_io_executor holds without an allocation.
template <class Inner>
class MonitoredExecutor {
 public:
  MonitoredExecutor(Inner inner, LoopMonitor& monitor, std::string who)
      : inner_(std::move(inner)),
        watched_(std::make_shared<const LoopMonitor::Watched>(LoopMonitor::Watched{
            .monitor = monitor, .whose = {}, .who = std::make_unique<const std::string>(std::move(who))})) {}
  MonitoredExecutor(Inner inner, LoopMonitor& monitor, std::weak_ptr<const LoopMonitor::Named> whose)
      : inner_(std::move(inner)),
        watched_(std::make_shared<const LoopMonitor::Watched>(
            LoopMonitor::Watched{.monitor = monitor, .whose = std::move(whose), .who = {}})) {}

  template <class Property>
    requires(boost::asio::can_query<const Inner&, Property>::value)
  auto query(const Property& property) const noexcept(boost::asio::is_nothrow_query<const Inner&, Property>::value) ->
      typename boost::asio::query_result<const Inner&, Property>::type {
    return boost::asio::query(inner_, property);
  }
  template <class Property>
    requires(boost::asio::can_require<const Inner&, Property>::value)
  auto require(const Property& property) const noexcept(boost::asio::is_nothrow_require<const Inner&, Property>::value) {
    return rebound(boost::asio::require(inner_, property));
  }
  template <class Property>
    requires(boost::asio::can_prefer<const Inner&, Property>::value)
  auto prefer(const Property& property) const noexcept(boost::asio::is_nothrow_prefer<const Inner&, Property>::value) {
    return rebound(boost::asio::prefer(inner_, property));
  }
  template <class Function>
  void execute(Function&& function) const {
    inner_.execute(Timed<std::decay_t<Function>>{std::forward<Function>(function), watched_});
  }

  friend bool operator==(const MonitoredExecutor& a, const MonitoredExecutor& b) noexcept {
    return a.inner_ == b.inner_ && a.watched_ == b.watched_;
  }
  friend bool operator!=(const MonitoredExecutor& a, const MonitoredExecutor& b) noexcept { return !(a == b); }

 private:
  template <class Other>
  friend class MonitoredExecutor;

  template <class Function>
  struct Timed {
    Function function;
    std::shared_ptr<const LoopMonitor::Watched> watched;
    void operator()() {
      const LoopMonitor::Stretch stretch(*watched);
      std::move(function)();
    }
  };
  MonitoredExecutor(Inner inner, std::shared_ptr<const LoopMonitor::Watched> watched) noexcept
      : inner_(std::move(inner)), watched_(std::move(watched)) {}
  template <class Other>
  [[nodiscard]] auto rebound(Other&& other) const noexcept {
    return MonitoredExecutor<std::decay_t<Other>>(std::forward<Other>(other), watched_);
  }

  Inner inner_;
  std::shared_ptr<const LoopMonitor::Watched> watched_;
};

}  // namespace venturi::operators
