// The search for the next or previous match, field by field from the largest: a field that does not match moves the candidate
// to where it does, resets what is smaller, and begins again. The moves are croniter's, so that its answers are ours.
#include <algorithm>
#include <cstdlib>

#include "schedule/cron.h"

namespace venturi::schedule {

namespace chr = std::chrono;

namespace {

constexpr int kYearsSearched = 50;

int last_day_of(int year, int month) {
  return static_cast<int>(
      static_cast<unsigned>((chr::year{year} / chr::month{static_cast<unsigned>(month)} / chr::last).day()));
}

// Moves from x to the next value of the field; `range` is what going over the end costs and, for L, the last value.
int steps_forward(int x, const CronField& field, int range) {
  for (const int value : field.values) {
    if (value <= range && value >= x) return value - x;
  }
  if (field.last) return range - x;
  return field.values.front() - x + range;
}

int steps_backward(int x, const CronField& field, int range) {
  for (auto value = field.values.rbegin(); value != field.values.rend(); ++value) {
    if (*value <= x) return *value - x;
  }
  if (field.last) return -x;
  int candidate = field.values.back();
  for (auto value = field.values.rbegin(); value != field.values.rend(); ++value) {
    if (*value <= range) {
      candidate = *value;
      break;
    }
  }
  if (candidate > range) return -range;
  return candidate - x - range;
}

}  // namespace

class CronSearch {
 public:
  CronSearch(const Cron& cron, bool any_day, bool any_weekday, bool backwards)
      : cron_(cron), any_day_(any_day), any_weekday_(any_weekday), backwards_(backwards) {}

  std::optional<WallTime> run(WallTime from) {
    const bool has_seconds = cron_.field_count_ > 5;
    const WallTime start = backwards_ ? from - chr::microseconds{1} : from + (has_seconds ? chr::seconds{1} : chr::minutes{1});
    set(has_seconds ? chr::floor<chr::seconds>(start) : chr::local_seconds{chr::floor<chr::minutes>(start)});
    const int first_year = year_;
    while (std::abs(year_ - first_year) <= kYearsSearched) {
      const Move move = next_move();
      if (move == Move::none) return has_seconds ? at_ : chr::local_seconds{chr::floor<chr::minutes>(at_)};
      if (move == Move::impossible) return std::nullopt;
    }
    return std::nullopt;
  }

 private:
  enum class Move { none, moved, impossible };

  void set(chr::local_seconds at) {
    at_ = at;
    date_ = chr::floor<chr::days>(at);
    const chr::year_month_day ymd{date_};
    year_ = static_cast<int>(ymd.year());
    month_ = static_cast<int>(static_cast<unsigned>(ymd.month()));
    day_ = static_cast<int>(static_cast<unsigned>(ymd.day()));
    const chr::hh_mm_ss time{at - date_};
    hour_ = static_cast<int>(time.hours().count());
    minute_ = static_cast<int>(time.minutes().count());
    second_ = static_cast<int>(time.seconds().count());
  }

  // To the first (backwards: last) second of a day.
  Move to_date(chr::local_days date) {
    set(date + (backwards_ ? chr::seconds{86399} : chr::seconds{0}));
    return Move::moved;
  }
  Move by_days(int days) { return days == 0 ? Move::none : to_date(date_ + chr::days{days}); }

  [[nodiscard]] int steps(int x, const CronField& field, int range) const {
    return backwards_ ? steps_backward(x, field, range) : steps_forward(x, field, range);
  }

  Move next_move() {
    for (const auto step : {&CronSearch::move_year, &CronSearch::move_month, &CronSearch::move_day, &CronSearch::move_weekday,
                            &CronSearch::move_hour, &CronSearch::move_minute, &CronSearch::move_second}) {
      if (const Move move = (this->*step)(); move != Move::none) return move;
    }
    return Move::none;
  }

  Move move_year() {
    const CronField& field = cron_.fields_[Cron::year];
    if (cron_.field_count_ < 7 || field.any) return Move::none;
    int to = 0;
    if (backwards_) {
      const auto found = std::ranges::find_if(field.values.rbegin(), field.values.rend(), [this](int y) { return y <= year_; });
      if (found == field.values.rend()) return Move::impossible;
      to = *found;
    } else {
      const auto found = std::ranges::find_if(field.values, [this](int y) { return y >= year_; });
      if (found == field.values.end()) return Move::impossible;
      to = *found;
    }
    if (to == year_) return Move::none;
    return to_date(chr::local_days{backwards_ ? chr::year{to} / 12 / 31 : chr::year{to} / 1 / 1});
  }

  Move move_month() {
    const CronField& field = cron_.fields_[Cron::month];
    if (field.any) return Move::none;
    const int months = steps(month_, field, 12);
    if (months == 0) return Move::none;
    const chr::year_month to = chr::year{year_} / chr::month{static_cast<unsigned>(month_)} + chr::months{months};
    return to_date(backwards_ ? chr::local_days{to / chr::last} : chr::local_days{to / 1});
  }

