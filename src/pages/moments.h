// Points in time and durations for people, in one zone, which is always named.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "pages/html.h"
#include "schedule/time_zone.h"

namespace venturi::pages {

class Moments {
 public:
  explicit Moments(std::shared_ptr<const schedule::TimeZone> zone) : zone_(std::move(zone)) {}  // null: UTC

  // "2026-11-29 21:19:08 CET"
  [[nodiscard]] std::string text(Time t) const;
  // "21:19:08.123"
  [[nodiscard]] std::string clock(Time t) const;
  // <time>, or a dash.
  [[nodiscard]] Html of(const std::optional<Time>& t) const;
  [[nodiscard]] std::string zone() const { return zone_ ? zone_->name() : "UTC"; }

 private:
  std::shared_ptr<const schedule::TimeZone> zone_;
};

// "0.35s", "1m 02s", "2h 05m".
[[nodiscard]] std::string duration_text(Duration duration);
// Of something that began; until `now` where it has not ended. Empty where it has not begun.
[[nodiscard]] std::string lasted(const std::optional<Time>& start, const std::optional<Time>& end, Time now);

}  // namespace venturi::pages
