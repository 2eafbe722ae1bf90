// What files become, and what is told of those that are wrong: as texts, as their authors read them.
#include "lanes/yaml/dag_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "catalog/catalog.h"
#include "lanes/yaml/json_schema.h"
#include "lanes/yaml/keys.h"
#include "lanes/yaml/reference.h"
#include "model/json_schema.h"

namespace venturi::lanes::yaml {
namespace {

using testing::ElementsAre;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class DagFileTest : public testing::Test {
 protected:
  DagFile read(std::string_view text, const std::string& name = "f.yaml") {
    return read_dag_file(text, {"/dags/" + name, name, "/dags"}, calendar_);
  }
  // Without the name of the file in front of each.
  std::string problems_of(std::string_view text) {
    std::string all;
    for (const YamlProblem& problem : read(text).problems)
      all += (all.empty() ? "" : "\n") + problem_line("", problem).substr(1);
    return all;
  }
  // Of a DAG of these tasks.
  std::string problems_of_tasks(std::string_view tasks) { return problems_of("tasks:\n" + std::string(tasks)); }

  Value dag(std::string_view text) {
    const DagFile file = read(text);
    EXPECT_TRUE(file.problems.empty()) << problems_of(text);
    const Array& all = file.result.at("serialized_dags").as_array();
    return all.empty() ? Value() : all.front().at("data").at("dag");
  }
  // A task's "__var".
  static Value task(const Value& dag, std::string_view id) {
    for (const Value& one : dag.at("tasks").as_array()) {
      if (one.at("__var").get_string("task_id") == id) return one.at("__var");
    }
    ADD_FAILURE() << "there is no task " << id;
    return {};
  }
  static std::string downstream(const Value& dag, std::string_view id) {
    return to_json(task(dag, id).at("downstream_task_ids"));
  }

  Calendar calendar_;
};

TEST_F(DagFileTest, ReadsOptionsAndArguments) {
  const Value d = dag(R"(
dag_id: orders
schedule: "0 5 * * *"
start_date: 2026-01-01
end_date: "2026-06-01T10:00:00+02:00"
timezone: Europe/Berlin
catchup: true
tags: [b, a]
description: All orders
doc_md: "# Orders"
max_active_runs: 2
max_active_tasks: 3
template_searchpath: [sql, /srv/sql]
dagrun_timeout: 1h30m
is_paused_upon_creation: false
default_args:
  owner: data
  retries: 2
  retry_delay: {minutes: 1, seconds: 30}
  cwd: /tmp
on_failure_callback:
  - {notifier: SmtpNotifier, to: [a@example.com]}
tasks:
  one:
    operator: BashOperator
    bash_command: echo {{ ds }}
    env: {A: b}
    retries: 0
    retry_exponential_backoff: true
    execution_timeout: 90
    trigger_rule: all_done
    pool: p
    pool_slots: 2
    priority_weight: -5
    weight_rule: absolute
    do_xcom_push: false
)");
  EXPECT_EQ(d.get_string("dag_id"), "orders");
  EXPECT_EQ(
      to_json(d.at("timetable")),
      R"({"__type":"airflow.timetables.trigger.CronTriggerTimetable","__var":{"expression":"0 5 * * *","timezone":"Europe/Berlin","interval":0.0,"run_immediately":false}})");
  EXPECT_EQ(d.at("start_date"), Value(1767222000.0));  // midnight in Berlin
  EXPECT_EQ(d.at("end_date"), Value(1780300800.0));
  EXPECT_EQ(to_json(d.at("tags")), R"(["a","b"])");
  EXPECT_EQ(to_json(d.at("template_searchpath")), R"(["sql","/srv/sql"])");
  EXPECT_EQ(d.at("dagrun_timeout"), Value(5400.0));
  EXPECT_EQ(d.at("max_active_runs"), Value(2));
  EXPECT_EQ(d.at("is_paused_upon_creation"), Value(false));
  EXPECT_EQ(
      to_json(d.at("notifiers")),
      R"({"on_failure_callback":[{"classpath":"venturi.notifiers.smtp.SmtpNotifier","kwargs":{"to":["a@example.com"]}}]})");
  EXPECT_EQ(d.get_string("fileloc"), "/dags/f.yaml");
  EXPECT_EQ(d.get_string("relative_fileloc"), "f.yaml");
  const Value one = task(d, "one");
  EXPECT_EQ(one.get_string("task_type"), "BashOperator");
  EXPECT_EQ(one.get_string("_task_module"), "venturi.operators.bashoperator");
  EXPECT_EQ(one.get_string("bash_command"), "echo {{ ds }}");
  EXPECT_EQ(to_json(one.at("env")), R"({"__type":"dict","__var":{"A":"b"}})");
  EXPECT_EQ(one.get_string("cwd"), "/tmp");
  EXPECT_EQ(one.get_string("owner"), "data");
  EXPECT_EQ(one.at("retries"), Value(0));
  EXPECT_EQ(one.at("retry_delay"), Value(90.0));
  EXPECT_EQ(one.at("retry_exponential_backoff"), Value(2.0));
  EXPECT_EQ(one.at("execution_timeout"), Value(90.0));
  EXPECT_EQ(one.get_string("trigger_rule"), "all_done");
  EXPECT_EQ(one.at("priority_weight"), Value(-5));
  EXPECT_EQ(one.get_string("weight_rule"), "absolute");
  EXPECT_EQ(one.at("do_xcom_push"), Value(false));
  EXPECT_EQ(to_json(one.at("template_fields")), R"(["bash_command","env","cwd"])");
}

TEST_F(DagFileTest, AFileMayHaveSeveralDags) {
  const auto ids = [this](std::string_view text) {
    EXPECT_EQ(problems_of(text), "");
    return read(text, "team/x.yml").dag_ids;
  };
  EXPECT_THAT(ids("tasks: {a: {operator: EmptyOperator}}"), ElementsAre("x"));
  EXPECT_THAT(ids("dags:\n  b: {tasks: {a: {operator: EmptyOperator}}}\n  a: {tasks: [{task_id: t, operator: EmptyOperator}]}"),
              ElementsAre("b", "a"));
  EXPECT_THAT(ids("dags: [{dag_id: c, tasks: {a: {operator: EmptyOperator}}}]"), ElementsAre("c"));
  EXPECT_THAT(ids("dag_id: a\ntasks: &t {a: {operator: EmptyOperator}}\n---\ndag_id: b\ntasks: {a: {operator: EmptyOperator}}"),
              ElementsAre("a", "b"));
  EXPECT_EQ(problems_of("dags:\n  a: {tasks: {a: {operator: EmptyOperator}}}\n  b: {dag_id: a, tasks: {a: {operator: "
                        "EmptyOperator}}}"),
            "3:15: the dag_id `a` is that of the DAG on line 2: give each an id of its own");
  // One that is wrong takes nothing from the others.
  EXPECT_THAT(read("dags:\n  good: {tasks: {a: {operator: EmptyOperator}}}\n  bad: {tasks: {a: {}}}").dag_ids,
              ElementsAre("good"));
}

TEST_F(DagFileTest, OrderGoesThroughGroups) {
  const Value d = dag(R"(
tasks:
  first: {operator: EmptyOperator, downstream: work}
  last: {operator: EmptyOperator, upstream: [work, work.b]}
task_groups:
  work:
    tasks:
      a: {operator: EmptyOperator}
      b: {operator: EmptyOperator, upstream: a}
    task_groups:
      inner:
        prefix_group_id: false
        upstream: b
        tasks: {c: {operator: EmptyOperator, retries: 1}}
    default_args: {retries: 5}
)");
  EXPECT_EQ(downstream(d, "first"), R"(["work.a"])");
  EXPECT_EQ(downstream(d, "work.a"), R"(["work.b"])");
  EXPECT_EQ(downstream(d, "work.b"), R"(["c","last"])");
  EXPECT_EQ(downstream(d, "c"), R"(["last"])");
  EXPECT_EQ(task(d, "work.a").at("retries"), Value(5));
  EXPECT_EQ(task(d, "c").at("retries"), Value(1));
}

TEST_F(DagFileTest, OutputsMakeEdges) {
  const Value d = dag(R"(
tasks:
  a: {operator: ConstantOperator, value: {x: 1}}
  b: {operator: BashOperator, bash_command: "true", env: {A: {xcom: a, key: x}}}
)");
  EXPECT_EQ(downstream(d, "a"), R"(["b"])");
  EXPECT_EQ(to_json(task(d, "b").at("env")),
            R"({"__type":"dict","__var":{"A":{"__type":"xcomref","__var":{"task_id":"a","key":"x"}}}})");
  EXPECT_EQ(to_json(task(d, "a").at("value")), R"({"__type":"dict","__var":{"x":1}})");
}

TEST_F(DagFileTest, MapsTasksAndGroups) {
  const Value d = dag(R"(
tasks:
  list: {operator: ConstantOperator, value: [a]}
  each: {operator: BashOperator, partial: {cwd: /tmp}, expand: {bash_command: {xcom: list}}}
  some: {operator: BashOperator, expand_kwargs: [{bash_command: pwd, cwd: /}]}
task_groups:
  g:
    expand: {name: {xcom: list}}
    tasks: {t: {operator: BashOperator, bash_command: {item: name}}}
)");
  EXPECT_EQ(downstream(d, "list"), R"(["each","g.t"])");
  EXPECT_EQ(
      to_json(task(d, "each").at("expand_input")),
      R"({"type":"dict-of-lists","value":{"__type":"dict","__var":{"bash_command":{"__type":"xcomref","__var":{"task_id":"list","key":"return_value"}}}}})");
  EXPECT_EQ(to_json(task(d, "each").at("partial_kwargs")), R"({"cwd":"/tmp"})");
  EXPECT_EQ(to_json(task(d, "some").at("expand_input")),
            R"({"type":"list-of-dicts","value":[{"__type":"dict","__var":{"bash_command":"pwd","cwd":"/"}}]})");
  EXPECT_EQ(to_json(task(d, "g.t").at("bash_command")), R"({"__type":"xcomref","__var":{"type":"item","axis":0,"list":0}})");
}

TEST_F(DagFileTest, SetupsTeardownsAndBranches) {
  const Value d = dag(R"(
tasks:
  make: {operator: EmptyOperator}
  use: {operator: EmptyOperator, upstream: make}
  drop: {operator: EmptyOperator, upstream: use, as_teardown: {setups: make, on_failure_fail_dagrun: true}}
  choose:
    operator: BranchDayOfWeekOperator
    week_day: Monday
    follow_task_ids_if_true: yes_
    follow_task_ids_if_false: [no_]
  yes_: {operator: EmptyOperator, upstream: choose}
  no_: {operator: EmptyOperator, upstream: choose}
)");
  EXPECT_EQ(downstream(d, "make"), R"(["drop","use"])");
  EXPECT_TRUE(task(d, "make").get_bool("is_setup"));
  EXPECT_TRUE(task(d, "drop").get_bool("is_teardown"));
  EXPECT_TRUE(task(d, "drop").get_bool("on_failure_fail_dagrun"));
  EXPECT_TRUE(task(d, "choose").get_bool("_can_skip_downstream"));
}

TEST_F(DagFileTest, Schedules) {
  const auto timetable = [this](std::string_view schedule) {
    const Value d = dag("schedule: " + std::string(schedule) + "\ntasks: {a: {operator: EmptyOperator}}");
    return d.at("timetable").get_string("__type") + " " + to_json(d.at("timetable").at("__var"));
  };
  EXPECT_EQ(timetable("null"), "airflow.timetables.simple.NullTimetable {}");
  EXPECT_EQ(timetable("'@once'"), "airflow.timetables.simple.OnceTimetable {}");
  EXPECT_EQ(timetable("1d"), R"(airflow.timetables.trigger.DeltaTriggerTimetable {"delta":86400.0,"interval":0.0})");
  EXPECT_EQ(timetable("{hours: 2}"), R"(airflow.timetables.trigger.DeltaTriggerTimetable {"delta":7200.0,"interval":0.0})");
  EXPECT_EQ(timetable("{timetable: DeltaDataIntervalTimetable, delta: 6h}"),
            R"(airflow.timetables.interval.DeltaDataIntervalTimetable {"delta":21600.0})");
  EXPECT_EQ(
      timetable("{timetable: MultipleCronTriggerTimetable, crons: ['0 5 * * *', '0 9 * * *'], timezone: Europe/Berlin}"),
      R"(airflow.timetables.trigger.MultipleCronTriggerTimetable {"expressions":["0 5 * * *","0 9 * * *"],"timezone":"Europe/Berlin","interval":0.0,"run_immediately":false})");
  EXPECT_EQ(
      timetable("{timetable: EventsTimetable, event_dates: [2026-01-01, 2026-02-01]}"),
      R"(airflow.timetables.events.EventsTimetable {"event_dates":["2026-01-01T00:00:00Z","2026-02-01T00:00:00Z"],"restrict_to_events":false})");
}

TEST_F(DagFileTest, ParamsHaveSchemas) {
  const Value d =
      dag("params: {a: 5, b: {default: 1, type: integer, maximum: 3, description: d}, c: {type: string}}\n"
          "tasks: {t: {operator: EmptyOperator, params: {x: [1]}}}");
  EXPECT_EQ(
      to_json(d.at("params").as_array()[1].as_array()[1]),
      R"({"__class":"airflow.sdk.definitions.param.Param","default":1,"description":"d","schema":{"__type":"dict","__var":{"type":"integer","maximum":3}},"source":null})");
  EXPECT_EQ(to_json(d.at("params").as_array()[2].as_array()[1].at("default")), R"({"__type":"arg_not_set","__var":null})");
  EXPECT_EQ(to_json(task(d, "t").at("params").as_array()[0].as_array()[0]), R"("x")");
}

TEST_F(DagFileTest, TellsAllMistakesAtOnce) {
  EXPECT_EQ(problems_of(R"(dag_id: bad
schedul: "@daily"
owner: me
max_active_runs: 0
tasks:
  a:
    operator: BashOperatr
  b:
    operator: BashOperator
    bash_command: 5
    cwd: yes
    upstream: [c]
    trigger_rule: all_sucess
    retry_delay: soon
    on_failure_callback: {notifier: SmtpNotifier, too: x@example.com}
  python: {operator: PythonOperator}
)"),
            R"(2:1: a DAG has no key `schedul`: did you mean `schedule`?
3:1: a DAG has no key `owner`: it is an option of tasks: write it below `default_args`
4:18: `max_active_runs` has to be from 1 to 2147483647, not 0
7:15: unknown operator `BashOperatr`: did you mean `BashOperator`?
10:19: `bash_command` has to be a text, not an integer: put it in quotes: "5"
11:10: `cwd` has to be a text, not true or false: put it in quotes: "yes"
12:16: there is no task or task group `c`: did you mean `a`?
13:19: unknown trigger rule `all_sucess`: did you mean `all_success`?
14:18: `retry_delay` has to be a time span: seconds, or a text such as 30s, 5m, 1h30m or 2d
15:51: SmtpNotifier has no key `too`: did you mean `to`?
16:22: unknown operator `PythonOperator`: functions need code: write the DAG in C++, or use another operator)");
}

TEST_F(DagFileTest, MistakesOfTasks) {
  EXPECT_EQ(problems_of_tasks("  a: {}\n"), "2:3: task `a` has no `operator`: say what it does");
  EXPECT_EQ(problems_of_tasks("  a: EmptyOperator\n"),
            "2:6: `a` has to be a task, which is a mapping, not a text: write `operator: ...` below it");
  EXPECT_EQ(problems_of_tasks("  a b: {operator: EmptyOperator}\n"),
            "2:3: the task_id `a b` is not allowed: an id is made of 1 to 250 letters, digits, dashes, dots and underscores");
  EXPECT_EQ(problems_of_tasks("  - {operator: EmptyOperator}\n"), "2:5: an element of `tasks` has no `task_id`: give it one");
  EXPECT_EQ(problems_of_tasks("  - {task_id: a, operator: EmptyOperator}\n  - {task_id: a, operator: EmptyOperator}\n"),
            "3:5: there is a task `a` already: give each an id of its own");
  EXPECT_EQ(problems_of_tasks("  a: {operator: BashOperator}\n"), "2:3: task `a`: BashOperator needs `bash_command`: give it");
  EXPECT_EQ(problems_of_tasks("  a: {operator: EmptyOperator, outlets: {url: x}}\n"),
            "2:41: an asset has no uri and no name: give it one\n2:42: an asset has no key `url`: did you mean `uri`?");
  EXPECT_THAT(problems_of_tasks("  a: {operator: EmptyOperator, start_date: soon}\n"),
              testing::StartsWith("2:3: `start_date`: `soon` is no date"));
  EXPECT_EQ(problems_of_tasks("  a: {operator: EmptyOperator, upstream: a}\n"),
            "2:3: task a: it shall run after itself: take that dependency away");
  EXPECT_EQ(problems_of("tasks:\n"), "1:1: DAG `f` has no tasks: write some below `tasks`");
}

TEST_F(DagFileTest, SensorsHaveModesAndTheZoneOfTheDag) {
  EXPECT_EQ(problems_of_tasks("  a: {operator: FileSensor, filepath: /x, mode: pok}\n"),
            "2:49: unknown mode of a sensor `pok`: did you mean `poke`?");
  const Value d =
      dag("timezone: Asia/Tokyo\ntasks: {a: {operator: TimeSensor, target_time: '07:30', mode: reschedule, timeout: 1h}}");
  EXPECT_EQ(task(d, "a").get_string("timezone"), "Asia/Tokyo");
  EXPECT_EQ(task(d, "a").at("timeout"), Value(3600.0));
}

TEST_F(DagFileTest, CyclesAreFoundThroughGroups) {
  EXPECT_EQ(problems_of(R"(
tasks:
  a: {operator: EmptyOperator, upstream: g}
  b: {operator: EmptyOperator, upstream: a, downstream: g}
task_groups:
  g: {tasks: {c: {operator: EmptyOperator}}}
)"),
            "3:3: its tasks form a cycle: a -> b -> g.c -> a; take one of these dependencies away");
  EXPECT_EQ(problems_of("task_groups:\n  g: {upstream: g.a, tasks: {a: {operator: EmptyOperator}}}\n"),
            "2:6: task group g: it shall run after task g.a, and one of them is part of the other: take that dependency away");
}

TEST_F(DagFileTest, MistakesOfBranchesMappingAndTeardowns) {
  EXPECT_EQ(problems_of_tasks("  a: {operator: BranchDayOfWeekOperator, week_day: Monday, follow_task_ids_if_true: bb, "
                              "follow_task_ids_if_false: b}\n"
                              "  b: {operator: EmptyOperator, upstream: a}\n"),
            "2:85: `bb` is not directly below this branch: did you mean `b`?");
  EXPECT_EQ(problems_of_tasks("  a: {operator: BashOperator, expand: {bash_comand: [x]}}\n"),
            "2:3: task `a`: BashOperator needs `bash_command`: give it\n"
            "2:40: BashOperator has no key `bash_comand`: did you mean `bash_command`?");
  EXPECT_EQ(problems_of_tasks("  a: {operator: BashOperator, expand: {bash_command: [1]}}\n"),
            "2:55: `bash_command` has to be a text, not an integer: put it in quotes: \"1\"");
  EXPECT_EQ(problems_of_tasks("  a: {operator: BashOperator, bash_command: {item: x}}\n"),
            "2:52: no task group around it is mapped over a list `x`: write `expand: {x: ...}` in the group");
  EXPECT_EQ(problems_of_tasks(
                "  a: {operator: EmptyOperator}\n  b: {operator: EmptyOperator, as_teardown: a, trigger_rule: all_done}\n"),
            "3:3: task b: a teardown has no trigger_rule of its own: it runs when all that is above it is done and a setup "
            "succeeded; take trigger_rule away");
}

TEST_F(DagFileTest, MistakesOfSchedules) {
  const auto of_schedule = [this](std::string_view schedule) {
    return problems_of("schedule: " + std::string(schedule) + "\ntasks: {a: {operator: EmptyOperator}}");
  };
  EXPECT_EQ(of_schedule("'0 25 * * *'"), "1:11: cron \"0 25 * * *\": hour \"25\" is not within 0 to 23: hour may be 0 to 23");
  EXPECT_EQ(of_schedule("'@dayly'").substr(0, 37), "1:11: schedule: \"@dayly\" is unknown: ");
  EXPECT_EQ(of_schedule("{timetable: CronTrigerTimetable, cron: x}"),
            "1:23: unknown timetable `CronTrigerTimetable`: did you mean `CronTriggerTimetable`?");
  EXPECT_EQ(of_schedule("{timetable: DeltaTriggerTimetable}"), "1:11: DeltaTriggerTimetable needs `delta`: give it");
  EXPECT_EQ(problems_of("start_date: tomorrow\ntasks: {a: {operator: EmptyOperator}}"),
            "1:13: `start_date`: `tomorrow` is no date: write 2026-01-31, 2026-01-31T06:30 or 2026-01-31T06:30:00+01:00");
  EXPECT_THAT(problems_of("timezone: Europe/Berln\ntasks: {a: {operator: EmptyOperator}}"), testing::StartsWith("1:11: "));
}

TEST_F(DagFileTest, TemplatesAreParsed) {
  EXPECT_EQ(problems_of_tasks("  a: {operator: BashOperator, bash_command: 'echo {{ ds }'}\n").substr(0, 65),
            "2:45: the template of `bash_command` cannot be parsed: unexpected");
  EXPECT_THAT(problems_of_tasks(
                  "  a:\n    operator: BashOperator\n    bash_command: |\n      echo\n      {% if x %}\n      {% nd %}\n"),
              testing::MatchesRegex("4:19: the template of `bash_command` cannot be parsed: .*, on its line 3"));
  EXPECT_EQ(problems_of_tasks("  a: {operator: BashOperator, bash_command: '{{ macros.ds_add(ds, 1) | upper }}'}\n"), "");
}

TEST_F(DagFileTest, OtherYamlFilesAreLeftAlone) {
  EXPECT_TRUE(is_dag_file("a.yaml", "# x\ndag_id: a\n"));
  EXPECT_TRUE(is_dag_file("a.yml", "tasks:\n"));
  EXPECT_FALSE(is_dag_file("docker-compose.yaml", "services:\n  web:\n    tasks: 1\n"));
  EXPECT_FALSE(is_dag_file("a.txt", "dag_id: a\n"));
}

TEST_F(DagFileTest, TheSameTextGivesTheSameDags) {
  const char* text = "tasks: {a: {operator: BashOperator, bash_command: pwd}}\n";
  EXPECT_EQ(to_json(read(text).result), to_json(read("# a comment\n" + std::string(text)).result));
}

// Docs and editors take it from there.
TEST(YamlSchema, IsThatOfTheDocumentation) {
  EXPECT_EQ(text_of(VENTURI_SOURCE_DIR "/docs/reference/dag-schema.json"), to_json(json_schema(), 1) + "\n")
      << "write it anew: scripts/yaml-tables";
}

TEST(YamlReference, IsThatOfTheDocumentation) {
  EXPECT_EQ(text_of(VENTURI_SOURCE_DIR "/docs/reference/yaml.md"), yaml_reference()) << "write it anew: scripts/yaml-tables";
}

// What an editor says of a file is what the lane says of it.
TEST(YamlSchema, TakesTheExamplesAndRefusesMistakes) {
  const auto schema = JsonSchema::parse(json_schema());
  ASSERT_TRUE(schema) << schema.error().text();
  const auto misfit = [&](std::string_view text) {
    const YamlText yaml = read_yaml(text);
    return yaml.documents.empty() ? std::optional<std::string>("no document")
                                  : schema->misfit(to_value(*yaml.documents.front()));
  };
  int files = 0;
  for (const char* folder : {"/examples/cookbook", "/examples/order_quality"}) {
    for (const auto& entry : std::filesystem::directory_iterator(std::string(VENTURI_SOURCE_DIR) + folder)) {
      if (!has_yaml_name(entry.path().string())) continue;
      ++files;
      EXPECT_EQ(misfit(text_of(entry.path())), std::nullopt) << entry.path();
    }
  }
  EXPECT_GE(files, 5);
  for (const char* text :
       {"schedul: x\ntasks: {}", "tasks: {a: {}}", "tasks: {a: {operator: Nothing}}",
        "tasks: {a: {operator: BashOperator, bash_comand: x}}", "tasks: {a: {operator: EmptyOperator, retries: many}}",
        "tasks: {a: {operator: EmptyOperator, trigger_rule: x}}", "tasks: {a: {operator: EmptyOperator, retry_delay: x}}",
        "dags: {a: {tsks: {}}}", "task_groups: {g: {tasks: {a: {operator: BashOperator, cwd: 5}}}}",
        "on_failure_callback: {notifier: SmtpNotifier, too: x}\ntasks: {}",
        "schedule: {timetable: CronTrigerTimetable, cron: x}\ntasks: {}",
        "schedule: {timetable: PartitionedAssetTimetable, assets: s3://a, default_partition_mapper: {mapper: FixedKeyMapper}}\n"
        "tasks: {}",
        "schedule: {timetable: PartitionedAssetTimetable, assets: s3://a, default_partition_mapper: FixedKeyMapper}\ntasks: "
        "{}"})
    EXPECT_NE(misfit(text), std::nullopt) << text;
}

TEST(YamlKeys, OperatorsTakeNoArgumentThatATaskHas) {
  for (const catalog::OperatorInfo& op : catalog::operators()) {
    for (const catalog::ArgumentInfo& argument : op.arguments)
      EXPECT_EQ(find_key(task_keys(), argument.name), nullptr) << op.task_type << " has an argument " << argument.name;
  }
}

TEST_F(DagFileTest, Deadlines) {
  const Value d = dag(R"(
timezone: Europe/Berlin
deadline:
  - {name: by noon, interval: 1h, callback: {notifier: SmtpNotifier, to: ops@example.com}}
  - {reference: fixed_datetime, datetime: 2026-01-01, callback: {notifier: SmtpNotifier, to: ops@example.com}}
  - {reference: average_runtime, max_runs: 5, interval: 60, callback: {notifier: SmtpNotifier, to: ops@example.com}}
tasks: {a: {operator: EmptyOperator}}
)");
  const Array& list = d.at("deadline").as_array();
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(
      to_json(list[0]),
      R"({"__type":"deadline_alert","__var":{"reference":{"reference_type":"DagRunQueuedAtDeadline"},"interval":3600.0,"name":"by noon","callback":{"notifiers":{"callback":[{"classpath":"venturi.notifiers.smtp.SmtpNotifier","kwargs":{"to":"ops@example.com"}}]}}}})");
  EXPECT_EQ(to_json(list[1].at("__var").at("reference")),
            R"({"reference_type":"FixedDatetimeDeadline","datetime":1767222000.0})");
  EXPECT_EQ(to_json(list[2].at("__var").at("reference")),
            R"({"reference_type":"AverageRuntimeDeadline","max_runs":5,"min_runs":5})");
  EXPECT_EQ(problems_of("tasks: {a: {operator: EmptyOperator}}\ndeadline: {reference: dagrun_queued, interval: 1h}"),
            "2:11: a deadline needs 'callback': give it\n"
            "2:23: unknown reference of a deadline `dagrun_queued`: did you mean `dagrun_queued_at`?");
}

TEST_F(DagFileTest, Assets) {
  const Value d = dag(R"(
schedule: {assets: {any: [s3://a, {all: [s3://b, {uri: s3://c, name: c, group: lake, extra: {tier: 1}}]}]}, time: "@daily"}
tasks:
  load: {operator: EmptyOperator, outlets: s3://out, inlets: [s3://a, {name: c}]}
)");
  const Value timetable = d.at("timetable");
  EXPECT_EQ(timetable.get_string("__type"), "airflow.timetables.assets.AssetOrTimeSchedule");
  EXPECT_THAT(to_json(timetable),
              testing::AllOf(testing::HasSubstr("asset_any"), testing::HasSubstr("asset_all"), testing::HasSubstr("s3://c"),
                             testing::HasSubstr(R"("extra":{"tier":1})"), testing::HasSubstr("0 0 * * *")));
  const Value load = task(d, "load");
  EXPECT_EQ(to_json(load.at("outlets").as_array().at(0).at("__var").at("uri")), R"("s3://out")");
  EXPECT_EQ(load.at("inlets").as_array().size(), 2U);
  EXPECT_EQ(dag("schedule: [s3://a, s3://b]\ntasks: {a: {operator: EmptyOperator}}").at("timetable").get_string("__type"),
            "airflow.timetables.simple.AssetTriggeredTimetable");
}

TEST_F(DagFileTest, AssetAliases) {
  const Value d = dag(R"(
schedule: {assets: {any: [s3://a, {alias: files, group: lake}]}}
tasks:
  load: {operator: EmptyOperator, inlets: [s3://a, {alias: files}]}
)");
  EXPECT_THAT(to_json(d.at("timetable")), testing::HasSubstr(R"({"__type":"asset_alias","name":"files","group":"lake"})"));
  EXPECT_EQ(to_json(task(d, "load").at("inlets").as_array().at(1)),
            R"({"__type":"asset_alias","__var":{"name":"files","group":"asset"}})");
  EXPECT_THAT(problems_of("tasks: {a: {operator: EmptyOperator, outlets: {alias: files}}}"),
              testing::HasSubstr("an asset alias among the outlets of an operator: name the assets themselves"));
  EXPECT_THAT(problems_of("schedule: [{alias: files, name: x}]\ntasks: {a: {operator: EmptyOperator}}"),
              testing::HasSubstr("an asset alias has no key `name`"));
}

TEST_F(DagFileTest, SchedulesWithPartitions) {
  const Value d = dag(R"(
schedule: {timetable: CronPartitionTimetable, cron: "0 1 * * *", run_offset: -1, key_format: "%Y-%m-%d"}
tasks: {a: {operator: EmptyOperator}}
)");
  EXPECT_EQ(d.at("timetable").get_string("__type"), "airflow.timetables.trigger.CronPartitionTimetable");
  EXPECT_THAT(to_json(d.at("timetable")),
              testing::AllOf(testing::HasSubstr(R"("run_offset":-1)"), testing::HasSubstr(R"("key_format":"%Y-%m-%d")")));
  EXPECT_EQ(dag("schedule: {timetable: PartitionedAtRuntime}\ntasks: {a: {operator: EmptyOperator}}")
                .at("timetable")
                .get_string("__type"),
            "airflow.timetables.simple.PartitionedAtRuntime");
  EXPECT_THAT(problems_of("schedule: {timetable: CronPartitionTimetable, cron: '0 1 * * *', key_format: '%A'}\n"
                          "tasks: {a: {operator: EmptyOperator}}"),
              testing::HasSubstr("has %A"));
}

TEST_F(DagFileTest, PartitionMappersThatAreNone) {
  const auto problem = [this](const std::string& mapper) {
    return problems_of(
        "tasks: {a: {operator: EmptyOperator}}\nschedule:\n  timetable: PartitionedAssetTimetable\n"
        "  assets: [s3://orders, s3://customers]\n  default_partition_mapper: " +
        mapper);
  };
  EXPECT_EQ(problem("StartOfDayMaper"), "5:29: unknown partition mapper `StartOfDayMaper`: did you mean `StartOfDayMapper`?");
  EXPECT_EQ(problem("FixedKeyMapper"),
            "5:29: FixedKeyMapper needs `downstream_key`: write {mapper: FixedKeyMapper, downstream_key: ...}");
  EXPECT_EQ(problem("{downstream_key: all}"),
            "5:29: a partition mapper has no `mapper`: name it: {mapper: IdentityMapper, ...}");
  EXPECT_EQ(problem("{mapper: StartOfDayMapper, inputformat: '%Y'}"),
            "5:56: StartOfDayMapper has no key `inputformat`: did you mean `input_format`?");
  EXPECT_THAT(problem("{mapper: StartOfDayMapper, input_format: '%A'}"),
              testing::AllOf(testing::StartsWith("5:70: `input_format`: "), testing::HasSubstr("%A")));
  EXPECT_THAT(problem("{mapper: StartOfDayMapper, timezone: Europe/Berln}"),
              testing::AllOf(testing::StartsWith("5:66: "), testing::HasSubstr("Europe/Berlin")));
  EXPECT_EQ(problem("{mapper: RollupMapper, upstream_mapper: StartOfDayMapper, window: DayWindw}"),
            "5:95: unknown window `DayWindw`: did you mean `DayWindow`?");
  EXPECT_EQ(
      problem("{mapper: RollupMapper, upstream_mapper: StartOfDayMapper, window: {window: DayWindow, direction: backwards}}"),
      "5:126: unknown direction `backwards`: did you mean `backward`?");
  EXPECT_EQ(problem("{mapper: RollupMapper, upstream_mapper: StartOfDayMapper, window: SegmentWindow}"),
            "5:95: SegmentWindow needs `segments`: write {window: SegmentWindow, segments: ...}");
  EXPECT_THAT(problem("{mapper: RollupMapper, upstream_mapper: IdentityMapper, window: DayWindow}"),
              testing::StartsWith("5:29: a RollupMapper pairs a window with a mapper of another kind of keys"));
  EXPECT_EQ(problem("{mapper: FanOutMapper, upstream_mapper: StartOfHourMapper, window: HourWindow}"),
            "5:29: FanOutMapper: of a HourWindow the mapper of the runs' keys has to be given: write `downstream_mapper`");
  EXPECT_EQ(problem("{mapper: RollupMapper, upstream_mapper: StartOfDayMapper, window: DayWindow, wait_policy: MinimumCount}"),
            "5:119: MinimumCount needs `n`: write {wait_policy: MinimumCount, n: ...}");
  EXPECT_THAT(problem("{mapper: ChainMapper, mappers: [StartOfDayMapper]}"),
              testing::StartsWith("5:29: a ProductMapper or ChainMapper needs two mappers or more"));
  EXPECT_EQ(problem("{mapper: ChainMapper, mappers: StartOfDayMapper}"),
            "5:60: `mappers` has to be a list of partition mappers, not a text");
  EXPECT_EQ(problem("IdentityMapper\n  partition_mapper_config: {s3://customer: StartOfDayMapper}"),
            "6:29: the schedule has no asset `s3://customer`: did you mean `s3://customers`?");
  EXPECT_EQ(problem("IdentityMapper\n  partition_mapper_config: [s3://customers]"),
            "6:28: `partition_mapper_config` has to be a mapping of assets, not a list: write {s3://lake/orders: {mapper: "
            "StartOfDayMapper}}");
  EXPECT_EQ(problem("IdentityMapper\n  time: '@daily'"),
            "6:3: PartitionedAssetTimetable has no key `time`: there are: assets, default_partition_mapper, "
            "partition_mapper_config");
  std::string deep = "IdentityMapper";
  for (int i = 0; i < 25; ++i) deep = "{mapper: ChainMapper, mappers: [" + deep + ", IdentityMapper]}";
  EXPECT_THAT(problem(deep), testing::HasSubstr("partition mappers stand too deep within each other: use fewer"));
  EXPECT_EQ(problems_of("schedule: {timetable: PartitionedAssetTimetable}\ntasks: {a: {operator: EmptyOperator}}"),
            "1:11: PartitionedAssetTimetable needs `assets`: give it");
  EXPECT_EQ(problems_of("schedule: {timetable: CronPartitionTimetable, cron: '0 1 * * *', run_immediately: soon}\n"
                        "tasks: {a: {operator: EmptyOperator}}"),
            "1:83: `run_immediately` has to be true, false or a time span: seconds, or a text such as 30s, 5m, 1h30m or 2d");
}

TEST_F(DagFileTest, AssetsThatAreNone) {
  const auto problem = [this](const std::string& schedule) {
    return problems_of("tasks: {a: {operator: EmptyOperator}}\nschedule: " + schedule);
  };
  EXPECT_THAT(problem("[]"), testing::HasSubstr("at least one asset"));
  EXPECT_THAT(problem("[7]"), testing::HasSubstr("an asset: its uri, or a mapping"));
  EXPECT_THAT(problem("{assets: [{url: s3://a}]}"), testing::HasSubstr("an asset has no key `url`: did you mean `uri`?"));
  EXPECT_THAT(problem("{assets: {any: s3://a}}"), testing::HasSubstr("a list of assets"));
  EXPECT_THAT(problem("{assets: s3://a, tme: 1h}"), testing::HasSubstr("a schedule of assets has no key `tme`"));
}

}  // namespace
}  // namespace venturi::lanes::yaml