  Move move_day() {
    if (cron_.nearest_weekday_ != 0) return move_to_one_of({nearest_weekday()});
    const CronField& field = cron_.fields_[Cron::day];
    if (field.any || any_day_) return Move::none;
    const int days = last_day_of(year_, month_);
    if (field.last && day_ == days) return Move::none;
    if (!backwards_) return by_days(steps(day_, field, days));
    const int days_before = month_ == 1 ? 31 : last_day_of(year_, month_ - 1);
    return by_days(steps(day_, field, days_before));
  }

  Move move_weekday() {
    if (cron_.has_nth_weekdays_) return move_to_one_of(nth_weekdays());
    const CronField& field = cron_.fields_[Cron::weekday];
    if (field.any || any_weekday_) return Move::none;
    return by_days(steps(static_cast<int>(chr::weekday{date_}.c_encoding()), field, 7));
  }

  Move move_hour() {
    const CronField& field = cron_.fields_[Cron::hour];
    if (field.any) return Move::none;
    const int hours = steps(hour_, field, 24);
    if (hours == 0) return Move::none;
    set(date_ + chr::hours{hour_ + hours} + (backwards_ ? chr::seconds{3599} : chr::seconds{0}));
    return Move::moved;
  }

  Move move_minute() {
    const CronField& field = cron_.fields_[Cron::minute];
    if (field.any) return Move::none;
    const int minutes = steps(minute_, field, 60);
    if (minutes == 0) return Move::none;
    set(date_ + chr::hours{hour_} + chr::minutes{minute_ + minutes} + (backwards_ ? chr::seconds{59} : chr::seconds{0}));
    return Move::moved;
  }

  Move move_second() {
    const CronField& field = cron_.fields_[Cron::second];
    if (cron_.field_count_ < 6 || field.any) return Move::none;
    const int seconds = steps(second_, field, 60);
    if (seconds == 0) return Move::none;
    set(at_ + chr::seconds{seconds});
    return Move::moved;
  }

  // Days of the present month of which one must be met; otherwise on to the next (previous) month.
  Move move_to_one_of(const std::vector<int>& days) {
    std::optional<int> best;
    for (const int day : days) {
      if (backwards_ ? day > day_ : day < day_) continue;
      if (!best || (backwards_ ? day > *best : day < *best)) best = day;
    }
    if (best) return by_days(*best - day_);
    return by_days(backwards_ ? -day_ : last_day_of(year_, month_) - day_ + 1);
  }

  [[nodiscard]] std::vector<int> nth_weekdays() const {
    std::vector<int> found;
    const int days = last_day_of(year_, month_);
    const int first_weekday = static_cast<int>(chr::weekday{date_ - chr::days{day_ - 1}}.c_encoding());
    for (int wday = 0; wday < 7; ++wday) {
      const unsigned wanted = cron_.nth_weekdays_[static_cast<std::size_t>(wday)];
      if (wanted == 0) continue;
      const int first = 1 + (wday - first_weekday + 7) % 7;
      for (int n = 1, day = first; day <= days; ++n, day += 7) {
        const bool is_last = day + 7 > days;
        if ((wanted >> static_cast<unsigned>(n) & 1U) != 0 || (is_last && (wanted >> 6U & 1U) != 0)) found.push_back(day);
      }
    }
    return found;
  }

  // Saturday goes to Friday and Sunday to Monday, but not into another month.
  [[nodiscard]] int nearest_weekday() const {
    const int days = last_day_of(year_, month_);
    const int day = std::min(cron_.nearest_weekday_, days);
    const unsigned wday = chr::weekday{date_ + chr::days{day - day_}}.c_encoding();
    if (wday == 6) return day > 1 ? day - 1 : day + 2;
    if (wday == 0) return day < days ? day + 1 : day - 2;
    return day;
  }

  const Cron& cron_;
  bool any_day_, any_weekday_, backwards_;
  chr::local_seconds at_;
  chr::local_days date_;
  int year_ = 0, month_ = 0, day_ = 0, hour_ = 0, minute_ = 0, second_ = 0;
};

std::optional<WallTime> Cron::find(WallTime wall, bool backwards) const {
  // Calendar arithmetic stays far within what std::chrono::year holds.
  constexpr WallTime earliest{chr::local_days{chr::year{1} / 1 / 1}}, latest{chr::local_days{chr::year{9999} / 1 / 1}};
  if (wall < earliest || wall > latest) return std::nullopt;
  const auto starts_with_any = [](const CronField& field) { return field.any; };
  if (starts_with_any(fields_[day]) || starts_with_any(fields_[weekday]))
    return CronSearch(*this, false, false, backwards).run(wall);
  // Either day field is enough. croniter keeps #, L5 and W in both searches, and then lets a failure of one be a failure of
  // all.
  const auto by_day = CronSearch(*this, false, true, backwards).run(wall);
  const auto by_weekday = CronSearch(*this, true, false, backwards).run(wall);
  const bool both_needed = has_nth_weekdays_ || nearest_weekday_ != 0;
  if (!by_day || !by_weekday) {
    if (both_needed) return std::nullopt;
    return by_day ? by_day : by_weekday;
  }
  return backwards ? std::max(*by_day, *by_weekday) : std::min(*by_day, *by_weekday);
}

std::optional<WallTime> Cron::next(WallTime wall) const {
  return find(wall, false);
}
std::optional<WallTime> Cron::previous(WallTime wall) const {
  return find(wall, true);
}

}  // namespace venturi::schedule
