// Reads members of Airflow's serialized objects. Airflow wraps what JSON has no type for:
// {"__type": "timedelta", "__var": 300.0}, {"__type": "datetime", "__var": 1735689600.0} (a timestamp),
// {"__type": "dict" | "set" | "tuple", "__var": ...}. A wrapper may stand wherever a plain value may.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "venturi/value.h"

namespace venturi {

// The value in its wrappers, however many there are.
[[nodiscard]] const Value& unwrapped(const Value& value);

// The members of one object, and of those that stand in for it where it has none. The first thing that does not fit is kept as
// error(), which names object and member; from then on everything reads as its default.
class Fields {
 public:
  // `where`: "dag order_quality, task extract". `layers`: the first that has a member that is not null counts.
  Fields(std::string where, std::vector<const Object*> layers) : where_(std::move(where)), layers_(std::move(layers)) {}

  // Unwrapped. nullptr where no layer has it, or it is null.
  [[nodiscard]] const Value* find(std::string_view key) const;

  [[nodiscard]] std::string string(std::string_view key, std::string_view otherwise = {});
  [[nodiscard]] bool boolean(std::string_view key, bool otherwise);
  [[nodiscard]] std::optional<bool> boolean(std::string_view key);
  // Whole numbers may be written as 2.0.
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t otherwise, std::int64_t minimum, std::int64_t maximum);
  [[nodiscard]] double number(std::string_view key, double otherwise, double minimum);
  // Seconds, not negative.
  [[nodiscard]] std::optional<Duration> duration(std::string_view key);
  // Seconds since 1970.
  [[nodiscard]] std::optional<Time> time(std::string_view key);
  [[nodiscard]] std::vector<std::string> strings(std::string_view key);

  void refuse(std::string what, std::string hint);
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  [[nodiscard]] const std::string& where() const { return where_; }

 private:
  [[nodiscard]] const Value* found(std::string_view key) const { return error_ ? nullptr : find(key); }
  void wrong(std::string_view key, std::string_view wanted, const Value& value);

  std::string where_;
  std::vector<const Object*> layers_;
  std::optional<Error> error_;
};

}  // namespace venturi
