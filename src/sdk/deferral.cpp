#include "venturi/deferral.h"

#include <chrono>
#include <utility>

#include "sdk/context_data.h"
#include "sdk/deferral.h"
#include "venturi/context.h"

namespace venturi::inline sdk {
namespace {

// As Airflow's serde writes a pendulum.DateTime.
Value serialized(Time t) {
  const double timestamp = std::chrono::duration<double>(t.time_since_epoch()).count();
  return Object{{"__classname__", "pendulum.datetime.DateTime"},
                {"__version__", 2},
                {"__data__", Object{{"timestamp", timestamp},
                                    {"tz", Object{{"__classname__", "builtins.tuple"},
                                                  {"__version__", 1},
                                                  {"__data__", Array{"UTC", "pendulum.tz.timezone.Timezone", 1, true}}}}}}};
}

// ISO 8601, as pydantic reads a timedelta.
Value duration_text(const std::optional<Duration>& duration) {
  if (!duration) return {};
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(*duration);
  std::string fraction = std::to_string(1'000'000 + std::abs((*duration - whole).count()));
  fraction[0] = '.';
  return (*duration < Duration::zero() ? "-PT" : "PT") + std::to_string(std::abs(whole.count())) + fraction + "S";
}

}  // namespace

DateTimeTrigger::DateTimeTrigger(Time moment)
    : Trigger("airflow.providers.standard.triggers.temporal.DateTimeTrigger",
              Object{{"moment", serialized(moment)}, {"end_from_trigger", false}}) {}

TimeDeltaTrigger::TimeDeltaTrigger(Duration delta)
    : DateTimeTrigger(std::chrono::floor<Duration>(std::chrono::system_clock::now()) + delta) {}

void Context::defer(Trigger trigger, DeferOptions options) const {
  throw TaskDeferred{std::move(trigger), std::move(options)};
}

const Resumption* Context::resumed() const {
  return data_->resumed ? &*data_->resumed : nullptr;
}

namespace internal {

Value defer_message(const TaskDeferred& deferred, Value rendered_map_index) {
  return Object{{"type", "DeferTask"},
                {"state", "deferred"},
                {"classpath", deferred.trigger.classpath()},
                {"trigger_kwargs", deferred.trigger.kwargs()},
                {"trigger_timeout", duration_text(deferred.options.timeout)},
                {"queue", nullptr},
                {"next_method", deferred.options.method_name},
                {"next_kwargs", deferred.options.kwargs},
                {"rendered_map_index", std::move(rendered_map_index)}};
}

std::optional<Resumption> resumption_of(const Value& run_context) {
  const std::string method = run_context.get_string("next_method");
  if (method.empty()) return std::nullopt;
  Resumption resumption{.method_name = method, .kwargs = {}, .event = {}};
  Object kwargs;
  if (const Value given = run_context.get_value("next_kwargs"); given.is_object()) {
    for (const auto& [name, value] : given.as_object()) {
      if (name == "event")
        resumption.event = value;
      else
        kwargs.set(name, value);
    }
  }
  resumption.kwargs = std::move(kwargs);
  // A date is one as everywhere else in the SDK: an ISO text.
  if (const Value* data = resumption.event.get("__data__"); data != nullptr && data->get("timestamp") != nullptr) {
    const std::chrono::duration<double> since_epoch(data->at("timestamp").as_double());
    resumption.event = format_time(Time(std::chrono::round<Duration>(since_epoch)));
  }
  return resumption;
}

void throw_if_failed(const Resumption& resumption) {
  if (resumption.method_name != "__fail__") return;
  const std::string what = resumption.kwargs.get_string("error", "the trigger failed");
  if (what == "Trigger timeout") throw TaskDeferralTimeout(what);
  throw TaskDeferralError(what);
}

}  // namespace internal
}  // namespace venturi::inline sdk
