#include "operators/sensor.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>

#include <fmt/format.h>

#include "base/sensor_wait.h"
#include "base/time.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "operators/outcome_of.h"
#include "operators/registry.h"

namespace venturi::operators {
namespace {

namespace asio = boost::asio;

Time now() {
  return SystemClock().now();
}

double seconds_of(const Arguments& arguments, std::string_view name, double otherwise) {
  const double seconds = arguments.number(name, otherwise);
  if (!(seconds >= 0)) throw TaskFailedForGood(fmt::format("the argument {} must be a non-negative number of seconds", name));
  return seconds;
}

// "2026-01-02 03:04:05.123456+00:00": str() of a datetime in UTC.
std::string python_text(Time time) {
  std::string text = format_time_offset(time);
  std::ranges::replace(text, 'T', ' ');
  return text;
}

// Airflow's ...Async names are for the same.
bool is_deferrable(const OperatorTry& t, const Arguments& arguments) {
  return arguments.boolean("deferrable", false) || t.op.get_string("task_type").ends_with("Async");
}

class Sensor {
 public:
  Sensor(OperatorTry& t, const OperatorEntry& entry, Arguments arguments)
      : t_(t),
        entry_(entry),
        arguments_(std::move(arguments)),
        soft_fail_(arguments_.boolean("soft_fail", false)),
        never_fail_(arguments_.boolean("never_fail", false)),
        silent_fail_(arguments_.boolean("silent_fail", false)) {
    times_.poke_interval = seconds_of(arguments_, "poke_interval", times_.poke_interval);
    times_.timeout = seconds_of(arguments_, "timeout", times_.timeout);
    times_.exponential_backoff = arguments_.boolean("exponential_backoff", false);
    if (arguments_.find("max_wait") != nullptr) times_.max_wait = seconds_of(arguments_, "max_wait", 0);
    const std::string mode = arguments_.string("mode", "poke");
    if (mode != "poke" && mode != "reschedule")
      throw TaskFailedForGood(fmt::format("the argument mode must be poke or reschedule, not '{}'", mode));
    deferrable_ = is_deferrable(t_, arguments_);
    if (deferrable_) start_ = t_.facts.start_date.value_or(start_);  // over several starts where its host is lost
    times_.reschedule = mode == "reschedule" && !deferrable_;
    if (soft_fail_ && never_fail_)
      throw TaskFailedForGood("soft_fail and never_fail are mutually exclusive, you can not provide both.");
  }

  // A sensor that waits is this one frame beside its poke's: thousands lie in memory.
  static asio::awaitable<Value> run(Sensor sensor) {
    if (sensor.was_rescheduled()) co_await sensor.find_start();
    for (;;) {
      sensor.held_ = sensor.t_.memory.used();
      try {
        sensor.poked_ = co_await sensor.poke();
      } catch (...) {
        sensor.failed_ = std::current_exception();
      }
      if (sensor.is_done()) co_return std::move(sensor.poked_.xcom);
      co_await sleep(sensor.next_wait());
    }
  }

 private:
  asio::awaitable<Poke> poke() {
    auto poking = entry_.poke(t_, arguments_);
    if (deferrable_ && entry_.waits_it_out) arguments_.forget();
    return poking;
  }
  // After a poke. Throws where its failure ends the sensor. What it and next_wait() need shall not lie in the frame that waits.
  [[gnu::noinline]] bool is_done() {
    ++count_;
    if (failed_) judge(std::exchange(failed_, nullptr));
    if (poked_.is_done) t_.log.info("Success criteria met. Exiting.");
    t_.memory.release(poked_.is_done ? 0 : t_.memory.used() - held_);  // a sensor may poke a million times
    if (!poked_.is_done && deferrable_) t_.defer_in_place(entry_.trigger);
    return poked_.is_done;
  }
  [[nodiscard]] bool was_rescheduled() const { return times_.reschedule && t_.facts.task_reschedule_count > 0; }
  asio::awaitable<void> find_start() {
    const Value answer = co_await t_.host.ask(get_reschedule_start(t_.facts));
    if (const auto first = parse_time(answer.get_string("start_date"))) start_ = *first;
  }
  // By what the intervals of an exponential backoff are spread.
  [[nodiscard]] std::string started_at() const {
    return times_.reschedule ? python_text(start_) : fmt::format("{}", began_.time_since_epoch().count());
  }

