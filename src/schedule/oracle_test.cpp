// Every row of the tables that Airflow's own classes computed (tests/oracle/tables). A row that fails is printed whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "base/testing/oracle_table.h"
#include "schedule/asset_condition.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"

namespace venturi::schedule {
namespace {

using testing::ElementsAre;
using testing::Pair;


Time need_time(const Value& text) {
  const auto time = parse_time(text.as_string());
  if (!time) throw std::runtime_error("no time: " + to_json(text));
  return *time;
}
std::optional<Time> maybe_time(const Value& row, std::string_view key) {
  const Value* value = row.get(key);
  return value == nullptr ? std::nullopt : std::optional(need_time(*value));
}

// "months=1" or "days=1,hours=2", the keyword arguments of a relativedelta.
Value relativedelta(const std::string& text) {
  Object parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) {
    const auto equals = part.find('=');
    parts.set(part.substr(0, equals), std::stoi(part.substr(equals + 1)));
  }
  return parts;
}

class Oracle : public testing::Test {
 protected:
  Oracle() : zones_(std::move(*TimeZones::load())) {}

  // What Airflow would serialize the row's timetable to.
  Value serialized(const Value& row) {
    const std::map<std::string, std::string> modules = {
        {"CronTriggerTimetable", "trigger"},         {"DeltaTriggerTimetable", "trigger"},
        {"MultipleCronTriggerTimetable", "trigger"}, {"CronDataIntervalTimetable", "interval"},
        {"DeltaDataIntervalTimetable", "interval"},
    };
    const std::string name = row.get_string("timetable");
    Object var;
    if (const Value* cron = row.get("cron")) var.set("expression", *cron);
    if (const Value* crons = row.get("crons")) var.set("expressions", *crons);
    if (name.find("Cron") != std::string::npos) var.set("timezone", row.get_string("timezone", "UTC"));
    if (const Value* seconds = row.get("delta_s")) var.set("delta", seconds->as_double());
    if (const Value* relative = row.get("relativedelta")) var.set("delta", relativedelta(relative->as_string()));
    if (const Value* seconds = row.get("interval_s"); seconds != nullptr && name.find("Trigger") != std::string::npos) {
      var.set("interval", seconds->as_double());
    }
    if (const Value* rule = row.get("run_immediately")) var.set("run_immediately", *rule);
    return Object{{"__type", "airflow.timetables." + modules.at(name) + "." + name}, {"__var", std::move(var)}};
  }
  std::shared_ptr<const Timetable> timetable(const Value& row) {
    const Value value = serialized(row);
    auto added = zones_.add_for(value);
    if (!added) throw std::runtime_error(added.error().text());
    auto made = make_timetable(value, zones_);
    if (!made) throw std::runtime_error(made.error().text() + "\n" + to_json(row));
    return *made;
  }

