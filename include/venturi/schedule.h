// When a DAG runs: texts, distances, and Airflow's timetables.
//
//   .schedule = "@daily"
//   .schedule = 36h
//   .schedule = CronDataIntervalTimetable{.cron = "0 6 * * *"}
//   .schedule = EventsTimetable{.event_dates = {"2026-03-31", "2026-06-30"}}
//   .schedule = WorkdayTimetable{}      // a class of one's own: venturi/timetable.h
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "venturi/asset.h"
#include "venturi/owned.h"
#include "venturi/time.h"

namespace venturi::inline sdk {

// A point in time as a DAG file writes it: "2026-01-01", "2026-01-01T06:30" (in the DAG's time zone), with an offset or Z, or a
// std::chrono one (UTC).
class Date {
 public:
  Date() = default;
  Date(const char* text) : text_(text) {}
  Date(std::string text) : text_(static_cast<std::string&&>(text)) {}
  template <class D>
  Date(std::chrono::sys_time<D> time) : time_(std::chrono::floor<Duration>(time)) {}

  [[nodiscard]] bool is_given() const { return time_.has_value() || !text_.empty(); }
  [[nodiscard]] const std::optional<Time>& time() const { return time_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::optional<Time> time_;
};

// Whether the first run of a DAG without start_date is the one that was due last: no, yes, or only if it was due so short a
// time ago.
class RunImmediately {
 public:
  RunImmediately() = default;
  template <std::same_as<bool> B>
  RunImmediately(B always) : always_(always) {}
  template <std::integral R, class P>
  RunImmediately(std::chrono::duration<R, P> within) : within_(within) {}

  [[nodiscard]] bool always() const { return always_; }
  [[nodiscard]] const std::optional<Duration>& within() const { return within_; }

 private:
  bool always_ = false;
  std::optional<Duration> within_;
};

// A run at each time that the cron expression names. Its data interval ends then and is `interval` long: of no length, where
// that is left out, as with a cron expression alone. The time zone is the DAG's where it is left out.
struct CronTriggerTimetable {
  std::string cron{};
  std::string timezone{};
  Duration interval{};
  RunImmediately run_immediately{};
};
// At each time that one of several names.
struct MultipleCronTriggerTimetable {
  std::vector<std::string> crons{};
  std::string timezone{};
  Duration interval{};
  RunImmediately run_immediately{};
};
// Every `delta` since the start date.
struct DeltaTriggerTimetable {
  Duration delta{};
  Duration interval{};
};
// Data intervals from one time to the next, without gaps; each has a run when it is over.
struct CronDataIntervalTimetable {
  std::string cron{};
  std::string timezone{};
};
struct DeltaDataIntervalTimetable {
  Duration delta{};
};
// At these dates. With restrict_to_events a manual run is for the last of them that has been, and not for the present.
struct EventsTimetable {
  std::vector<Date> event_dates{};
  bool restrict_to_events = false;
  std::string description{};
};

class Timetable;  // venturi/timetable.h

// When the assets have had their events, and at the times of another schedule as well.
struct AssetOrTimeSchedule;
// Runs for partitions: venturi/partition.h.
struct CronPartitionTimetable;
struct PartitionedAtRuntime;
struct PartitionedAssetTimetable;

namespace detail {
struct AnyTimetable;
template <class T>
constexpr std::string_view name_of_timetable() {
  return __PRETTY_FUNCTION__;
}
}  // namespace detail

// "@daily" and its kind, "@once", "@continuous", a cron expression, a distance (24h), a timetable, or nothing: manual runs
// only.
class Schedule {
 public:
  enum class Kind : std::uint8_t { none, text, delta, timetable };

  Schedule() = default;
  Schedule(std::nullptr_t) {}
  Schedule(const char* text) : kind_(Kind::text), text_(text) {}
  Schedule(std::string text) : kind_(Kind::text), text_(static_cast<std::string&&>(text)) {}
  template <std::integral R, class P>
  Schedule(std::chrono::duration<R, P> delta) : kind_(Kind::delta), delta_(delta) {}
  Schedule(const CronTriggerTimetable& timetable);
  Schedule(const MultipleCronTriggerTimetable& timetable);
  Schedule(const DeltaTriggerTimetable& timetable);
  Schedule(const CronDataIntervalTimetable& timetable);
  Schedule(const DeltaDataIntervalTimetable& timetable);
  Schedule(const EventsTimetable& timetable);
  Schedule(const Asset& asset);
  Schedule(const AssetAlias& alias);
  Schedule(const AssetExpression& assets);
  Schedule(const std::vector<Asset>& all);
  Schedule(const AssetOrTimeSchedule& schedule);
  Schedule(const CronPartitionTimetable& timetable);
  Schedule(const PartitionedAtRuntime& timetable);
  Schedule(const PartitionedAssetTimetable& timetable);
  template <std::derived_from<Timetable> T>
  Schedule(const T& timetable) : Schedule(static_cast<const Timetable*>(new T(timetable)), detail::name_of_timetable<T>()) {}

  Schedule(const Schedule& other);
  Schedule(Schedule&& other) noexcept;
  Schedule& operator=(const Schedule& other);
  Schedule& operator=(Schedule&& other) noexcept;
  ~Schedule();  // in the archive: clang-19 refers to one of its own making that it does not emit

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] Duration delta() const { return delta_; }
  [[nodiscard]] const detail::AnyTimetable& timetable() const;  // of that kind only

 private:
  Schedule(const Timetable* own, std::string_view name);  // takes it

  Kind kind_ = Kind::none;
  std::string text_;
  Duration delta_{};
  detail::Shared timetable_;
};

struct AssetOrTimeSchedule {
  Schedule timetable{};
  AssetExpression assets;
};

}  // namespace venturi::inline sdk
