// Every row of the tables that the real Jinja2 and pendulum made (tests/oracle/record_templates.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "base/json.h"
#include "template/operators.h"
#include "template/template.h"
#include "template/testing/contexts.h"

namespace venturi::templates {
namespace {

using testing::BerlinZone;
using testing::MapContext;

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

Value read_table(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(VENTURI_SOURCE_DIR "/tests/oracle/tables/" + name + ".json").rdbuf();
  auto value = parse_json(text.str());
  if (!value) throw std::runtime_error(value.error().text());
  return std::move(*value);
}

// The errors of Python that are one kind here.
std::string our_name(const std::string& python) {
  static const std::map<std::string, std::string> names = {{"InvalidTimezone", "ValueError"},
                                                           {"TemplatesNotFound", "TemplateNotFound"},
                                                           {"RuntimeError", "TemplateRuntimeError"},
                                                           {"AssertionError", "ValueError"}};
  const auto found = names.find(python);
  return found == names.end() ? python : found->second;
}

std::string outcome(const Value& row, const Context& context) {
  auto environment = std::make_shared<Environment>();
  environment->zones = std::make_shared<const BerlinZone>();
  if (const Value* options = row.get("options")) {
    environment->syntax = {options->get_bool("trim_blocks"), options->get_bool("lstrip_blocks"),
                           options->get_bool("keep_trailing_newline")};
  }
  if (const Value* templates = row.get("templates")) environment->loader = std::make_shared<RowLoader>(*templates);
  try {
    const Template parsed(row.get_string("template"), "the template", environment);
    if (row.get_bool("native")) return "repr " + repr(std::get<Item>(parsed.render_native(context)));
    return "text " + std::get<std::string>(parsed.render(context));
  } catch (const TemplateError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr(", line ")) << to_json(row);
    return "error " + std::string(python_name(error.kind())) + " // " + error.what();
  }
}

std::string expected(const Value& row) {
  if (const Value* error = row.get("error")) return "error " + our_name(error->as_string());
  if (const Value* value = row.get("repr")) return "repr " + value->as_string();
  return "text " + row.get_string("text");
}

std::size_t check(const std::string& name, const MapContext& context) {
  const Value table = read_table(name);
  for (const Value& row : table.at("rows").as_array()) {
    const std::string found = outcome(row, context), wanted = expected(row);
    EXPECT_EQ(found.substr(0, found.find(" // ")), wanted) << row.get_string("template") << "\n" << found;
  }
  return table.at("rows").as_array().size();
}

TEST(Differential, Language) {
  EXPECT_EQ(check("jinja_language", MapContext(read_table("jinja_language").at("context"))), 653U);
}

TEST(Differential, Builtins) {
  EXPECT_EQ(check("jinja_builtins", MapContext(read_table("jinja_builtins").at("context"))), 645U);
}

TEST(Differential, Pendulum) {
  const BerlinZone zones;
  const auto utc = [](const char* text) { return utc_datetime(*parse_time(text)); };
  const auto berlin = [&](std::int64_t wall) {
    return at_wall(wall, std::make_shared<const std::string>("Europe/Berlin"), true, &zones);
  };
  MapContext context;
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
  EXPECT_EQ(check("pendulum", context), 421U);
}

}  // namespace
}  // namespace venturi::templates