  // In mode poke a clock that nobody sets; over several starts only the wall clock goes on.
  [[nodiscard]] double run_duration() const {
    if (times_.reschedule || deferrable_) return to_seconds(now() - start_);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  }

  // Seconds. Throws where it shall not wait: time-out, mode reschedule.
  [[nodiscard, gnu::noinline]] double next_wait() const {
    const double duration = run_duration();
    if (duration > times_.timeout) time_out(duration);
    const double wait =
        next_poke_interval(times_, t_.facts.run->dag_id + "#" + t_.facts.task_id, started_at(), duration, count_);
    if (times_.exponential_backoff)
      t_.log.info(fmt::format("new {} interval is {}", times_.reschedule ? "reschedule" : "poke", wait));
    if (times_.reschedule) throw TaskRescheduled(now() + from_seconds(std::min(wait, 1e9)));
    return wait;
  }

  // Throws, or returns where the failure counts as "not yet".
  void judge(const std::exception_ptr& failed) const {
    using Kind = Outcome::Kind;
    const Outcome outcome = outcome_of(failed);
    if (outcome.kind == Kind::failed_for_good || outcome.kind == Kind::failed) {
      const bool for_good = outcome.kind == Kind::failed_for_good;
      if (!for_good && silent_fail_) {
        t_.log.error("Sensor poke failed: " + outcome.error);
        return;
      }
      if ((for_good && soft_fail_) || never_fail_) {
        t_.log.error(outcome.error);
        throw TaskSkipped(
            fmt::format("Skipping due to {} is set to True.", for_good && soft_fail_ ? "soft_fail" : "never_fail"));
      }
    }
    std::rethrow_exception(failed);
  }

  [[noreturn]] void time_out(double duration) const {
    const std::string message = fmt::format(
        "Sensor has timed out; run duration of {} seconds exceeds the specified timeout of {}.", duration, times_.timeout);
    if (soft_fail_) throw TaskSkipped(message);
    throw TaskFailedForGood(message);  // AirflowSensorTimeout: spends no retry
  }

  static asio::awaitable<void> sleep(double seconds) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    timer.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        std::chrono::duration<double>(std::clamp(seconds, 0.0, 1e9))));
    co_await timer.async_wait(asio::use_awaitable);
  }

  OperatorTry& t_;
  const OperatorEntry& entry_;
  Arguments arguments_;
  SensorTimes times_;
  bool soft_fail_, never_fail_, silent_fail_, deferrable_ = false;
  Poke poked_;
  std::exception_ptr failed_;
  std::size_t held_ = 0;
  int count_ = 0;
  Time start_ = now();
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace

const std::vector<Argument>& sensor_arguments() {
  static const std::vector<Argument> arguments{
      {"deferrable", ArgumentType::boolean},  {"poke_interval", ArgumentType::number},
      {"timeout", ArgumentType::number},      {"mode", ArgumentType::string},
      {"soft_fail", ArgumentType::boolean},   {"never_fail", ArgumentType::boolean},
      {"silent_fail", ArgumentType::boolean}, {"exponential_backoff", ArgumentType::boolean},
      {"max_wait", ArgumentType::number}};
  return arguments;
}

asio::awaitable<Value> run_sensor(OperatorTry& t, const OperatorEntry& entry, Arguments arguments) {
  return Sensor::run(Sensor(t, entry, std::move(arguments)));
}

}  // namespace venturi::operators
