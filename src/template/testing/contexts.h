// Variables and zones for tests.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "template/template.h"

namespace venturi::templates::testing {

// Variables that are made anew for each rendering.
class MapContext final : public Context {
 public:
  explicit MapContext(Value values = Object()) : values_(std::move(values)) {}
  void add(std::string name, std::function<Item()> make) { made_[std::move(name)] = std::move(make); }
  [[nodiscard]] std::optional<Item> find(std::string_view name) const override {
    if (const auto found = made_.find(name); found != made_.end()) return found->second();
    const Value* value = values_.as_object().find(name);
    return value == nullptr ? std::nullopt : std::optional(from_value(*value));
  }

 private:
  Value values_;
  std::map<std::string, std::function<Item()>, std::less<>> made_;
};

// Europe/Berlin by the rule that has held since 1996.
class BerlinZone final : public Zones {
 public:
  [[nodiscard]] std::optional<Offset> at(std::string_view zone, Time time) const override {
    using namespace std::chrono;
    if (zone != "Europe/Berlin") return std::nullopt;
    const year of(year_month_day(floor<days>(time)).year());
    const auto begin = sys_days(of / March / Sunday[last]) + 1h, end = sys_days(of / October / Sunday[last]) + 1h;
    if (time >= begin && time < end) return Offset{7200, true, "CEST"};
    return Offset{3600, false, "CET"};
  }
};

}  // namespace venturi::templates::testing
