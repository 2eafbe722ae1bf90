#include "schedule/time_zone.h"

#include <algorithm>
#include <span>

namespace venturi::schedule {
namespace {

namespace chr = std::chrono;

std::int64_t floor_seconds(std::int64_t microseconds) {
  return chr::floor<chr::seconds>(chr::microseconds{microseconds}).count();
}

// The year of a number of seconds since 1970, kept within what calendar arithmetic can hold.
int year_of(std::int64_t seconds) {
  constexpr std::int64_t limit = std::int64_t{8000} * 366 * 86400;
  const chr::sys_seconds t{chr::seconds{std::clamp(seconds, -limit, limit)}};
  return static_cast<int>(chr::year_month_day{chr::floor<chr::days>(t)}.year());
}

// What is shown after the last transition that `key` places at or before `now`.
template <class Key>
Phase phase_among(std::span<const Transition> list, Phase first, std::int64_t now, Key key) {
  std::size_t low = 0, high = list.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const std::int32_t before = middle == 0 ? first.offset : list[middle - 1].phase.offset;
    if (key(list[middle], before) <= now) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low == 0 ? first : list[low - 1].phase;
}

// Places the transitions on the clock on the wall. Readings between the smaller and the larger of the two are in a gap or
// fold; fold 0 sees the transition at their end, fold 1 at their beginning (as Python's zoneinfo).
struct OnTheWall {
  int fold;
  std::int64_t operator()(const Transition& t, std::int32_t before) const {
    return t.at + (fold == 0 ? std::max(before, t.phase.offset) : std::min(before, t.phase.offset));
  }
};

struct InUtc {
  std::int64_t operator()(const Transition& t, std::int32_t) const { return t.at; }
};

// Whether the rule says it, not the list.
template <class Key>
bool is_beyond(const std::vector<Transition>& listed, Phase first, const std::optional<PosixTz>& rule, std::int64_t now,
               Key key) {
  const std::int32_t before_last = listed.size() > 1 ? listed[listed.size() - 2].phase.offset : first.offset;
  return rule && (listed.empty() || now > key(listed.back(), before_last));
}

template <class Key>
Phase phase_at(const std::vector<Transition>& listed, Phase first, const std::optional<PosixTz>& rule, std::int64_t now,
               Key key) {
  if (!is_beyond(listed, first, rule, now, key)) return phase_among(listed, first, now, key);
  if (!rule->has_dst()) return rule->standard();
  const auto yearly = rule->around(year_of(now));
  return phase_among(yearly, yearly[1].phase, now, key);  // two in turn
}

}  // namespace

TimeZone TimeZone::fixed(chr::seconds offset, std::string name) {
  TimeZone zone;
  zone.name_ = std::move(name);
  zone.first_.offset = static_cast<std::int32_t>(offset.count());
  zone.abbreviations_.push_back(zone.name_);
  return zone;
}

Phase TimeZone::utc_phase(std::int64_t utc) const {
  return phase_at(transitions_, first_, afterwards_, utc, InUtc{});
}

std::int32_t TimeZone::wall_offset(std::int64_t wall, int fold) const {
  return phase_at(transitions_, first_, afterwards_, wall, OnTheWall{fold}).offset;
}

TimeZone::Abbreviation TimeZone::abbreviation(Time utc) const {
  const std::int64_t seconds = floor_seconds(utc.time_since_epoch().count());
  const Phase phase = utc_phase(seconds);
  if (is_beyond(transitions_, first_, afterwards_, seconds, InUtc{}))
    return {afterwards_->abbreviations()[phase.name], phase.dst};
  return {abbreviations_[phase.name], phase.dst};
}

WallTime TimeZone::to_local(Time utc) const {
  const std::int64_t us = utc.time_since_epoch().count();
  return WallTime{chr::microseconds{us} + chr::seconds{utc_phase(floor_seconds(us)).offset}};
}

Time TimeZone::to_utc(WallTime wall, int fold) const {
  const chr::microseconds local = wall.time_since_epoch();
  const std::int64_t seconds = floor_seconds(local.count());
  const std::int32_t before = wall_offset(seconds, 0), after = wall_offset(seconds, 1);
  if (after > before) return Time{local - chr::seconds{fold == 0 ? after : before}};  // does not exist
  return Time{local - chr::seconds{fold == 0 ? before : after}};
}

}  // namespace venturi::schedule
