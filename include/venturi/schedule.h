// When a DAG runs.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "venturi/time.h"

namespace venturi::inline sdk {

// "@daily" and its kind, "@once", "@continuous", a cron expression, a distance (24h), or nothing: manual runs only.
class Schedule {
 public:
  enum class Kind : std::uint8_t { none, text, delta };

  Schedule() = default;
  Schedule(std::nullptr_t) {}
  Schedule(const char* text) : kind_(Kind::text), text_(text) {}
  Schedule(std::string text) : kind_(Kind::text), text_(static_cast<std::string&&>(text)) {}
  template <std::integral R, class P>
  Schedule(std::chrono::duration<R, P> delta) : kind_(Kind::delta), delta_(delta) {}

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] Duration delta() const { return delta_; }

 private:
  Kind kind_ = Kind::none;
  std::string text_;
  Duration delta_{};
};

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

}  // namespace venturi::inline sdk
