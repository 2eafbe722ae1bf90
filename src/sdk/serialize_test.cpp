// DAGs in Airflow's serialized form, as text: its structure is that of serialization/schema.json (version 3). That the server
// reads it back is in tests/sdk/described_dag_test.cpp.
#include "sdk/serialize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace venturi {
namespace {

using internal::serialize_dag;
using internal::serialize_task;
using internal::SourceFile;
using namespace std::chrono_literals;
using testing::ElementsAre;

struct Pair {
  std::int64_t a = 0;
  std::string b;
};
VENTURI_STRUCT(Pair, a, b);

Pair pair() {
  return {};
}
void take(const Context&, std::int64_t, const std::string&, const Value&) {}
void tell(const CallbackContext&) {}

class SerializeTest : public testing::Test {
 protected:
  explicit SerializeTest(const DagOptions& options = {}) : dag_(bag_.add("d", options)) {}
  Value var_of(const TaskRef& task) const { return serialize_task(task.node()).at("__var"); }
  Value dag_var() const { return serialize_dag(*bag_.state().find("d"), SourceFile{"/dags/etl/x.cpp", "/dags"}).at("dag"); }
  DagBag bag_;
  Dag dag_;
};

TEST_F(SerializeTest, AFunctionWithItsInputs) {
  auto both = dag_.task<pair>();
  auto task = dag_.task<take>()(both.get(&Pair::a), "text", Value(Object{{"n", 1}}));
  EXPECT_EQ(to_json(serialize_task(task.node()), 1), R"({
 "__type": "operator",
 "__var": {
  "task_id": "take",
  "task_type": "CppTask",
  "_task_module": "venturi.program",
  "op_args": [
   {
    "__type": "xcomref",
    "__var": {
     "task_id": "pair",
     "key": "a"
    }
   },
   "text",
   {
    "__type": "dict",
    "__var": {
     "n": 1
    }
   }
  ],
  "retry_delay": 300.0,
  "pool": "default_pool",
  "downstream_task_ids": [],
  "template_fields": [],
  "ui_color": "#ffefeb",
  "ui_fgcolor": "#000",
  "_needs_expansion": false,
  "has_retry_policy": false
 }
})");
  EXPECT_TRUE(var_of(both).get_bool("multiple_outputs")) << "since a member is asked for";
  EXPECT_EQ(var_of(both).at("downstream_task_ids"), Value(Array{Value("take")}));
}

TEST_F(SerializeTest, AllOptions) {
  auto task = dag_.empty("e", {.owner = "me",
                               .retries = 4,
                               .retry_delay = 1500ms,
                               .retry_exponential_backoff = 2.0,
                               .max_retry_delay = 1h,
                               .retries_on_loss = 1,
                               .execution_timeout = 10min,
                               .trigger_rule = TriggerRule::none_failed,
                               .start_date = "2026-01-02",
                               .end_date = "2026-01-03T00:00:00Z",
                               .ignore_first_depends_on_past = true,
                               .wait_for_downstream = true,
                               .max_active_tis_per_dag = 3,
                               .max_active_tis_per_dagrun = 2,
                               .pool = "small",
                               .pool_slots = 2,
                               .priority_weight = 9,
                               .weight_rule = WeightRule::upstream,
                               .queue = "q",
                               .doc_md = "why"});
  const Value expected = Object{{"owner", "me"},
                                {"retries", 4},
                                {"retry_delay", 1.5},
                                {"retry_exponential_backoff", 2.0},
                                {"max_retry_delay", 3600.0},
                                {"retries_on_loss", 1},
                                {"execution_timeout", 600.0},
                                {"trigger_rule", "none_failed"},
                                {"start_date", 1767312000.0},
                                {"end_date", 1767398400.0},
                                {"depends_on_past", true},  // goes with wait_for_downstream
                                {"ignore_first_depends_on_past", true},
                                {"wait_for_downstream", true},
                                {"max_active_tis_per_dag", 3},
                                {"max_active_tis_per_dagrun", 2},
                                {"pool", "small"},
                                {"pool_slots", 2},
                                {"priority_weight", 9},
                                {"weight_rule", "upstream"},
                                {"queue", "q"},
                                {"doc_md", "why"},
                                {"_is_empty", true},
                                {"_task_module", "venturi.operators.emptyoperator"}};
  const Value var = var_of(task);
  for (const auto& [name, value] : expected.as_object()) {
    const Value* found = var.get(name);
    ASSERT_NE(found, nullptr) << name;
    EXPECT_EQ(*found, value) << name;
  }
}

