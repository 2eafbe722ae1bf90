#include "sdk/sensor_run.h"

#include <algorithm>
#include <cstdio>
#include <thread>

#include "sdk/own_fields.h"
#include "sdk/sensor_fields.h"
#include "sdk/task_run.h"

namespace venturi::inline sdk::internal {
namespace {

constexpr double longest_wait = 1e9;  // seconds; what is added to a time stays one

Duration duration_of(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::clamp(seconds, 0.0, longest_wait)));
}

// Python's text of a number, as in Airflow's messages.
std::string number_text(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.12g", number);
  return text;
}

// "2026-01-02 03:04:05.123456+00:00": str() of a datetime in UTC.
std::string python_text(Time time) {
  std::string text = format_time(time);  // ...Z
  std::ranges::replace(text, 'T', ' ');
  if (text.ends_with('Z')) text.replace(text.size() - 1, 1, "+00:00");
  return text;
}

SensorTimes times_of(const SensorOptions& o) {
  SensorTimes times;
  times.poke_interval = o.poke_interval ? detail::seconds_of(*o.poke_interval) : times.poke_interval;
  times.timeout = o.timeout ? detail::seconds_of(*o.timeout) : times.timeout;
  times.exponential_backoff = o.exponential_backoff.value_or(false);
  if (o.max_wait) times.max_wait = detail::seconds_of(*o.max_wait);
  times.reschedule = o.mode.value_or(SensorMode::poke) == SensorMode::reschedule;
  return times;
}

}  // namespace

SensorClock::~SensorClock() = default;

Time RealClock::now() {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}
Duration RealClock::since_boot() {
  return std::chrono::floor<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}
void RealClock::sleep(Duration duration) {
  std::this_thread::sleep_for(duration);
}

SensorRun::SensorRun(const detail::TaskNode& task, detail::ContextData& data, detail::Invocation& call, SensorClock& clock,
                     int reschedules)
    : data_(data),
      clock_(clock),
      times_(times_of(task.sensor_options)),
      soft_fail_(task.sensor_options.soft_fail.value_or(false)),
      never_fail_(task.sensor_options.never_fail.value_or(false)),
      silent_fail_(task.sensor_options.silent_fail.value_or(false)),
      name_(data.dag_id + "#" + data.task_id),
      start_(clock.now()),
      began_(clock.since_boot()) {
  if (times_.reschedule && reschedules > 0) {
    const Value answer =
        data.ask({{"type", "GetTaskRescheduleStartDate"}, {"ti_id", data.ti_id}, {"try_number", data.try_number}});
    if (const auto first = parse_time(answer.get_string("start_date"))) start_ = *first;
  }
  started_at_ = times_.reschedule ? python_text(start_) : std::to_string(began_.count());
  running_.reset(task.sensor->start(task.target.get(), call));
}

double SensorRun::run_duration() {
  return detail::seconds_of(times_.reschedule ? clock_.now() - start_ : clock_.since_boot() - began_);
}

SensorRun::Next SensorRun::next() {
  if (late_) time_out(run_duration());
  ++count_;
  detail::SensorStep step = this->step();
  if (step.is_done) {
    data_.log_sink.write(LogLevel::info, "Success criteria met. Exiting.");
    return {.kind = Next::Kind::done, .xcom = std::move(step.xcom)};
  }
  const double duration = run_duration();
  if (duration > times_.timeout) time_out(duration);
  if (step.wait) {
    // What it waits for longer than it may is not waited for.
    const double rest = times_.timeout - duration;
    late_ = detail::seconds_of(*step.wait) > rest;
    return {.kind = Next::Kind::wait, .wait = late_ ? duration_of(rest) + Duration(1) : *step.wait};
  }
  const double wait = next_poke_interval(times_, name_, started_at_, duration, count_);
  if (times_.exponential_backoff) {
    data_.log_sink.write(LogLevel::info, std::string("new ") + (times_.reschedule ? "reschedule" : "poke") + " interval is " +
                                             number_text(wait));
  }
  return {.kind = times_.reschedule ? Next::Kind::reschedule : Next::Kind::wait, .wait = duration_of(wait)};
}

detail::SensorStep SensorRun::step() {
  try {
    return running_->step();
  } catch (const TaskSkipped&) {
    throw;
  } catch (const TaskFailedForGood& e) {
    if (!soft_fail_ && !never_fail_) throw;
    data_.log_sink.write(LogLevel::error, data_.without_secrets(e.what()));
    throw TaskSkipped(soft_fail_ ? "Skipping due to soft_fail is set to True." : "Skipping due to never_fail is set to True.");
  } catch (...) {
    if (!silent_fail_ && !never_fail_) throw;
    const Caught caught = current_exception_text();
    if (!silent_fail_) {
      data_.log_sink.write(LogLevel::error, data_.without_secrets(caught.text));
      throw TaskSkipped("Skipping due to never_fail is set to True.");
    }
    const Object members{{"exception", caught.type}};
    data_.log_sink.write(LogLevel::error, data_.without_secrets("Sensor poke failed: " + caught.text), &members);
    return {};
  }
}

void SensorRun::time_out(double duration) const {
  const std::string message = "Sensor has timed out; run duration of " + number_text(duration) +
                              " seconds exceeds the specified timeout of " + number_text(times_.timeout) + ".";
  if (soft_fail_) throw TaskSkipped(message);
  throw TaskFailedForGood(message);  // Airflow's AirflowSensorTimeout: spends no retry
}

}  // namespace venturi::inline sdk::internal

namespace venturi::inline sdk::detail {

RunningSensor::~RunningSensor() = default;

TaskNode& add_own_sensor(GroupNode& group, std::string_view task_id, const SensorTable& table, const SensorOptions& sensor,
                         const TaskOptions& options, const void* target, void (*destroy)(const void* target)) {
  const bool is_struct = !table.fields.name.empty();
  const std::string name = is_struct ? internal::struct_name(table.fields.name) : std::string();
  if (task_id.empty()) task_id = name;
  TaskNode& node = add_function(group, TaskKind::plain, task_id, table.function, options, target, destroy);
  node.sensor = &table;
  internal::keep_in_process(node, options, "a sensor, which waits in a process of its own");
  node.sensor_options = sensor;
  if (is_struct)
    internal::describe_fields(node, table.fields, target);
  else
    node.task_type = table.is_coroutine ? "CppSensorTask" : "CppSensor";
  if (table.is_coroutine) {
    const auto refuse = [&node](std::string_view option) {
      add_mistake(node, std::string(option) +
                            " is not for a sensor that is a coroutine: it waits in its process, as long as it says "
                            "itself; take the option away, or let a function return whether it is there");
    };
    if (sensor.mode && *sensor.mode == SensorMode::reschedule) refuse("mode reschedule");
    if (sensor.max_wait) refuse("max_wait");
    if (sensor.exponential_backoff.value_or(false)) refuse("exponential_backoff");
  }
  return add_sensor_fields(node, sensor);
}

}  // namespace venturi::inline sdk::detail
