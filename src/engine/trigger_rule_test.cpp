// Every row of the table that Airflow's own TriggerRuleDep gave.
#include "engine/trigger_rule.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "base/testing/oracle_table.h"

namespace venturi::engine {
namespace {

std::string_view word(Verdict v) {
  switch (v) {
    case Verdict::wait:
      return "wait";
    case Verdict::run:
      return "run";
    case Verdict::skipped:
      return "skipped";
    case Verdict::upstream_failed:
      return "upstream_failed";
    case Verdict::removed:
      return "removed";
  }
  return "";
}

TEST(TriggerRules, AreAirflows) {
  oracle::Table table("trigger_rules");
  if (table.is_ours()) ASSERT_EQ(table.rows().size(), 1842u);
  table.check([](const Value& row) {
    UpstreamCounts counts;
    const Array& upstream = row.at("upstream").as_array();
    counts.total = static_cast<std::uint32_t>(upstream.size());
    for (const Value& state : upstream) counts.finished.count(parse_task_state(state.as_string()).value_or(TaskState::none), 1);
    for (const Value& setup : row.at("setups").as_array()) {
      const std::string& state = upstream.at(static_cast<std::size_t>(setup.as_int())).as_string();
      ++counts.setups;
      if (state == "success") ++counts.setup_success;
      if (state == "skipped") ++counts.setup_skipped;
    }
    const auto rule = parse_trigger_rule(row.at("rule").as_string());
    ASSERT_TRUE(rule) << to_json(row);
    EXPECT_EQ(word(judge(*rule, counts, static_cast<std::int32_t>(row.at("map_index").as_int()))),
              row.at("outcome").as_string())
        << to_json(row);
  });
}

TEST(TriggerRules, CountingOutUndoesCountingIn) {
  FinishedUpstreams counts;
  counts.count(TaskState::failed, 1);
  counts.count(TaskState::running, 1);
  EXPECT_EQ(counts.done(), 1u);
  counts.count(TaskState::failed, -1);
  EXPECT_EQ(counts.done(), 0u);
}

}  // namespace
}  // namespace venturi::engine