TEST(SerializeDag, DeadlinesAsAirflowWritesThem) {
  DagBag bag;
  bag.add("d", {.deadline = {{.interval = std::chrono::hours(1), .callback = {tell, email_to("ops@example.com")}, .name = "n"},
                             {.reference = DeadlineReference::average_runtime(5, 2), .callback = tell}}});
  bag.add("none");
  const auto json_of = [&](const char* dag_id) {
    return to_json(serialize_dag(*bag.state().find(dag_id), SourceFile{"/dags/etl/x.cpp", "/dags"}).at("dag"));
  };
  const std::string json = json_of("d");
  EXPECT_THAT(
      json,
      testing::HasSubstr(
          R"("deadline":[{"__type":"deadline_alert","__var":{"reference":{"reference_type":"DagRunQueuedAtDeadline"},"interval":3600.0,"name":"n","callback":{"has_callback":true,"notifiers":{"callback":[{"classpath":"venturi.notifiers.smtp.SmtpNotifier")"));
  EXPECT_THAT(json, testing::HasSubstr(R"({"reference_type":"AverageRuntimeDeadline","max_runs":5,"min_runs":2})"));
  EXPECT_EQ(json.find(R"("deadline":)"), json.rfind(R"("deadline":)")) << "once";
  EXPECT_THAT(json_of("none"), testing::HasSubstr(R"("deadline":null)"));
}

TEST_F(SerializeTest, LightIsToldOfFunctionsAlone) {
  EXPECT_TRUE(var_of(dag_.task("l", [] {}, {.light = true})).get_bool("light"));
  EXPECT_EQ(var_of(dag_.task("i", [] {}, {.light = false})).get("light"), nullptr);
  EXPECT_EQ(var_of(dag_.empty("e", {.light = true})).get("light"), nullptr);
}

TEST_F(SerializeTest, BranchesAndShortCircuitsCanSkip) {
  const Value branch = var_of(dag_.branch("b", [] { return std::string(); }));
  EXPECT_EQ(branch.get_string("task_type"), "CppBranch");
  EXPECT_TRUE(branch.get_bool("_can_skip_downstream"));
  EXPECT_EQ(branch.get("ignore_downstream_trigger_rules"), nullptr);
  const Value circuit = var_of(dag_.short_circuit("s", [] { return true; }));
  EXPECT_EQ(circuit.get_string("task_type"), "CppShortCircuit");
  EXPECT_TRUE(circuit.get_bool("ignore_downstream_trigger_rules"));
  const Value rules = var_of(dag_.short_circuit("r", [] { return true; }, {.ignore_downstream_trigger_rules = false}));
  EXPECT_FALSE(rules.get_bool("ignore_downstream_trigger_rules", true));
}

TEST_F(SerializeTest, CallbacksAreAFlagAndNotifiersAreData) {
  const Value var = var_of(dag_.task<pair>({.on_execute_callback = tell,
                                            .on_failure_callback = {tell, email_to({"a@example.com", "b@example.com"})},
                                            .on_retry_callback = [](const CallbackContext&) {}}));
  EXPECT_TRUE(var.get_bool("has_on_execute_callback"));
  EXPECT_TRUE(var.get_bool("has_on_failure_callback"));
  EXPECT_TRUE(var.get_bool("has_on_retry_callback"));
  EXPECT_EQ(var.get("has_on_success_callback"), nullptr);
  EXPECT_EQ(to_json(var.at("notifiers")),
            R"({"on_failure_callback":[{"classpath":"venturi.notifiers.smtp.SmtpNotifier","kwargs":{"to":["a@example.com",)"
            R"("b@example.com"],"smtp_conn_id":"smtp_default","mime_charset":"utf-8"}}]})");
}

