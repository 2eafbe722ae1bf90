#include "model/dag.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/json.h"

namespace venturi {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Value json(const std::string& text) {
  auto value = parse_json(text);
  if (!value) throw std::runtime_error(value.error().text() + "\n" + text);
  return std::move(*value);
}

Value read_json(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(VENTURI_SOURCE_DIR "/" + path).rdbuf();
  return json(text.str());
}

// A DAG "d" of these members and tasks, both JSON without their braces.
Value make(const std::string& members, const std::vector<std::string>& tasks) {
  std::string list;
  for (const std::string& task : tasks) {
    list += (list.empty() ? "" : ", ") + (R"({"__type": "operator", "__var": {)" + task + "}}");
  }
  return json(R"({"__version": 3, "dag": {"dag_id": "d", )" + members + (members.empty() ? "" : ", ") + R"("tasks": [)" + list +
              "]}}");
}

Dag read(const Value& serialized) {
  auto dag = read_serialized_dag(serialized);
  if (!dag) throw std::runtime_error(dag.error().text());
  return std::move(*dag);
}
Task read_task(const std::string& members) {
  return read(make("", {R"("task_id": "t", )" + members})).tasks.at(0);
}

std::string refusal(const Value& serialized) {
  const auto dag = read_serialized_dag(serialized);
  if (!dag) EXPECT_EQ(dag.error().kind, ErrorKind::invalid);
  return dag ? "accepted" : dag.error().text();
}
std::string task_refusal(const std::string& members) {
  return refusal(make("", {R"("task_id": "t", )" + members}));
}

std::vector<std::string> ids(const Dag& dag) {
  std::vector<std::string> list;
  for (const Task& task : dag.tasks) list.push_back(task.task_id);
  return list;
}

TEST(SerializedDag, ARealOne) {
  const Value result = read_json("src/model/testing/parse_result_sample.json");
  const Value& data = result.at("serialized_dags").as_array().at(0).at("data");
  const Dag dag = read(data);
  EXPECT_EQ(dag.dag_id, "demo");
  EXPECT_EQ(dag.timetable.get_string("__type"), "airflow.timetables.simple.NullTimetable");
  EXPECT_EQ(dag.timezone, "UTC");
  EXPECT_EQ(dag.start_date, Time(1735689600s));
  EXPECT_FALSE(dag.end_date);
  EXPECT_FALSE(dag.catchup);
  EXPECT_EQ(dag.max_active_runs, 16);
  EXPECT_EQ(dag.max_active_tasks, 16);
  EXPECT_FALSE(dag.is_paused_upon_creation);
  EXPECT_EQ(dag.owner, "airflow");
  EXPECT_EQ(dag.serialized, data);
  EXPECT_THAT(ids(dag), ElementsAre("extract", "items", "square", "total", "hello", "boom", "bash"));

  const Task& items = dag.tasks[1];
  EXPECT_THAT(items.upstream, ElementsAre(0));
  EXPECT_THAT(items.downstream, ElementsAre(2));
  EXPECT_EQ(items.task_type, "_PythonDecoratedOperator");
  EXPECT_EQ(items.task_module, "airflow.providers.standard.decorators.python");
  EXPECT_FALSE(items.in_program());
  EXPECT_EQ(items.priority_weight, 3);
  const Task& boom = dag.tasks[5];
  EXPECT_EQ(boom.retries, 1);
  EXPECT_EQ(boom.retry_delay, 3s);
  EXPECT_THAT(boom.upstream, ElementsAre(4));
  EXPECT_EQ(dag.tasks[6].serialized.get_string("bash_command"), "echo {{ ds }} {{ ti.try_number }}");
}

TEST(SerializedDag, DefaultsOfAirflowsSchema) {
  const Dag dag = read(make("", {R"("task_id": "t")"}));
  EXPECT_EQ(dag.timetable.get_string("__type"), "airflow.timetables.simple.NullTimetable");
  EXPECT_FALSE(dag.start_date || dag.end_date || dag.dagrun_timeout || dag.is_paused_upon_creation);
  EXPECT_FALSE(dag.fail_fast || dag.catchup);
  EXPECT_THAT(dag.tags, IsEmpty());
  const Task& t = dag.tasks.at(0);
  EXPECT_EQ(t.task_type, "BaseOperator");
  EXPECT_EQ(t.trigger_rule, TriggerRule::all_success);
  EXPECT_EQ(t.retries, 0);
  EXPECT_EQ(t.retries_on_loss, 0);
  EXPECT_FALSE(t.light);
  EXPECT_EQ(t.retry_delay, 300s);
  EXPECT_EQ(t.retry_exponential_backoff, 0);
  EXPECT_FALSE(t.max_retry_delay || t.execution_timeout);
  EXPECT_EQ(t.pool, "default_pool");
  EXPECT_EQ(t.pool_slots, 1);
  EXPECT_EQ(t.priority_weight, 1);
  EXPECT_EQ(t.queue, "default");
  EXPECT_EQ(t.owner, "airflow");
  for (const char* event : {"execute", "success", "failure", "retry", "skipped", "other"}) {
    EXPECT_FALSE(t.callbacks.wants(event) || dag.callbacks.wants(event)) << event;
  }
}

TEST(SerializedDag, AllMembers) {
  const Dag dag = read(make(
      R"("timezone": "Europe/Berlin", "start_date": 1704067200.123456, "end_date": {"__type": "datetime", "__var": 1735689600.0},
         "catchup": true, "max_active_runs": 3.0, "max_active_tasks": 4, "fail_fast": true, "is_paused_upon_creation": false,
         "dagrun_timeout": {"__type": "timedelta", "__var": 60.5}, "tags": {"__type": "set", "__var": ["a", "b"]},
         "description": "orders", "has_on_success_callback": true, "max_consecutive_failed_dag_runs": 3)",
      {R"("task_id": "t", "task_type": "CppTask", "_task_module": "venturi.program", "trigger_rule": "one_failed", "retries": 2,
          "retries_on_loss": 5, "light": true, "retry_delay": 0.5, "retry_exponential_backoff": 1.5, "max_retry_delay": 600.0,
          "execution_timeout": {"__type": "timedelta", "__var": 30.0}, "pool": "db", "pool_slots": 2, "priority_weight": -7,
          "weight_rule": "absolute", "queue": "q", "owner": "anna", "depends_on_past": true, "wait_for_downstream": true,
          "ignore_first_depends_on_past": true, "max_active_tis_per_dag": 2, "max_active_tis_per_dagrun": 1,
          "start_date": 1706745600.0, "end_date": 1767225600.0)",
       R"("task_id": "u", "owner": "boris", "description": null, "retries": null)", R"("task_id": "v", "owner": "anna")"}));
  EXPECT_EQ(dag.timezone, "Europe/Berlin");
  EXPECT_EQ(dag.start_date, Time(1704067200s + 123456us));
  EXPECT_EQ(dag.end_date, Time(1735689600s));
  EXPECT_TRUE(dag.catchup && dag.fail_fast);
  EXPECT_EQ(dag.max_active_runs, 3);
  EXPECT_EQ(dag.max_active_tasks, 4);
  EXPECT_EQ(dag.is_paused_upon_creation, false);
  EXPECT_EQ(dag.dagrun_timeout, 60'500ms);
  EXPECT_THAT(dag.tags, ElementsAre("a", "b"));
  EXPECT_EQ(dag.description, "orders");
  EXPECT_EQ(dag.owner, "anna, boris");
  EXPECT_TRUE(dag.callbacks.wants("success"));
  EXPECT_FALSE(dag.callbacks.wants("failure"));
  const Task& t = dag.tasks.at(0);
  EXPECT_TRUE(t.in_program());
  EXPECT_EQ(t.trigger_rule, TriggerRule::one_failed);
  EXPECT_EQ(t.retries, 2);
  EXPECT_EQ(t.retries_on_loss, 5);
  EXPECT_TRUE(t.light);
  EXPECT_EQ(t.retry_delay, 500ms);
  EXPECT_EQ(t.retry_exponential_backoff, 1.5);
  EXPECT_EQ(t.max_retry_delay, 600s);
  EXPECT_EQ(t.execution_timeout, 30s);
  EXPECT_EQ(t.pool, "db");
  EXPECT_EQ(t.pool_slots, 2);
  EXPECT_TRUE(t.depends_on_past && t.wait_for_downstream && t.ignore_first_depends_on_past);
  EXPECT_EQ(t.max_active_tis_per_dag, 2);
  EXPECT_EQ(t.max_active_tis_per_dagrun, 1);
  EXPECT_EQ(t.start_date, Time(1706745600s));
  EXPECT_EQ(t.end_date, dag.end_date);  // a task ends no later than its DAG
  EXPECT_EQ(dag.tasks.at(1).start_date, dag.start_date);
  EXPECT_EQ(dag.max_consecutive_failed_dag_runs, 3);
  EXPECT_EQ(t.priority_weight, -7);
  EXPECT_EQ(t.queue, "q");
  EXPECT_EQ(t.owner, "anna");
  EXPECT_EQ(dag.tasks.at(1).retries, 0);
  EXPECT_EQ(read(make(R"("timezone": 7200)", {})).timezone, "7200");
  EXPECT_EQ(read_task(R"("retry_exponential_backoff": true)").retry_exponential_backoff, 2);
  EXPECT_EQ(read_task(R"("retry_exponential_backoff": false)").retry_exponential_backoff, 0);
}

