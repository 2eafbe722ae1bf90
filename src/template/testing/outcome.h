// What becomes of a row of tests/oracle/tables: a template with options, in the words of record_templates.py.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "template/operators.h"
#include "template/template.h"
#include "template/testing/contexts.h"

namespace venturi::templates::testing {

class RowLoader final : public Loader {
 public:
  explicit RowLoader(const Value& templates) : templates_(templates) {}
  [[nodiscard]] std::optional<std::string> source(std::string_view name) const override {
    const Value* found = templates_.get(name);
    return found == nullptr ? std::nullopt : std::optional(found->as_string());
  }

 private:
  const Value& templates_;
};

// The dates that record_templates.py has under the same names.
inline void add_dates(MapContext& context, const BerlinZone& zones) {
  const auto utc = [](const char* text) { return utc_datetime(*parse_time(text)); };
  const auto berlin = [&zones](std::int64_t wall) {
    return at_wall(wall, std::make_shared<const std::string>("Europe/Berlin"), true, &zones);
  };
  context.add("dt", [=] { return utc("2024-05-06T07:08:09.123456Z"); });
  context.add("day", [=] { return utc("2024-02-29"); });
  context.add("year_end", [=] { return utc("2023-12-31T23:59:59Z"); });
  context.add("berlin", [=] { return berlin(wall_time(2024, 3, 30, 2, 30)); });
  context.add("berlin_summer", [=] { return berlin(wall_time(2024, 7, 1, 12)); });
  context.add("naive", [] { return DateTime{wall_time(2024, 5, 6, 7, 8, 9), nullptr, 0, true}; });
  context.add("old", [=] { return utc("1969-12-31T23:59:59.999999Z"); });
  context.add("delta", [] { return TimeDelta{day_us + 2 * hour_us + 3 * second_us + 4}; });
  context.add("plain", [] { return DateTime{wall_time(2024, 1, 2, 3, 4, 5)}; });
  context.add("plain_date", [] { return Date{static_cast<std::int32_t>(wall_time(2024, 1, 2) / day_us)}; });
  context.add("plain_time", [] { return TimeOfDay{3 * hour_us + 4 * minute_us + 5 * second_us + 6}; });
}

struct Outcome {
  std::string kind;     // text, repr, error
  std::string value;    // for an error the name of its class
  std::string message;  // of an error
};

inline Outcome outcome(const Value& row, const Context& context) {
  auto environment = std::make_shared<Environment>();
  environment->zones = std::make_shared<const BerlinZone>();
  if (const Value* options = row.get("options")) {
    environment->syntax = {options->get_bool("trim_blocks"), options->get_bool("lstrip_blocks"),
                           options->get_bool("keep_trailing_newline")};
  }
  if (const Value* templates = row.get("templates")) environment->loader = std::make_shared<RowLoader>(*templates);
  try {
    const Template parsed(row.get_string("template"), "the template", environment);
    if (row.get_bool("native")) return {"repr", repr(std::get<Item>(parsed.render_native(context))), {}};
    return {"text", std::get<std::string>(parsed.render(context)), {}};
  } catch (const TemplateError& error) {
    return {"error", std::string(python_name(error.kind())), error.what()};
  }
}

// What was recorded. The errors of Python that are one kind here become that.
inline Outcome recorded(const Value& row) {
  static const std::map<std::string, std::string> names = {
      {"InvalidTimezone", "ValueError"},        {"TemplatesNotFound", "TemplateNotFound"},
      {"RuntimeError", "TemplateRuntimeError"}, {"SyntaxError", "TemplateSyntaxError"},
      {"PendulumException", "ValueError"},      {"AssertionError", "ValueError"}};
  if (const Value* error = row.get("error")) {
    const auto found = names.find(error->as_string());
    return {"error", found == names.end() ? error->as_string() : found->second, {}};
  }
  if (const Value* value = row.get("repr")) return {"repr", value->as_string(), {}};
  return {"text", row.get_string("text"), {}};
}

}  // namespace venturi::templates::testing
