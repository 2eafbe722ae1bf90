#include "lanes/yaml/calendar.h"

#include "schedule/partition_mapper.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"

namespace venturi::lanes::yaml {
namespace {

bool has_offset(std::string_view text) {
  const std::size_t time = text.find_first_of("Tt ");
  return time != std::string_view::npos && text.find_first_of("Zz+-", time) != std::string_view::npos;
}

}  // namespace

struct Calendar::State {
  Result<schedule::TimeZones> zones = schedule::TimeZones::load();
};

Calendar::Calendar() : state_(std::make_unique<State>()) {}
Calendar::~Calendar() = default;

Result<void> Calendar::check_zone(const std::string& zone) {
  if (!state_->zones) return std::unexpected(state_->zones.error());
  return state_->zones->add(zone);
}

Result<Time> Calendar::to_utc(std::string_view text, const std::string& zone) {
  const std::optional<Time> time = parse_time(text);
  if (!time)
    return fail(ErrorKind::invalid, "it is no date", {}, "write 2026-01-31, 2026-01-31T06:30 or 2026-01-31T06:30:00+01:00");
  if (has_offset(text)) return *time;
  if (!state_->zones) return std::unexpected(state_->zones.error());
  const auto found = state_->zones->find(zone);
  if (!found) return std::unexpected(found.error());
  return (*found)->to_utc(schedule::WallTime(time->time_since_epoch()));
}

Result<void> Calendar::check_timetable(const Value& timetable) {
  if (!state_->zones) return std::unexpected(state_->zones.error());
  if (auto added = state_->zones->add_for(timetable); !added) return added;
  const auto made = schedule::make_timetable(timetable, *state_->zones);
  if (!made) return std::unexpected(made.error());
  return {};
}

Result<void> Calendar::check_mapper(const Value& mapper) {
  if (!state_->zones) return std::unexpected(state_->zones.error());
  if (auto utc = state_->zones->add("UTC"); !utc) return utc;  // where nothing is said
  const auto made = schedule::make_partition_mapper(mapper, *state_->zones);
  if (!made) return std::unexpected(made.error());
  return {};
}

}  // namespace venturi::lanes::yaml
