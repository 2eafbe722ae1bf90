// What a compiled program says of its DAG is what the server's model reads: every option arrives, with Airflow's defaults for
// the rest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/dag.h"
#include "sdk/program.h"

namespace venturi::sdk_tests {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

class DescribedDagTest : public testing::Test {
 protected:
  DescribedDagTest() {
    auto [mine, theirs] = make_socket_pair();
    Program program("described", {}, theirs.get());
    theirs.reset();
    task::write_frame(mine.get(), 0,
                      Object{{"type", "DagFileParseRequest"},
                             {"file", "/dags/etl/described.cpp"},
                             {"bundle_path", "/dags"},
                             {"bundle_name", "dags-folder"},
                             {"callback_requests", Array{}}});
    const auto frame = task::read_frame(mine.get());
    result_ = frame.value().body;
    task::write_frame(mine.get(), frame->id, Value());
    EXPECT_EQ(program.wait(), 0);
    dag_ = read_serialized_dag(result_.at("serialized_dags").as_array().at(0).at("data")).value();
  }
  [[nodiscard]] const Task& task(std::string_view id) const { return dag_.tasks.at(dag_.find_task(id).value()); }
  [[nodiscard]] std::vector<std::string> ids(const TaskList& tasks) const {
    std::vector<std::string> names;
    for (const TaskIndex index : tasks) names.push_back(dag_.tasks[index].task_id);
    return names;
  }
  Value result_;
  Dag dag_;
};

TEST_F(DescribedDagTest, TheAnswerIsAirflows) {
  EXPECT_EQ(result_.get_string("type"), "DagFileParsingResult");
  EXPECT_EQ(result_.get_string("fileloc"), "/dags/etl/described.cpp");
  EXPECT_TRUE(result_.at("import_errors").as_object().empty());
  EXPECT_EQ(result_.at("serialized_dags").as_array().size(), 1u);
}

TEST_F(DescribedDagTest, TheDagItself) {
  EXPECT_EQ(dag_.dag_id, "described");
  EXPECT_EQ(dag_.timezone, "Europe/Moscow");
  EXPECT_EQ(format_time(dag_.start_date.value()), "2025-12-31T21:00:00Z") << "midnight in Moscow";
  EXPECT_TRUE(dag_.catchup);
  EXPECT_EQ(dag_.max_active_runs, 2);
  EXPECT_EQ(dag_.max_active_tasks, 4);
  EXPECT_EQ(dag_.dagrun_timeout, Duration(2h));
  EXPECT_EQ(dag_.is_paused_upon_creation, false);
  EXPECT_THAT(dag_.tags, ElementsAre("etl"));
  EXPECT_EQ(dag_.description, "all of it");
  EXPECT_THAT(dag_.template_searchpath, ElementsAre("sql"));
  EXPECT_TRUE(dag_.callbacks.on_failure);
  EXPECT_FALSE(dag_.callbacks.on_success);
}

TEST_F(DescribedDagTest, TasksStandInTheirOrder) {
  EXPECT_EQ(dag_.tasks.size(), 7u);
  EXPECT_THAT(ids(task("is_workday").downstream), ElementsAre("read"));
  EXPECT_THAT(ids(task("read").downstream), ElementsAre("count"));
  EXPECT_THAT(ids(task("count").downstream), ElementsAre("choose"));
  EXPECT_THAT(ids(task("choose").downstream), UnorderedElementsAre("mail", "quiet"));
  EXPECT_THAT(ids(task("end").upstream), UnorderedElementsAre("mail", "quiet"));
}

TEST_F(DescribedDagTest, TaskOptionsArrive) {
  const Task& count = task("count");
  EXPECT_EQ(count.owner, "team");
  EXPECT_EQ(count.retries, 2);
  EXPECT_EQ(count.retry_delay, Duration(30s));
  EXPECT_EQ(count.retry_exponential_backoff, 2);
  EXPECT_EQ(count.max_retry_delay, Duration(5min));
  EXPECT_EQ(count.retries_on_loss, 1);
  EXPECT_TRUE(count.in_program());
  const Task& read = task("read");
  EXPECT_EQ(read.execution_timeout, Duration(10min));
  EXPECT_EQ(read.pool, "files");
  EXPECT_EQ(read.pool_slots, 2);
  EXPECT_FALSE(read.in_program());
  const Task& end = task("end");
  EXPECT_EQ(end.trigger_rule, TriggerRule::none_failed_min_one_success);
  EXPECT_EQ(end.priority_weight, 5);
  EXPECT_EQ(end.queue, "slow");
  EXPECT_EQ(task("is_workday").retries, 0) << "a zero of its own against the default's 2";
}

TEST_F(DescribedDagTest, WhatIsLeftOutHasAirflowsDefaults) {
  const Task& quiet = task("quiet");
  EXPECT_EQ(quiet.pool, "default_pool");
  EXPECT_EQ(quiet.pool_slots, 1);
  EXPECT_EQ(quiet.queue, "default");
  EXPECT_EQ(quiet.trigger_rule, TriggerRule::all_success);
  EXPECT_EQ(quiet.execution_timeout, std::nullopt);
  EXPECT_TRUE(quiet.engine_ends_it()) << "a notifier of its failure is no reason to start it";
}

TEST_F(DescribedDagTest, CallbacksAndNotifiersArrive) {
  EXPECT_FALSE(task("count").callbacks.on_failure);
  EXPECT_TRUE(task("count").callbacks.wants("failure")) << "the mail of default_args";
  EXPECT_TRUE(task("mail").callbacks.on_failure);
  EXPECT_EQ(task("mail").callbacks.notifiers.at("on_failure_callback").as_array().at(0).at("kwargs").at("to"),
            Value(Array{Value("b@example.com")}));
}

TEST_F(DescribedDagTest, InputsAreReferences) {
  EXPECT_EQ(to_json(task("choose").serialized.at("op_args")),
            R"([{"__type":"xcomref","__var":{"task_id":"count","key":"bad"}}])");
  EXPECT_TRUE(task("count").serialized.get_bool("multiple_outputs"));
}

}  // namespace
}  // namespace venturi::sdk_tests
