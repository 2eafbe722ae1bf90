// The same DAG in C++ and in YAML is the same to all that follows.
#include <gtest/gtest.h>

#include <algorithm>

#include "lanes/yaml/dag_file.h"
#include "sdk/dag_node.h"
#include "sdk/serialize.h"
#include "venturi/choices.h"
#include "venturi/files.h"
#include "venturi/partition.h"
#include "venturi/sensors.h"
#include "venturi/sql.h"

namespace venturi::lanes::yaml {
namespace {

using namespace std::chrono_literals;

// Without what says in which order the same things were written.
Value sorted(const Value& value) {
  if (value.is_array()) {
    Array items;
    for (const Value& item : value.as_array()) items.push_back(sorted(item));
    return items;
  }
  if (!value.is_object()) return value;
  Object members;
  for (const auto& [name, member] : value.as_object()) {
    Value inner = sorted(member);
    if (name == "template_fields")
      std::ranges::sort(inner.as_array(), {}, [](const Value& field) { return field.as_string(); });
    members.add(name, std::move(inner));
  }
  return members;
}

Value of_yaml(std::string_view text) {
  Calendar calendar;
  const DagFile file = read_dag_file(text, {"/dags/f.yaml", "f.yaml", "/dags"}, calendar);
  EXPECT_TRUE(file.problems.empty()) << to_json(file.result.at("import_errors"));
  return sorted(file.result.at("serialized_dags").as_array().at(0).at("data"));
}

Value of_cpp(DagBag& bag) {
  detail::DagNode& dag = *bag.state().dags.front();
  internal::connect_groups(dag);
  internal::check_dag(dag);
  EXPECT_TRUE(dag.mistakes.empty()) << dag.mistakes.front();
  return sorted(internal::serialize_dag(dag, {"/dags/f.yaml", "/dags"}));
}

// Member by member, so that a difference is found.
void expect_same(const Value& cpp, const Value& yaml) {
  for (const auto& [name, member] : cpp.at("dag").as_object()) {
    if (name == "tasks") continue;
    EXPECT_EQ(to_json(member), to_json(yaml.at("dag").get_value(name))) << name;
  }
  const Array &of_cpp = cpp.at("dag").at("tasks").as_array(), &of_yaml = yaml.at("dag").at("tasks").as_array();
  ASSERT_EQ(of_cpp.size(), of_yaml.size());
  for (std::size_t i = 0; i < of_cpp.size(); ++i) {
    const Value &a = of_cpp[i].at("__var"), &b = of_yaml[i].at("__var");
    EXPECT_EQ(a, b) << to_json(a) << "\n" << to_json(b);
  }
  EXPECT_EQ(cpp, yaml);
}

TEST(SameDag, WhatLooksBackAndLimits) {
  DagBag bag;
  Dag dag = bag.add("same", {.schedule = "@daily",
                             .start_date = "2026-01-01",
                             .timezone = "Europe/Berlin",
                             .max_consecutive_failed_dag_runs = 3,
                             .default_args = {.start_date = "2026-02-01", .wait_for_downstream = true}});
  dag.add(BashOperator{.task_id = "a", .bash_command = "true"}, {.end_date = "2026-03-01T06:30",
                                                                 .ignore_first_depends_on_past = true,
                                                                 .max_active_tis_per_dag = 2,
                                                                 .max_active_tis_per_dagrun = 1,
                                                                 .map_index_template = "{{ task.bash_command }}"});
  expect_same(of_cpp(bag), of_yaml(R"(
dag_id: same
schedule: "@daily"
start_date: 2026-01-01
timezone: Europe/Berlin
max_consecutive_failed_dag_runs: 3
default_args: {start_date: 2026-02-01, wait_for_downstream: true}
tasks:
  a:
    operator: BashOperator
    bash_command: "true"
    end_date: 2026-03-01T06:30
    ignore_first_depends_on_past: true
    max_active_tis_per_dag: 2
    max_active_tis_per_dagrun: 1
    map_index_template: "{{ task.bash_command }}"
)"));
}

TEST(SameDag, OptionsOrderAndCallbacks) {
  DagBag bag;
  Dag dag = bag.add("same",
                    {.schedule = "@daily",
                     .start_date = "2026-01-01T00:00:00Z",
                     .timezone = "Europe/Berlin",
                     .catchup = true,
                     .tags = {"b", "a"},
                     .dagrun_timeout = 1h,
                     .default_args = {.owner = "data",
                                      .retries = 2,
                                      .retry_delay = 30s,
                                      .on_failure_callback =
                                          Notifier{"venturi.notifiers.smtp.SmtpNotifier", Object{{"to", "a@example.com"}}}},
                     .on_success_callback = Notifier{"venturi.notifiers.slack.SlackWebhookNotifier", Object{{"text", "ok"}}}});
  auto a = dag.add(BashOperator{.task_id = "a", .bash_command = "echo {{ ds }}", .env = {{"A", "b"}}});
  auto wait = dag.add(
      FileSensor{.task_id = "wait", .filepath = "/x", .poke_interval = 5s, .timeout = 1h, .mode = SensorMode::reschedule},
      {.retries = 0});
  auto choose = dag.add(BranchDayOfWeekOperator{
      .task_id = "choose", .week_day = {"Monday"}, .follow_task_ids_if_true = "left", .follow_task_ids_if_false = {"right"}});
  auto left = dag.empty("left"),
       right = dag.empty("right", {.trigger_rule = TriggerRule::none_failed,
                                   .on_failure_callback = Callbacks(std::initializer_list<Callback>{})});
  a >> wait >> choose >> Tasks{left, right};
  left >> right;
  expect_same(of_cpp(bag), of_yaml(R"(
dag_id: same
schedule: "@daily"
start_date: "2026-01-01T00:00:00Z"
timezone: Europe/Berlin
catchup: true
tags: [a, b]
dagrun_timeout: 1h
default_args:
  owner: data
  retries: 2
  retry_delay: 30s
  on_failure_callback: {notifier: SmtpNotifier, to: a@example.com}
on_success_callback: {notifier: SlackWebhookNotifier, text: ok}
tasks:
  a: {operator: BashOperator, bash_command: "echo {{ ds }}", env: {A: b}}
  wait: {operator: FileSensor, poke_interval: 5, timeout: 1h, mode: reschedule, filepath: /x, retries: 0, upstream: a}
  choose:
    operator: BranchDayOfWeekOperator
    week_day: [Monday]
    follow_task_ids_if_true: [left]
    follow_task_ids_if_false: [right]
    upstream: wait
  left: {operator: EmptyOperator, upstream: choose}
  right: {operator: EmptyOperator, upstream: [choose, left], trigger_rule: none_failed, on_failure_callback: []}
)"));
}

void expect_same_schedule(Schedule schedule, const std::string& yaml) {
  DagBag bag;
  Dag dag = bag.add("same", {.schedule = std::move(schedule)});
  dag.empty("a");
  SCOPED_TRACE(yaml);
  expect_same(of_cpp(bag), of_yaml("dag_id: same\nschedule: " + yaml + "\ntasks: {a: {operator: EmptyOperator}}\n"));
}

TEST(SameDag, PartitionedAssets) {
  const Asset orders("s3://orders"), customers("s3://customers", "customers", "lake");
  const auto of = [&](const PartitionMapper& mapper) {
    return Schedule(PartitionedAssetTimetable{.assets = orders, .default_partition_mapper = mapper});
  };
  const auto same = [&](const PartitionMapper& cpp, const std::string& yaml) {
    expect_same_schedule(of(cpp),
                         "{timetable: PartitionedAssetTimetable, assets: s3://orders, default_partition_mapper: " + yaml + "}");
  };
  expect_same_schedule(PartitionedAssetTimetable{.assets = orders},
                       "{timetable: PartitionedAssetTimetable, assets: s3://orders}");
  expect_same_schedule(
      PartitionedAssetTimetable{.assets = orders & customers,
                                .partition_mapper_config = {{customers, StartOfDayMapper()}, {orders, FixedKeyMapper("all")}}},
      "{timetable: PartitionedAssetTimetable, assets: [s3://orders, {uri: s3://customers, name: customers, group: lake}], "
      "partition_mapper_config: {customers: StartOfDayMapper, s3://orders: {mapper: FixedKeyMapper, downstream_key: all}}}");
  same(IdentityMapper(), "IdentityMapper");
  same(AllowedKeyMapper({"eu", "us"}), "{mapper: AllowedKeyMapper, allowed_keys: [eu, us]}");
  same(StartOfHourMapper(), "StartOfHourMapper");
  same(StartOfWeekMapper({.timezone = "Europe/Berlin", .input_format = "%Y%m%d", .output_format = "%Y w%V"}),
       "{mapper: StartOfWeekMapper, timezone: Europe/Berlin, input_format: '%Y%m%d', output_format: '%Y w%V'}");
  same(StartOfMonthMapper().max_downstream_keys(3), "{mapper: StartOfMonthMapper, max_downstream_keys: 3}");
  same(StartOfQuarterMapper(), "{mapper: StartOfQuarterMapper}");
  same(StartOfYearMapper(), "StartOfYearMapper");
  same(ProductMapper({IdentityMapper(), StartOfDayMapper()}, "/"),
       "{mapper: ProductMapper, mappers: [IdentityMapper, StartOfDayMapper], delimiter: /}");
  same(ChainMapper({StartOfHourMapper({.output_format = "%Y-%m-%d"}), StartOfDayMapper({.input_format = "%Y-%m-%d"})}),
       "{mapper: ChainMapper, mappers: [{mapper: StartOfHourMapper, output_format: '%Y-%m-%d'}, {mapper: StartOfDayMapper, "
       "input_format: '%Y-%m-%d'}]}");
  same(RollupMapper(StartOfWeekMapper({.input_format = "%Y-%m-%d"}), WeekWindow()),
       "{mapper: RollupMapper, upstream_mapper: {mapper: StartOfWeekMapper, input_format: '%Y-%m-%d'}, window: WeekWindow}");
  same(RollupMapper(FixedKeyMapper("all"), SegmentWindow({"eu", "us"}), MinimumCount(-1)),
       "{mapper: RollupMapper, upstream_mapper: {mapper: FixedKeyMapper, downstream_key: all}, window: {window: SegmentWindow, "
       "segments: [eu, us]}, wait_policy: {wait_policy: MinimumCount, n: -1}}");
  same(FanOutMapper(StartOfMonthMapper(), MonthWindow(PartitionWindow::Direction::backward)),
       "{mapper: FanOutMapper, upstream_mapper: StartOfMonthMapper, window: {window: MonthWindow, direction: backward}}");
  same(FanOutMapper(StartOfHourMapper(), HourWindow(), StartOfHourMapper({.output_format = "%Y-%m-%dT%H:%M"})),
       "{mapper: FanOutMapper, upstream_mapper: StartOfHourMapper, window: HourWindow, downstream_mapper: {mapper: "
       "StartOfHourMapper, output_format: '%Y-%m-%dT%H:%M'}}");
}

TEST(SameDag, SchedulesWithPartitions) {
  expect_same_schedule(CronPartitionTimetable{.cron = "0 1 * * *",
                                              .timezone = "Europe/Berlin",
                                              .run_offset = -1,
                                              .run_immediately = 10min,
                                              .key_format = "%Y-%m-%d"},
                       "{timetable: CronPartitionTimetable, cron: '0 1 * * *', timezone: Europe/Berlin, run_immediately: 10m, "
                       "run_offset: -1, key_format: '%Y-%m-%d'}");
  expect_same_schedule(PartitionedAtRuntime{}, "{timetable: PartitionedAtRuntime}");
}

TEST(SameDag, GroupsMappingSetupsAndOutputs) {
  DagBag bag;
  Dag dag = bag.add("same");
  auto rows = dag.add(SQLExecuteQueryOperator{.task_id = "rows", .sql = "SELECT 1", .conn_id = "shop"});
  auto make = dag.add(BashOperator{.task_id = "make", .bash_command = "mktemp"}).as_setup();
  auto drop = dag.add(BashOperator{.task_id = "drop", .bash_command = "rm"}).as_teardown(make);
  dag.partial(BashOperator{.task_id = "each", .cwd = "/tmp"}).expand(&BashOperator::bash_command, expand({"pwd", "ls"}));
  TaskGroup group = dag.group("work", {.tooltip = "t", .default_args = {.pool = "p"}});
  auto first = group.add(BashOperator{.task_id = "first", .bash_command = make});
  auto second = group.add(BashOperator{.task_id = "second", .bash_command = "true"});
  first >> second;
  make >> group;
  group >> drop;
  rows >> make;
  expect_same(of_cpp(bag), of_yaml(R"(
dag_id: same
tasks:
  rows: {operator: SQLExecuteQueryOperator, sql: SELECT 1, conn_id: shop, downstream: make}
  make: {operator: BashOperator, bash_command: mktemp}
  drop: {operator: BashOperator, bash_command: rm, as_teardown: make, upstream: work}
  each: {operator: BashOperator, cwd: /tmp, expand: {bash_command: [pwd, ls]}}
task_groups:
  work:
    tooltip: t
    default_args: {pool: p}
    upstream: make
    tasks:
      first: {operator: BashOperator, bash_command: {xcom: make}}
      second: {operator: BashOperator, bash_command: "true", upstream: first}
)"));
}

}  // namespace
}  // namespace venturi::lanes::yaml