TEST_F(SerializeTest, OperatorsHaveTheirFieldsAndWhatTheyTake) {
  auto count = dag_.task("count", [] { return std::string("3"); });
  auto bash = dag_.add(BashOperator{.task_id = "bash",
                                    .bash_command = "echo $N",
                                    .env = {{"N", count}, {"LANG", "C"}},
                                    .append_env = true,
                                    .skip_on_exit_code = {99, 100}});
  const Value var = var_of(bash);
  EXPECT_EQ(var.get_string("task_type"), "BashOperator");
  EXPECT_EQ(var.get_string("_task_module"), "venturi.operators.bashoperator");
  EXPECT_EQ(
      to_json(var.at("env")),
      R"({"__type":"dict","__var":{"N":{"__type":"xcomref","__var":{"task_id":"count","key":"return_value"}},"LANG":"C"}})");
  EXPECT_EQ(var.at("skip_on_exit_code"), Value(Array{Value(99), Value(100)}));
  EXPECT_EQ(var.get("cwd"), nullptr) << "what is left out is the operator's own default";
  EXPECT_EQ(var_of(count).at("downstream_task_ids"), Value(Array{Value("bash")})) << "a field is a dependency";

  const Value csv =
      var_of(dag_.add(CsvToFileOperator{.task_id = "csv", .path = "/x.csv", .columns = {{"id", ColumnType::int64}}}));
  EXPECT_EQ(to_json(csv.at("columns")), R"([{"__type":"dict","__var":{"name":"id","type":"int64"}}])");
  EXPECT_EQ(var_of(dag_.constant("c", std::vector<bool>{true})).at("value"), Value(Array{Value(true)}));
}

class SerializeDagTest : public SerializeTest {
 protected:
  SerializeDagTest()
      : SerializeTest({.schedule = "@daily",
                       .start_date = "2026-01-01",
                       .end_date = "2026-01-02T06:30:00+02:00",
                       .catchup = true,
                       .tags = {"b", "a", "b"},
                       .description = "text",
                       .max_active_runs = 2,
                       .dagrun_timeout = 2h,
                       .is_paused_upon_creation = true,
                       .params = {{"limit", 10}},
                       .on_failure_callback = tell}) {}
};

TEST_F(SerializeDagTest, AWholeDag) {
  dag_.empty("b") << dag_.empty("a");
  const Value var = dag_var();
  EXPECT_EQ(var.get_string("dag_id"), "d");
  EXPECT_EQ(var.get_string("fileloc"), "/dags/etl/x.cpp");
  EXPECT_EQ(var.get_string("relative_fileloc"), "etl/x.cpp");
  EXPECT_EQ(to_json(var.at("timetable")),
            R"({"__type":"airflow.timetables.trigger.CronTriggerTimetable","__var":{"expression":"0 0 * * *","timezone":"UTC",)"
            R"("interval":0.0,"run_immediately":false}})");
  EXPECT_EQ(var.get_double("start_date"), 1767225600.0);
  EXPECT_EQ(var.get_double("end_date"), 1767328200.0);
  EXPECT_TRUE(var.get_bool("catchup"));
  EXPECT_EQ(var.at("tags"), Value(Array{Value("a"), Value("b")}));
  EXPECT_EQ(var.get_int("max_active_runs"), 2);
  EXPECT_EQ(var.get_double("dagrun_timeout"), 7200.0);
  EXPECT_TRUE(var.get_bool("is_paused_upon_creation"));
  EXPECT_TRUE(var.get_bool("has_on_failure_callback"));
  EXPECT_EQ(var.at("params").as_array().size(), 1u);
  EXPECT_EQ(var.at("params").as_array()[0].as_array()[1].get_int("default"), 10);
  std::vector<std::string> ids;
  for (const Value& task : var.at("tasks").as_array()) ids.push_back(task.at("__var").get_string("task_id"));
  EXPECT_THAT(ids, ElementsAre("b", "a")) << "in the order of the file";
  EXPECT_EQ(to_json(var.at("task_group").at("children")), R"({"b":["operator","b"],"a":["operator","a"]})");
}

TEST_F(SerializeDagTest, TheSameDagGivesTheSameBytes) {
  auto a = dag_.empty("a");
  for (const char* id : {"z", "m", "b"}) a >> dag_.empty(id);
  EXPECT_EQ(to_json(dag_var()), to_json(dag_var()));
  EXPECT_EQ(var_of(a).at("downstream_task_ids"), Value(Array{Value("b"), Value("m"), Value("z")})) << "sorted, as Airflow's";
}

TEST(SourceFile, IsRelativeToTheDagsFolder) {
  EXPECT_EQ((SourceFile{"/dags/a.cpp", "/dags/"}.relative()), "a.cpp");
  EXPECT_EQ((SourceFile{"/dags2/a.cpp", "/dags"}.relative()), "/dags2/a.cpp") << "a folder whose name begins the same";
  EXPECT_EQ((SourceFile{"/dags/a.cpp", ""}.relative()), "/dags/a.cpp");
}

}  // namespace
}  // namespace venturi
