#include "base/sensor_wait.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/testing/oracle_table.h"

namespace venturi {
namespace {

TEST(SensorWait, AsRecordedOnAirflow) {
  oracle::Table table("sensor_waits");
  if (table.is_ours()) ASSERT_EQ(table.rows().size(), 24U);
  table.check([](const Value& row) {
    SensorTimes times{.poke_interval = row.get_double("poke_interval_s"),
                      .exponential_backoff = true,
                      .max_wait = {},
                      .reschedule = row.get_string("mode") == "reschedule"};
    if (row.get("max_wait_s") != nullptr) times.max_wait = row.get_double("max_wait_s");
    const std::string name = row.get_string("dag_id") + "#" + row.get_string("task_id");
    EXPECT_EQ(next_poke_interval(times, name, row.get_string("started_at"), 0, static_cast<int>(row.get_int("poke_count"))),
              row.get_double("wait_s"))
        << to_json(row);
  });
}

// Computed by BaseSensorOperator of Airflow's task SDK 1.3.2, timeout 30000 s.
TEST(SensorWait, InModeRescheduleTheCountFollowsFromTheTime) {
  struct Row {
    double poke_interval, run_duration;
    std::optional<double> max_wait;
    double wait;
  };
  const Row rows[] = {{0.5, 0, {}, 1},         {0.5, 10.9, {}, 11},      {0.5, 500, {}, 272}, {0.5, 500, 100, 100},
                      {0.5, 500, 0, 272},      {0.5, 20000.5, {}, 9301}, {7, 0, {}, 4},       {7, 500, {}, 439},
                      {7, 20000.5, {}, 10000}, {60, 0, {}, 52},          {60, 10.9, {}, 52},  {60, 500, {}, 464},
                      {3600, 0, {}, 3592},     {3600, 0, 100, 100}};
  for (const Row& row : rows) {
    const SensorTimes times{.poke_interval = row.poke_interval,
                            .timeout = 30000,
                            .exponential_backoff = true,
                            .max_wait = row.max_wait,
                            .reschedule = true};
    EXPECT_EQ(next_poke_interval(times, "adhoc_airflow#s", "2026-01-02 03:04:05.123456+00:00", row.run_duration, 1), row.wait)
        << row.poke_interval << " " << row.run_duration;
  }
}

TEST(SensorWait, WithoutBackoffItIsTheInterval) {
  EXPECT_EQ(next_poke_interval({.poke_interval = 7.5, .max_wait = 1}, "d#s", "x", 1e9, 40), 7.5);
  // Numbers that grow without end do not overflow.
  EXPECT_EQ(next_poke_interval({.poke_interval = 60, .timeout = 1e6, .exponential_backoff = true, .max_wait = {}}, "d#s", "x",
                               10.9, 5000),
            1e6 - 10);
}

}  // namespace
}  // namespace venturi