TEST(SerializedDag, MappedTasksKeepTheirMembersInPartialKwargs) {
  const Task t = read_task(
      R"("_is_mapped": true, "expand_input": {"type": "dict-of-lists", "value": {"a": [1, 2, 3]}}, "task_type": "CppTask", "partial_kwargs": {"retries": 4, "pool": "db", "trigger_rule": "all_done",
         "retry_delay": {"__type": "timedelta", "__var": 7.0}})");
  EXPECT_EQ(t.retries, 4);
  EXPECT_EQ(t.pool, "db");
  EXPECT_EQ(t.trigger_rule, TriggerRule::all_done);
  EXPECT_EQ(t.retry_delay, 7s);
  EXPECT_EQ(t.task_type, "CppTask");
  ASSERT_TRUE(t.is_mapped());
  EXPECT_EQ(t.mapped_over.at(0).length, 3);
}

TEST(SerializedDag, MappedTasksKnowWhatTheyGoOver) {
  const Dag dag =
      read(make("", {R"("task_id": "a", "downstream_task_ids": ["m"])", R"("task_id": "b", "downstream_task_ids": ["m"])",
                     R"("task_id": "m", "_is_mapped": true, "_expand_input_attr": "op_kwargs_expand_input",
     "op_kwargs_expand_input": {"type": "dict-of-lists", "value": {"__type": "dict", "__var": {
       "x": {"__type": "xcomref", "__var": {"type": "zip", "args": [{"__type": "xcomref", "__var": {"task_id": "a", "key": "k"}}, [1, 2]]}},
       "y": {"__type": "xcomref", "__var": {"task_id": "b", "key": "return_value"}}}}})"}));
  const Task& m = dag.tasks.at(2);
  ASSERT_EQ(m.mapped_over.size(), 2u);
  ASSERT_EQ(m.mapped_over[0].parts.size(), 2u);
  EXPECT_EQ(m.mapped_over[0].parts[0].task, 0u);
  EXPECT_EQ(m.mapped_over[0].parts[0].key, "k");
  EXPECT_EQ(m.mapped_over[0].parts[1].length, 2);
  EXPECT_EQ(m.mapped_over[1].task, 1u);
  EXPECT_EQ(dag.tasks.at(0).mapped_keys, std::vector<std::string>{"k"});
}

TEST(SerializedDag, AMappedTaskIsBelowWhatItIsMappedOver) {
  const auto refused = read_serialized_dag(make("", {R"("task_id": "a")", R"("task_id": "m", "_is_mapped": true,
     "expand_input": {"type": "dict-of-lists", "value": {"x": {"__type": "xcomref", "__var": {"task_id": "a", "key": "k"}}}})"}));
  EXPECT_EQ(refused.error().what, "it is mapped over the XCom of \"a\", which is not directly above it");
}

TEST(SerializedDag, ClientDefaultsStandBetweenTaskAndSchema) {
  Value serialized = make("", {R"("task_id": "t", "retries": 1)", R"("task_id": "u")"});
  serialized.as_object().set("client_defaults", json(R"({"tasks": {"retries": 3, "retry_delay": 9.0, "owner": "client"}})"));
  const Dag dag = read(serialized);
  EXPECT_EQ(dag.tasks.at(0).retries, 1);
  EXPECT_EQ(dag.tasks.at(1).retries, 3);
  EXPECT_EQ(dag.tasks.at(0).retry_delay, 9s);
  EXPECT_EQ(dag.owner, "client");
}

TEST(SerializedDag, CallbacksAndNotifiers) {
  const Task t = read_task(
      R"("has_on_execute_callback": true, "has_on_retry_callback": true, "has_on_skipped_callback": true,
         "notifiers": {"on_failure_callback": [{"classpath": "venturi.notifiers.smtp.SmtpNotifier", "kwargs": {"to": "a@b"}}],
                       "on_success_callback": []})");
  EXPECT_TRUE(t.callbacks.wants("execute") && t.callbacks.wants("retry") && t.callbacks.wants("skipped"));
  EXPECT_TRUE(t.callbacks.wants("failure"));
  EXPECT_FALSE(t.callbacks.on_failure);
  EXPECT_FALSE(t.callbacks.wants("success"));
  const Value* failure = t.callbacks.notifiers.find("on_failure_callback");
  ASSERT_NE(failure, nullptr);
  EXPECT_EQ(to_json(*failure), R"([{"classpath":"venturi.notifiers.smtp.SmtpNotifier","kwargs":{"to":"a@b"}}])");
  for (const char* wrong : {"[]", R"({"on_failure_callback": {}})", R"({"on_failure_callback": [{"kwargs": {}}]})",
                            R"({"on_failure_callback": [{"classpath": "x", "kwargs": 1}]})"}) {
    EXPECT_THAT(task_refusal(std::string(R"("notifiers": )") + wrong), HasSubstr("dag d, task t: notifiers have to be lists"));
  }
}

TEST(SerializedDag, WhatTheEngineEndsByItself) {
  const auto ends = [](const std::string& members) { return read_task(members).engine_ends_it(); };
  EXPECT_TRUE(ends(R"("task_type": "EmptyOperator")"));
  EXPECT_TRUE(ends(R"("task_type": "MyEmpty", "_is_empty": true)"));
  EXPECT_TRUE(ends(R"("task_type": "EmptyOperator", "outlets": [], "has_on_failure_callback": true)"));
  EXPECT_FALSE(ends(R"("task_type": "BashOperator")"));
  EXPECT_FALSE(ends(R"("task_type": "EmptyOperator", "has_on_success_callback": true)"));
  EXPECT_FALSE(ends(R"("task_type": "EmptyOperator", "has_on_execute_callback": true)"));
  EXPECT_FALSE(ends(R"("task_type": "EmptyOperator", "notifiers": {"on_success_callback": [{"classpath": "x"}]})"));
  EXPECT_FALSE(ends(R"("task_type": "EmptyOperator", "outlets": [{"__type": "asset", "__var": {}}])"));
  EXPECT_FALSE(ends(R"("task_type": "EmptyOperator", "inlets": [{"__type": "asset", "__var": {}}])"));
}

TEST(SerializedDag, TasksAreInTopologicalOrderAndAsDeclaredWhereThatIsOpen) {
  const Dag dag = read(
      make("", {R"("task_id": "report", "downstream_task_ids": [])", R"("task_id": "load", "downstream_task_ids": ["report"])",
                R"("task_id": "z_free")", R"("task_id": "b", "downstream_task_ids": ["load", "load"])",
                R"("task_id": "a", "downstream_task_ids": ["load", "report"])"}));
  EXPECT_THAT(ids(dag), ElementsAre("z_free", "b", "a", "load", "report"));
  EXPECT_THAT(dag.tasks[1].downstream, ElementsAre(3));
  EXPECT_THAT(dag.tasks[2].downstream, ElementsAre(3, 4));
  EXPECT_THAT(dag.tasks[3].upstream, ElementsAre(1, 2));
  EXPECT_THAT(dag.tasks[4].upstream, ElementsAre(2, 3));
  for (TaskIndex i = 0; i < dag.tasks.size(); ++i) EXPECT_EQ(dag.find_task(dag.tasks[i].task_id), i);
  for (const char* absent : {"", "aa", "zz", "loa", "A"}) EXPECT_FALSE(dag.find_task(absent)) << absent;
  EXPECT_FALSE(read(make("", {})).find_task("a"));
}

TEST(SerializedDag, CyclesAreNamedWithTheirPath) {
  EXPECT_EQ(refusal(make("", {R"("task_id": "start", "downstream_task_ids": ["c"])",
                              R"("task_id": "a", "downstream_task_ids": ["b", "end"])",
                              R"("task_id": "b", "downstream_task_ids": ["c"])",
                              R"("task_id": "c", "downstream_task_ids": ["a"])", R"("task_id": "end")"})),
            "dag d: its tasks form a cycle: a -> b -> c -> a (take one of these dependencies away)");
  EXPECT_EQ(refusal(make("", {R"("task_id": "a", "downstream_task_ids": ["a"])"})),
            "dag d: its tasks form a cycle: a -> a (take one of these dependencies away)");
  std::vector<std::string> ring;
  for (int i = 0; i < 50; ++i) {
    ring.push_back("\"task_id\": \"t" + std::to_string(i) + "\", \"downstream_task_ids\": [\"t" + std::to_string((i + 1) % 50) +
                   "\"]");
  }
  EXPECT_THAT(refusal(make("", ring)), HasSubstr("t0 -> t1 -> t2"));
  EXPECT_THAT(refusal(make("", ring)), HasSubstr("t19 -> ... (30 more) -> t0"));
}

TEST(SerializedDag, IdsThatAreDoubleUnknownOrNotAllowed) {
  EXPECT_EQ(refusal(make("", {R"("task_id": "a")", R"("task_id": "b")", R"("task_id": "a")"})),
            "dag d: two tasks have the task_id a (give each task of a DAG an id of its own)");
  EXPECT_EQ(
      refusal(make("", {R"("task_id": "extract", "downstream_task_ids": ["laod"])", R"("task_id": "load")"})),
      "dag d, task extract: its downstream task \"laod\" does not exist (declare it, or correct the dependency; the nearest "
      "task_id is load)");
  EXPECT_EQ(refusal(make("", {R"("task_id": "a b")"})),
            "dag d: the task_id \"a b\" is not allowed (a task_id is made of 1 to 250 letters, digits, dashes, dots and "
            "underscores)");
  EXPECT_THAT(refusal(json(R"({"__version": 3, "dag": {"dag_id": "a/b", "tasks": []}})")), HasSubstr("the dag_id \"a/b\""));
  EXPECT_THAT(refusal(json(R"({"__version": 3, "dag": {"tasks": []}})")), HasSubstr("a DAG without dag_id"));
  EXPECT_THAT(refusal(make("", {R"("task_id": 7)"})), HasSubstr("task number 1 has no task_id"));
  EXPECT_TRUE(is_valid_id("group-1.task_2"));
  EXPECT_TRUE(is_valid_id(std::string(250, 'x')));
  for (const std::string& id : {std::string(), std::string(251, 'x'), std::string("a b"), std::string("a\n"), std::string("ä"),
                                std::string("a/b"), std::string("a\0", 2), std::string(".."), std::string(".")}) {
    EXPECT_FALSE(is_valid_id(id)) << id;
  }
}

TEST(SerializedDag, MembersThatDoNotFit) {
  EXPECT_EQ(task_refusal(R"("trigger_rule": "sometimes")"),
            "dag d, task t: unknown trigger rule \"sometimes\" (known are all_success, all_failed, all_done, "
            "all_done_min_one_success, all_done_setup_success, one_success, one_failed, one_done, none_failed, none_skipped, "
            "none_failed_min_one_success, always, all_skipped)");
  EXPECT_EQ(task_refusal(R"("pool_slots": 0)"),
            "dag d, task t: pool_slots has to be an integer from 1 to 2147483647, not 0 (correct it in the DAG file)");
  EXPECT_THAT(task_refusal(R"("retries": "3")"), HasSubstr("retries has to be an integer from 0 to 2147483647, not \"3\""));
  EXPECT_THAT(task_refusal(R"("retries": -1)"), HasSubstr("not -1"));
  EXPECT_THAT(task_refusal(R"("retries": 1.5)"), HasSubstr("not 1.5"));
  EXPECT_THAT(task_refusal(R"("retry_delay": -1.0)"), HasSubstr("retry_delay has to be a number of seconds"));
  EXPECT_THAT(task_refusal(R"("retry_delay": {"__type": "timedelta", "__var": "1"})"), HasSubstr("retry_delay has to be"));
  EXPECT_THAT(task_refusal(R"("execution_timeout": [1])"),
              HasSubstr("execution_timeout has to be a number of seconds that is not "
                        "negative, not an array"));
  EXPECT_THAT(task_refusal(R"("retry_exponential_backoff": -2)"), HasSubstr("retry_exponential_backoff has to be a number"));
  EXPECT_THAT(task_refusal(R"("has_on_success_callback": 1)"), HasSubstr("has_on_success_callback has to be true or false"));
  EXPECT_THAT(task_refusal(R"("downstream_task_ids": "u")"), HasSubstr("downstream_task_ids has to be a list of texts"));
  EXPECT_THAT(task_refusal(R"("downstream_task_ids": [1])"), HasSubstr("downstream_task_ids has to be a list of texts, not 1"));
  EXPECT_THAT(task_refusal(R"("weight_rule": "my.Rule")"), HasSubstr("the weight rule \"my.Rule\" is not supported"));
  EXPECT_THAT(task_refusal(R"("owner": ")" + std::string(2, 'x') + R"(", "queue": 3)"), HasSubstr("queue has to be a text"));
  EXPECT_EQ(
      refusal(make(R"("start_date": "2024-01-01")", {})),
      "dag d: start_date has to be a point in time, as seconds since 1970, not \"2024-01-01\" (correct it in the DAG file)");
  EXPECT_THAT(refusal(make(R"("max_active_runs": 0)", {})), HasSubstr("max_active_runs has to be an integer from 1"));
  EXPECT_THAT(refusal(make(R"("timezone": true)", {})), HasSubstr("timezone has to be a text, not true"));
  EXPECT_THAT(refusal(make(R"("tags": ["a", 1])", {})), HasSubstr("tags has to be a list of texts"));
  EXPECT_THAT(refusal(make(R"("start_date": 1e15)", {})), HasSubstr("start_date has to be a point in time"));
}

TEST(SerializedDag, WhatIsNone) {
  EXPECT_THAT(refusal(Value("x")), HasSubstr("no serialized DAG"));
  EXPECT_THAT(refusal(json("{}")), HasSubstr("format version none, and only 3 is known"));
  EXPECT_THAT(refusal(json(R"({"__version": 2, "dag": {}})")), HasSubstr("format version 2, and only 3 is known"));
  EXPECT_THAT(refusal(json(R"({"__version": 3})")), HasSubstr("no object \"dag\""));
  EXPECT_THAT(refusal(json(R"({"__version": 3, "dag": {"dag_id": "d"}})")), HasSubstr("dag d: it has no list \"tasks\""));
  EXPECT_THAT(refusal(json(R"({"__version": 3, "dag": {"dag_id": "d", "tasks": [{"task_id": "t"}]}})")),
              HasSubstr("dag d: task number 1 is no serialized operator"));
  EXPECT_THAT(refusal(json(R"({"__version": 3, "dag": {"dag_id": "d", "tasks": [{"__type": "operator", "__var": 1}]}})")),
              HasSubstr("dag d: task number 1 is no serialized operator"));
}

// Nesting must not cost stack: a chain is walked, not followed.
TEST(SerializedDag, ALongChain) {
  constexpr int size = 5'000;
  Array tasks;
  for (int i = 0; i < size; ++i) {
    Array below;
    if (i > 0) below.push_back("t" + std::to_string(i - 1));
    tasks.push_back(Object{{"__type", "operator"},
                           {"__var", Object{{"task_id", "t" + std::to_string(i)}, {"downstream_task_ids", std::move(below)}}}});
  }
  const Dag dag = read(Object{{"__version", 3}, {"dag", Object{{"dag_id", "d"}, {"tasks", std::move(tasks)}}}});
  ASSERT_EQ(dag.tasks.size(), static_cast<std::size_t>(size));
  EXPECT_EQ(dag.tasks.front().task_id, "t4999");
  EXPECT_EQ(dag.tasks.front().priority_weight, size);
  EXPECT_EQ(dag.tasks.back().priority_weight, 1);
}

// The context of templates is sent along with such a task only.
TEST(SerializedDag, HasTemplatesWhereAFieldIsOneOrNamesAFileWithOne) {
  const auto has_templates = [](const std::string& members) {
    return read_task(R"("template_fields": ["sql"], "template_ext": [".sql", ".json"], )" + members).has_templates;
  };
  EXPECT_TRUE(has_templates(R"("sql": "SELECT {{ 1 }}")"));
  EXPECT_TRUE(has_templates(R"("sql": "load.sql")"));
  EXPECT_TRUE(has_templates(R"("sql": ["SELECT 1", {"a": "b.json"}])"));
  EXPECT_TRUE(has_templates(R"("partial_kwargs": {"sql": "load.sql"})"));
  EXPECT_TRUE(has_templates(
      R"("_is_mapped": true, "_expand_input_attr": "expand_input",
         "expand_input": {"type": "dict-of-lists", "value": {"sql": ["a.sql", "b.sql"]}})"));
  EXPECT_FALSE(has_templates(R"("sql": "load.sql ")"));
  EXPECT_FALSE(has_templates(R"("sql": ["load.SQL", {"b.json": 5}], "other": "load.sql")"));
  EXPECT_FALSE(read_task(R"("template_fields": ["sql"], "sql": "load.sql")").has_templates);
}

TEST(SerializedDag, HasItsTemplateSearchpath) {
  EXPECT_THAT(read(make(R"("template_searchpath": ["sql", "/srv/sql"])", {})).template_searchpath,
              ::testing::ElementsAre("sql", "/srv/sql"));
  EXPECT_THAT(refusal(make(R"("template_searchpath": "sql")", {})), HasSubstr("template_searchpath has to be a list of texts"));
}

TEST(SerializedDag, Deadlines) {
  const auto reference = [](const std::string& members) {
    return R"("deadline": [{"__type": "deadline_alert", "__var": {"name": "x", "interval": -60.0, "reference": {)" + members +
           R"(}, "callback": {"has_callback": true, "notifiers": {"callback": [{"classpath": "a.B", "kwargs": {}}]}}}}])";
  };
  const Dag dag = read(make(reference(R"("reference_type": "AverageRuntimeDeadline", "max_runs": 4, "min_runs": 2)"), {}));
  ASSERT_EQ(dag.deadlines.size(), 1U);
  const DeadlineAlert& alert = dag.deadlines[0];
  EXPECT_EQ(alert.name, "x");
  EXPECT_EQ(alert.reference, DeadlineAlert::Reference::average_runtime);
  EXPECT_EQ(std::pair(alert.max_runs, alert.min_runs), std::pair(4, 2));
  EXPECT_EQ(alert.interval, -1min);
  EXPECT_TRUE(alert.has_function);
  EXPECT_EQ(alert.notifiers, Value(Array{Object{{"classpath", "a.B"}, {"kwargs", Object{}}}}));
  EXPECT_THAT(refusal(make(reference(R"("reference_type": "NextFullMoon")"), {})),
              HasSubstr(R"(deadline 1: the deadline's reference "NextFullMoon" is not known)"));
  EXPECT_THAT(refusal(make(reference(R"("reference_type": "FixedDatetimeDeadline")"), {})), HasSubstr("has no date"));
  EXPECT_THAT(refusal(make(R"("deadline": 7)", {})), HasSubstr("no list of deadline alerts"));
}

}  // namespace
}  // namespace venturi
