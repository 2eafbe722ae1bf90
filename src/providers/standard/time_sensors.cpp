// The sensors that wait for the clock.
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/time.h"
#include "net/background.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/standard/clock.h"
#include "providers/standard/sensors.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::Poke;
using operators::TaskFailed;
using operators::TaskFailedForGood;

// Done, once it has come. Thousands of frames like this one lie in memory.
asio::awaitable<Poke> wait_for(Time moment) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  // The wall clock may be set meanwhile: it is looked at once a minute.
  while (present() <= moment) {
    timer.expires_after(
        std::min<std::chrono::nanoseconds>(std::chrono::minutes(1), moment - present() + std::chrono::milliseconds(1)));
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_return Poke{true, {}};
}

void say_what_for(OperatorTry& t, Time moment) {
  t.log.info(fmt::format("Checking if the time ({}) has come", format_time(moment)));
}

asio::awaitable<Poke> poke_at(Time moment) {
  co_return Poke{present() > moment, {}};
}

asio::awaitable<Poke> poke_for(OperatorTry& t, Time moment, bool exactly) {
  say_what_for(t, moment);
  if (!exactly) return poke_at(moment);
  if (present() <= moment) t.defer_in_place(clock_trigger);
  return wait_for(moment);
}

bool is_exact(const OperatorTry& t, const Arguments& arguments) {
  return arguments.boolean("deferrable", false) || t.op.get_string("task_type").ends_with("Async");
}

// A timedelta, or a number of minutes, which templates give as text.
Duration delta_of(const OperatorTry& t, const Arguments& arguments, std::string_view name) {
  const Value serialized = t.op.get_value(name);
  const Value& value = *arguments.find(name);
  if (serialized.get_string("__type") == "timedelta" && value.is_number()) return from_seconds(value.as_double());
  std::int64_t minutes = 0;
  if (value.is_number()) {
    minutes = static_cast<std::int64_t>(value.as_double());
  } else {
    const std::string text = value.is_string() ? value.as_string() : "";
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), minutes);
    if (error != std::errc{} || end != text.data() + text.size())
      throw TaskFailedForGood(
          fmt::format("the argument {} must be a timedelta or a number of minutes, not {}", name, to_json(value)));
  }
  return std::chrono::minutes(minutes);
}

unsigned iso_weekday(Time time) {
  return std::chrono::weekday(std::chrono::floor<std::chrono::days>(time)).iso_encoding();
}

}  // namespace

// The day is that on which the try began, in the DAG's zone.
asio::awaitable<Poke> poke_time(OperatorTry& t, const Arguments& arguments) {
  const std::string text = arguments.string("target_time");
  const auto time_of_day = parse_time("1970-01-01T" + text);
  if (!time_of_day || text.find_first_not_of("0123456789:.") != std::string::npos)
    throw TaskFailedForGood(
        fmt::format("the argument target_time must be a time of day like 07:30 or 07:30:15, not '{}'", text));
  const std::string name = arguments.string("timezone", "UTC");
  auto work = [name] { return zone_of(name); };
  const auto zone = co_await net::in_background(std::move(work));
  if (!zone) throw TaskFailedForGood("the argument timezone: " + zone.error().text());
  const Time began = t.facts.start_date.value_or(present());
  const auto day = std::chrono::floor<std::chrono::days>((*zone)->to_local(began));
  const schedule::WallTime wall = day + time_of_day->time_since_epoch();
  const Time target = (*zone)->to_utc(wall);
  const bool exactly = is_exact(t, arguments);
  co_return co_await poke_for(t, target, exactly);
}

// No coroutines themselves: their frames would lie there with the one that waits.
asio::awaitable<Poke> poke_time_delta(OperatorTry& t, const Arguments& arguments) {
  auto base = t.facts.run->data_interval_end;
  if (!base) base = t.facts.run->run_after;
  if (!base) throw TaskFailed("the run has neither a data interval nor run_after: the server is too old for this worker");
  return poke_for(t, *base + delta_of(t, arguments, "delta"), is_exact(t, arguments));
}

asio::awaitable<Poke> poke_date_time(OperatorTry& t, const Arguments& arguments) {
  const std::string text = arguments.string("target_time");
  const auto target = parse_time(text);
  if (!target)
    throw TaskFailedForGood(
        fmt::format("the argument target_time must be a date and time like 2026-01-31T07:30:00+01:00, not '{}'", text));
  return poke_for(t, *target, is_exact(t, arguments));
}

asio::awaitable<Poke> poke_day_of_week(OperatorTry& t, const Arguments& arguments) {
  const std::vector<unsigned> wanted = week_day_numbers(arguments);
  const unsigned today = iso_weekday(present());
  t.log.info(fmt::format("Poking until weekday is in {}, Today is {}", fmt::join(arguments.string_list("week_day"), ", "),
                         week_day_name(today)));
  unsigned day = today;
  if (arguments.boolean("use_task_logical_date", false)) {
    day = iso_weekday(date_of_run(t));
  }
  co_return Poke{std::ranges::find(wanted, day) != wanted.end(), {}};
}

// From the start of the try, not from the run's date.
asio::awaitable<Value> run_wait(OperatorTry& t, Arguments arguments) {
  const Duration wait = delta_of(t, arguments, "time_to_wait");
  t.log.info(fmt::format("Waiting for {:g} s", to_seconds(wait)));
  const bool is_deferrable = arguments.boolean("deferrable", false);  // over several starts where its host is lost
  const Time began = is_deferrable ? t.facts.start_date.value_or(present()) : present();
  if (is_deferrable) t.defer_in_place(clock_trigger);
  (void)co_await wait_for(began + wait);
  co_return Value();
}

}  // namespace venturi::providers
