#include "sdk/timetable.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "sdk/encode.h"
#include "sdk/own_fields.h"
#include "sdk/own_timetable.h"
#include "sdk/serialize.h"

namespace venturi::inline sdk {
namespace {

using detail::AnyTimetable;

// In the order of AnyTimetable::Kind.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> classes{{{"trigger", "CronTriggerTimetable"},
                                                                                 {"trigger", "MultipleCronTriggerTimetable"},
                                                                                 {"trigger", "DeltaTriggerTimetable"},
                                                                                 {"interval", "CronDataIntervalTimetable"},
                                                                                 {"interval", "DeltaDataIntervalTimetable"},
                                                                                 {"events", "EventsTimetable"},
                                                                                 {"simple", "AssetTriggeredTimetable"},
                                                                                 {"assets", "AssetOrTimeSchedule"},
                                                                                 {"trigger", "CronPartitionTimetable"},
                                                                                 {"simple", "PartitionedAtRuntime"},
                                                                                 {"simple", "PartitionedAssetTimetable"}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> presets{{{"@hourly", "0 * * * *"},
                                                                                {"@daily", "0 0 * * *"},
                                                                                {"@weekly", "0 0 * * 0"},
                                                                                {"@monthly", "0 0 1 * *"},
                                                                                {"@quarterly", "0 0 1 */3 *"},
                                                                                {"@yearly", "0 0 1 1 *"}}};

detail::Shared shared(AnyTimetable timetable) {
  return {new AnyTimetable(std::move(timetable)), detail::destroy<AnyTimetable>};
}

}  // namespace

std::string AnyTimetable::name() const {
  if (kind == Kind::own) return internal::struct_name(own_name);
  return std::string(classes.at(static_cast<std::size_t>(kind)).second);
}

Schedule::Schedule(const Schedule& other) = default;
Schedule::Schedule(Schedule&& other) noexcept = default;
Schedule& Schedule::operator=(const Schedule& other) = default;
Schedule& Schedule::operator=(Schedule&& other) noexcept = default;
Schedule::~Schedule() = default;

Schedule::Schedule(const CronTriggerTimetable& t)
    : kind_(Kind::timetable),
      timetable_(shared({.kind = AnyTimetable::Kind::cron_trigger,
                         .crons = {t.cron},
                         .timezone = t.timezone,
                         .interval = t.interval,
                         .run_immediately = t.run_immediately})) {}
Schedule::Schedule(const MultipleCronTriggerTimetable& t)
    : kind_(Kind::timetable),
      timetable_(shared({.kind = AnyTimetable::Kind::multiple_cron_trigger,
                         .crons = t.crons,
                         .timezone = t.timezone,
                         .interval = t.interval,
                         .run_immediately = t.run_immediately})) {}
Schedule::Schedule(const DeltaTriggerTimetable& t)
    : kind_(Kind::timetable),
      timetable_(shared({.kind = AnyTimetable::Kind::delta_trigger, .delta = t.delta, .interval = t.interval})) {}
Schedule::Schedule(const CronDataIntervalTimetable& t)
    : kind_(Kind::timetable),
      timetable_(shared({.kind = AnyTimetable::Kind::cron_data_interval, .crons = {t.cron}, .timezone = t.timezone})) {}
Schedule::Schedule(const DeltaDataIntervalTimetable& t)
    : kind_(Kind::timetable), timetable_(shared({.kind = AnyTimetable::Kind::delta_data_interval, .delta = t.delta})) {}
Schedule::Schedule(const EventsTimetable& t)
    : kind_(Kind::timetable),
      timetable_(shared({.kind = AnyTimetable::Kind::events,
                         .event_dates = t.event_dates,
                         .restrict_to_events = t.restrict_to_events,
                         .description = t.description})) {}

Schedule::Schedule(const AssetExpression& assets)
    : kind_(Kind::timetable), timetable_(shared({.kind = AnyTimetable::Kind::assets, .assets = assets.serialized()})) {}
Schedule::Schedule(const Asset& asset) : Schedule(AssetExpression(asset)) {}
Schedule::Schedule(const AssetAlias& alias) : Schedule(AssetExpression(alias)) {}
Schedule::Schedule(const std::vector<Asset>& all)
    : Schedule(AssetExpression::all(std::vector<AssetExpression>(all.begin(), all.end()))) {}
Schedule::Schedule(const AssetOrTimeSchedule& schedule)
    : kind_(Kind::timetable),
      timetable_(shared(
          {.kind = AnyTimetable::Kind::asset_or_time, .assets = schedule.assets.serialized(), .time = schedule.timetable})) {}

Schedule::Schedule(const CronPartitionTimetable& t)
    : kind_(Kind::timetable),
      timetable_(shared({.kind = AnyTimetable::Kind::cron_partition,
                         .crons = {t.cron},
                         .timezone = t.timezone,
                         .run_immediately = t.run_immediately,
                         .run_offset = t.run_offset,
                         .key_format = t.key_format})) {}
Schedule::Schedule(const PartitionedAtRuntime&)
    : kind_(Kind::timetable), timetable_(shared({.kind = AnyTimetable::Kind::partitioned_at_runtime})) {}

namespace {

std::vector<detail::OwnMapper> own_mappers_of(const PartitionedAssetTimetable& timetable) {
  std::vector<detail::OwnMapper> all;
  const auto add = [&](const std::string& place, const PartitionMapper& mapper) {
    for (const detail::OwnMapper& own : mapper.own())
      all.push_back({own.place.empty() ? place : place + "." + own.place, own.object, own.mapper});
  };
  add("default_partition_mapper", timetable.default_partition_mapper);
  for (std::size_t i = 0; i < timetable.partition_mapper_config.size(); ++i)
    add("partition_mapper_config." + std::to_string(i), timetable.partition_mapper_config[i].second);
  return all;
}

Value config_of(const PartitionedAssetTimetable& timetable) {
  Array pairs;
  for (const auto& [asset, mapper] : timetable.partition_mapper_config)
    pairs.emplace_back(Array{AssetExpression(asset).serialized(), mapper.serialized()});
  return pairs;
}

}  // namespace

Schedule::Schedule(const PartitionedAssetTimetable& t)
    : kind_(Kind::timetable),
      timetable_(shared({.kind = AnyTimetable::Kind::partitioned_assets,
                         .assets = t.assets.serialized(),
                         .default_partition_mapper = t.default_partition_mapper.serialized(),
                         .partition_mapper_config = config_of(t),
                         .own_mappers = own_mappers_of(t)})) {}

Schedule::Schedule(const Timetable* own, std::string_view name)
    : kind_(Kind::timetable),
      timetable_(shared({.kind = AnyTimetable::Kind::own,
                         .own_object = detail::Shared(own, detail::destroy<Timetable>),
                         .own = own,
                         .own_name = name})) {}

const detail::AnyTimetable& Schedule::timetable() const {
  return *static_cast<const AnyTimetable*>(timetable_.get());
}

namespace internal {
namespace {

Value run_immediately_value(const RunImmediately& rule) {
  return rule.within() ? Value(seconds_of(*rule.within())) : Value(rule.always());
}

// Airflow's EventsTimetable has them sorted, and each once.
std::vector<Time> event_times(const AnyTimetable& timetable, const DagOptions& options) {
  std::vector<Time> times;
  for (const Date& date : timetable.event_dates) {
    if (const auto time = time_of(date, options)) times.push_back(*time);
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

// "4 events between 2026-01-01T00:00:00Z and 2026-12-31T00:00:00Z"
std::string events_text(const std::vector<Time>& times) {
  if (times.empty()) return "No events";
  if (times.size() == 1) return "1 event at " + format_time(times.front());
  return std::to_string(times.size()) + " events between " + format_time(times.front()) + " and " + format_time(times.back());
}

Object members(const AnyTimetable& t, const DagOptions& options) {
  const Value timezone = t.timezone.empty() ? Value(timezone_of(options)) : Value(t.timezone);
  switch (t.kind) {
    case AnyTimetable::Kind::cron_trigger:
      return {{"expression", cron_of(t.crons.front())},
              {"timezone", timezone},
              {"interval", seconds_of(t.interval)},
              {"run_immediately", run_immediately_value(t.run_immediately)}};
    case AnyTimetable::Kind::multiple_cron_trigger: {
      Array crons;
      for (const std::string& cron : t.crons) crons.emplace_back(cron_of(cron));
      return {{"expressions", std::move(crons)},
              {"timezone", timezone},
              {"interval", seconds_of(t.interval)},
              {"run_immediately", run_immediately_value(t.run_immediately)}};
    }
    case AnyTimetable::Kind::delta_trigger:
      return {{"delta", seconds_of(t.delta)}, {"interval", seconds_of(t.interval)}};
    case AnyTimetable::Kind::cron_data_interval:
      return {{"expression", cron_of(t.crons.front())}, {"timezone", timezone}};
    case AnyTimetable::Kind::delta_data_interval:
      return {{"delta", seconds_of(t.delta)}};
    case AnyTimetable::Kind::assets:
      return {{"asset_condition", t.assets}};
    case AnyTimetable::Kind::asset_or_time: {
      DagOptions of_time = options;
      of_time.schedule = t.time;
      return {{"asset_condition", t.assets}, {"timetable", serialize_timetable(of_time)}};
    }
    case AnyTimetable::Kind::own:
      return own_members(t);
    case AnyTimetable::Kind::cron_partition:
      return {{"expression", cron_of(t.crons.front())},
              {"timezone", timezone},
              {"run_immediately", run_immediately_value(t.run_immediately)},
              {"run_offset", t.run_offset},
              {"key_format", t.key_format}};
    case AnyTimetable::Kind::partitioned_at_runtime:
      return {};
    case AnyTimetable::Kind::partitioned_assets:
      return {{"asset_condition", t.assets},
              {"default_partition_mapper", t.default_partition_mapper},
              {"partition_mapper_config", t.partition_mapper_config}};
    case AnyTimetable::Kind::events:
      break;
  }
  const std::vector<Time> times = event_times(t, options);
  Array dates;
  for (const Time time : times) dates.emplace_back(format_time(time));
  return {{"event_dates", std::move(dates)},
          {"restrict_to_events", t.restrict_to_events},
          {"description", t.description.empty() ? events_text(times) : t.description}};
}

bool has_delta(AnyTimetable::Kind kind) {
  return kind == AnyTimetable::Kind::delta_trigger || kind == AnyTimetable::Kind::delta_data_interval;
}

}  // namespace

std::string_view cron_of(std::string_view text) {
  for (const auto& [name, expression] : presets) {
    if (name == text) return expression;
  }
  return text.starts_with('@') ? std::string_view() : text;
}

void check_timetable(const AnyTimetable& timetable, const DagOptions& options, std::vector<std::string>& mistakes) {
  if (timetable.kind == AnyTimetable::Kind::assets || timetable.kind == AnyTimetable::Kind::partitioned_assets ||
      timetable.kind == AnyTimetable::Kind::own)
    return;
  if (timetable.kind == AnyTimetable::Kind::asset_or_time) {
    DagOptions of_time = options;
    of_time.schedule = timetable.time;
    return check_schedule(of_time, mistakes);
  }
  const std::string where = "schedule, " + timetable.name() + ": ";
  if (has_delta(timetable.kind) && timetable.delta <= Duration::zero()) {
    mistakes.push_back(where + "delta, the time between runs, has to be above 0");
  }
  if (timetable.interval < Duration::zero()) {
    mistakes.push_back(where + "interval, the length of a run's data interval, is less than 0");
  }
  if (timetable.kind == AnyTimetable::Kind::events) {
    if (timetable.event_dates.empty()) mistakes.push_back(where + "it has no event_dates: give it one at least");
    for (const Date& date : timetable.event_dates) {
      try {
        if (!time_of(date, options)) mistakes.push_back(where + "one of its event_dates is empty");
      } catch (const std::invalid_argument& e) {
        mistakes.push_back(where + "event_dates: " + e.what());
      }
    }
    return;
  }
  if (timetable.kind == AnyTimetable::Kind::multiple_cron_trigger && timetable.crons.empty()) {
    mistakes.push_back(where + "it has no crons: give it one cron expression at least");
  }
  for (const std::string& cron : timetable.crons) {
    if (!cron_of(cron).empty()) continue;
    mistakes.push_back(where + (cron.empty() ? std::string("a cron expression is empty") : '"' + cron + "\" is unknown") +
                       ": write a cron expression (minute hour day month weekday), or one of " + std::string(known_presets));
  }
}

Value serialize(const AnyTimetable& timetable, const DagOptions& options) {
  if (timetable.kind == AnyTimetable::Kind::own)
    return typed("venturi.program." + timetable.name(), members(timetable, options));
  const auto& [module, name] = classes.at(static_cast<std::size_t>(timetable.kind));
  return typed("airflow.timetables." + std::string(module) + "." + std::string(name), members(timetable, options));
}

}  // namespace internal
}  // namespace venturi::inline sdk