  TimeZones zones_;
};

TEST_F(Oracle, Timetables) {
  oracle::Table table("timetables");
  std::map<std::string, int> by_kind;
  int runs = 0;
  table.check([&](const Value& row) {
    ++by_kind[row.get_string("timetable")];
    const auto timetable = this->timetable(row);
    const Restriction restriction{maybe_time(row, "start_date"), std::nullopt, row.get_bool("catchup")};
    const Time now = maybe_time(row, "now").value_or(Time{});
    std::optional<DataInterval> last;
    for (const Value& expected : row.at("next").as_array()) {
      const auto run = timetable->next(last, restriction, now);
      ASSERT_TRUE(run) << to_json(row);
      const std::string found = "[\"" + format_time(run->interval.start) + "\",\"" + format_time(run->interval.end) + "\",\"" +
                                format_time(run->run_after) + "\"]";
      ASSERT_EQ(found, to_json(expected)) << "after " << (last ? format_time(last->end) : "nothing") << " in " << to_json(row);
      ASSERT_EQ(run->logical_date, run->interval.start);
      last = run->interval;
      ++runs;
    }
  });
  if (!table.is_ours()) return;
  EXPECT_THAT(by_kind, ElementsAre(Pair("CronDataIntervalTimetable", 237), Pair("CronTriggerTimetable", 267),
                                   Pair("DeltaDataIntervalTimetable", 48), Pair("DeltaTriggerTimetable", 41),
                                   Pair("MultipleCronTriggerTimetable", 18)));
  EXPECT_EQ(runs, 7594);
}

TEST_F(Oracle, ManualIntervals) {
  oracle::Table table("manual_intervals");
  std::map<std::string, int> by_kind;
  table.check([&](const Value& row) {
    ++by_kind[row.get_string("timetable")];
    const DataInterval found = timetable(row)->manual_interval(need_time(row.at("run_after")));
    EXPECT_EQ(format_time(found.start), row.get_string("data_interval_start")) << to_json(row);
    EXPECT_EQ(format_time(found.end), row.get_string("data_interval_end")) << to_json(row);
  });
  if (!table.is_ours()) return;
  EXPECT_THAT(by_kind, ElementsAre(Pair("CronDataIntervalTimetable", 98), Pair("CronTriggerTimetable", 196),
                                   Pair("DeltaDataIntervalTimetable", 3)));
}

// The column "description" (the cron expression in words) has no judge here: nothing of ours makes those words yet.
TEST_F(Oracle, CronValidity) {
  oracle::Table table("cron_validity");
  int valid = 0, invalid = 0, without_any_run = 0;
  table.check([&](const Value& row) {
    const auto made = make_timetable(serialized(row), zones_);
    EXPECT_EQ(made.has_value(), row.get_bool("valid")) << to_json(row) << (made ? "" : made.error().text());
    if (!made || !row.get_bool("valid")) {
      ++invalid;
      if (made) return;
      EXPECT_EQ(made.error().kind, ErrorKind::invalid) << to_json(row);
      EXPECT_FALSE(made.error().hint.empty()) << to_json(row);
      EXPECT_THAT(made.error().text(), testing::HasSubstr("cron \"" + row.get_string("cron") + "\""));
      return;
    }
    ++valid;
    EXPECT_EQ((*made)->summary(), row.get_string("summary")) << to_json(row);
    const Restriction restriction{parse_time("2024-01-01T00:00:00Z"), std::nullopt, true};
    std::optional<DataInterval> last;
    for (const Value& expected : row.at("next").as_array()) {
      const auto run = (*made)->next(last, restriction, *restriction.earliest);
      if (expected.is_object()) {  // {"error": "CroniterBadDateError"}
        ++without_any_run;
        EXPECT_FALSE(run) << to_json(row);
        break;
      }
      ASSERT_TRUE(run) << to_json(row);
      EXPECT_EQ(format_time(run->interval.start), expected.as_array()[0].as_string()) << to_json(row);
      EXPECT_EQ(format_time(run->interval.end), expected.as_array()[1].as_string()) << to_json(row);
      EXPECT_EQ(format_time(run->run_after), expected.as_array()[2].as_string()) << to_json(row);
      last = run->interval;
    }
  });
  if (!table.is_ours()) return;
  EXPECT_EQ(valid, 94);
  EXPECT_EQ(invalid, 22);
  EXPECT_EQ(without_any_run, 2);
}

TEST_F(Oracle, RunIds) {
  oracle::Table table("run_ids");
  table.check([&](const Value& row) {
    const auto type = parse_run_type(row.get_string("run_type"));
    ASSERT_TRUE(type) << to_json(row);
    EXPECT_EQ(make_run_id(*type, need_time(row.at("run_after"))), row.get_string("run_id")) << to_json(row);
  });
  if (table.is_ours()) EXPECT_EQ(table.rows().size(), 18U);
}

TEST_F(Oracle, RetryDelays) {
  oracle::Table table("retry_delays");
  int computed = 0, overridden = 0;
  const auto span = [](const Value& row, std::string_view key) { return from_seconds(row.at(key).as_double()); };
  table.check([&](const Value& row) {
    // A delay that a retry policy gave goes before the rule: whoever reports the failure hands it on, nothing is computed.
    if (const Value* given = row.get("retry_delay_override_s")) {
      ++overridden;
      EXPECT_EQ(from_seconds(given->as_double()), span(row, "delay_s")) << to_json(row);
      return;
    }
    ++computed;
    const bool has_maximum = row.get("max_retry_delay_s") != nullptr;
    const Duration found = retry_delay(row.get_string("dag_id"), row.get_string("task_id"), maybe_time(row, "logical_date"),
                                       static_cast<int>(row.get_int("try_number")), span(row, "retry_delay_s"),
                                       row.get_double("retry_exponential_backoff"),
                                       has_maximum ? std::optional(span(row, "max_retry_delay_s")) : std::nullopt);
    EXPECT_EQ(found, span(row, "delay_s")) << to_json(row);
    EXPECT_GE(to_seconds(found), row.at("bounds_s").as_array()[0].as_double()) << to_json(row);
    EXPECT_LE(to_seconds(found), row.at("bounds_s").as_array()[1].as_double()) << to_json(row);
  });
  if (!table.is_ours()) return;
  EXPECT_EQ(computed, 335);
  EXPECT_EQ(overridden, 3);
}

// ---- conditions on assets ------------------------------------------------------------------------------------------------

// "a", {"any": [...]}, {"all": [...]} of the table as Airflow serializes them.
Value asset_expression(const Value& row) {
  if (row.is_string()) {
    return Object{
        {"__type", "asset"}, {"name", row}, {"uri", "x://" + row.as_string()}, {"group", "asset"}, {"extra", Object{}}};
  }
  const auto& [word, list] = *row.as_object().begin();
  Array objects;
  for (const Value& object : list.as_array()) objects.push_back(asset_expression(object));
  return Object{{"__type", "asset_" + word}, {"objects", std::move(objects)}};
}

// In another way than the code: every set of assets that is enough, as bits of a, b, c, d.
std::set<unsigned> sufficient(const Value& row) {
  if (row.is_string()) return {1U << static_cast<unsigned>(row.as_string()[0] - 'a')};
  const auto& [word, list] = *row.as_object().begin();
  std::set<unsigned> sets;
  if (word == "all") sets.insert(0U);
  for (const Value& object : list.as_array()) {
    const std::set<unsigned> inner = sufficient(object);
    if (word == "any") {
      sets.insert(inner.begin(), inner.end());
      continue;
    }
    std::set<unsigned> both;
    for (const unsigned a : sets) {
      for (const unsigned b : inner) both.insert(a | b);
    }
    sets = std::move(both);
  }
  return sets;
}

// The column true_with is empty in every row of the recording, even for a single asset, so that it judges nothing; expressions
// are Airflow's, and what they mean is worked out twice.
TEST_F(Oracle, AssetConditions) {
  oracle::Table table("asset_conditions");
  table.check([&](const Value& row) {
    ASSERT_TRUE(row.at("true_with").as_array().empty()) << "there is something to compare with now: " << to_json(row);
    const Value serialized = asset_expression(row.at("expression"));
    const auto condition = AssetCondition::from_serialized(serialized);
    ASSERT_TRUE(condition) << to_json(row);
    EXPECT_EQ(condition->serialize(), serialized);
    const std::set<unsigned> enough = sufficient(row.at("expression"));
    for (unsigned events = 0; events < 16; ++events) {
      const bool holds = condition->holds(
          [&](const AssetCondition& asset) { return (events >> static_cast<unsigned>(asset.name()[0] - 'a') & 1U) != 0; });
      const bool wanted = std::ranges::any_of(enough, [&](unsigned set) { return (set & events) == set; });
      EXPECT_EQ(holds, wanted) << events << " in " << to_json(row);
    }
  });
  if (table.is_ours()) EXPECT_EQ(table.rows().size(), 40U);
}

// Of a schedule on assets or time the part that time has, against the rows of that timetable alone.
TEST_F(Oracle, AssetOrTimeHasTheTimesOfItsTimetable) {
  int runs = 0;
  const oracle::Table table("timetables");
  for (const Value& row : table.rows()) {
    const Value alone = serialized(row);
    ASSERT_TRUE(zones_.add_for(alone));
    const auto both =
        make_timetable(Object{{"__type", "airflow.timetables.assets.AssetOrTimeSchedule"},
                              {"__var", Object{{"asset_condition", asset_expression("a")}, {"timetable", alone}}}},
                       zones_);
    ASSERT_TRUE(both) << both.error().text();
    ASSERT_NE((*both)->asset_condition(), nullptr);
    EXPECT_TRUE((*both)->summary().starts_with("Asset or "));
    const Restriction restriction{maybe_time(row, "start_date"), std::nullopt, row.get_bool("catchup")};
    const Value& expected = row.at("next");
    if (expected.as_array().empty()) continue;
    const auto run = (*both)->next({}, restriction, maybe_time(row, "now").value_or(Time{}));
    ASSERT_TRUE(run) << to_json(row);
    EXPECT_EQ(format_time(run->run_after), expected.as_array()[0].as_array()[2].as_string()) << to_json(row);
    ++runs;
  }
  if (table.is_ours()) EXPECT_GT(runs, 500);
}

}  // namespace
}  // namespace venturi::schedule
