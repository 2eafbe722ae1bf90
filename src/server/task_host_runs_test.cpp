// What tasks ask about other DAGs, and the runs that they ask for, on a real store.
#include <gmock/gmock.h>

#include "server/testing/server_fixture.h"

namespace venturi::server {
namespace {

using testing::chain;
using ::testing::HasSubstr;
using testing::need;

// A DAG "other" with a group g of the tasks g.x and g.y, and the task z.
std::shared_ptr<const Dag> other(const std::string& timetable = "NullTimetable", const std::string& more = "{}") {
  const auto task = [](const std::string& id) {
    return R"({"__type": "operator", "__var": {"task_id": ")" + id +
           R"(", "task_type": "CppTask", "_task_module": "venturi.program"}})";
  };
  Dag dag = need(read_serialized_dag(need(parse_json(
      R"({"__version": 3, "dag": {"dag_id": "other", "fileloc": "/dags/o.cpp", "timezone": "UTC", "timetable": {"__type": "airflow.timetables.)" +
      std::string(timetable.starts_with("Cron") ? "interval." : "simple.") + timetable + R"(", "__var": )" + more + R"(},
      "params": [["limit", {"__class": "airflow.sdk.definitions.param.Param", "default": 1, "schema": {"type": "integer"}}]],
      "tasks": [)" +
      task("g.x") + "," + task("g.y") + "," + task("z") + R"(],
      "task_group": {"children": {"z": ["operator", "z"], "g": ["taskgroup", {"children":
          {"g.x": ["operator", "g.x"], "g.y": ["operator", "g.y"]}}]}}}})"))));
  dag.program = "/programs/other";
  dag.relative_fileloc = "o.cpp";
  dag.fileloc = "/dags/o.cpp";
  dag.version_id = "other 1";
  return std::make_shared<const Dag>(std::move(dag));
}

class RunQuestions : public testing::ServerTest {
 protected:
  RunQuestions() {
    connect_worker("w1");
    see(chain());
    asking_run = trigger("d");
    token = receive("ExecuteTask").body.at("token");
  }
  task::Frame ask(Object body) { return answer_to(try_message(token, ++seq, std::move(body))); }
  std::string error_of(const task::Frame& answer) {
    return answer.error.is_null() ? "" : answer.error.at("detail").get_string("message");
  }
  Value trigger_other(const std::string& run_id, const std::string& date, Value conf = {}, bool resets = false,
                      const std::string& note = {}) {
    const task::Frame answer = ask(Object{{"type", "TriggerDagRun"},
                                          {"dag_id", "other"},
                                          {"run_id", run_id},
                                          {"logical_date", date.empty() ? Value() : Value(date)},
                                          {"conf", std::move(conf)},
                                          {"reset_dag_run", resets},
                                          {"note", note.empty() ? Value() : Value(note)}});
    return answer.error.is_null() ? answer.body : answer.error;
  }
  std::int64_t count(Object body) { return ask(std::move(body)).body.get_int("count", -1); }
  // As of the end of its first task.
  void end_first_task() {
    const Value first = receive("ExecuteTask").body;
    answer_to(try_message(first.at("token"), 1, success()));
  }

  DagRun asking_run;
  Value token;
  std::int64_t seq = 0;
};

TEST_F(RunQuestions, CountsAndStates) {
  see(other());
  EXPECT_EQ(trigger_other("r1", "2026-01-01T00:00:00Z").get_string("type"), "OKResponse");
  EXPECT_EQ(trigger_other("r2", "2026-01-02T00:00:00+00:00").get_string("type"), "OKResponse");
  end_first_task();
  const Array first{"2026-01-01T00:00:00Z"}, both{"2026-01-01T01:00:00+01:00", "2026-01-02T00:00:00Z"};
  EXPECT_EQ(count({{"type", "GetDRCount"}, {"dag_id", "other"}, {"logical_dates", both}, {"states", Array{"running"}}}), 2);
  EXPECT_EQ(count({{"type", "GetDRCount"}, {"dag_id", "other"}, {"logical_dates", first}, {"states", Array{"success"}}}), 0);
  EXPECT_EQ(count({{"type", "GetDRCount"}, {"dag_id", "other"}, {"run_ids", Array{"r2", "r9"}}}), 1);
  EXPECT_EQ(count({{"type", "GetDRCount"}, {"dag_id", "other"}, {"run_ids", Array{"r2"}}, {"logical_dates", first}}), 0);
  EXPECT_EQ(count({{"type", "GetDRCount"}, {"dag_id", "other"}}), 2);
  EXPECT_EQ(count({{"type", "GetDRCount"}, {"dag_id", "nobody"}}), 0);
  const auto tasks = [&](Object more) {
    Object body{{"type", "GetTICount"}, {"dag_id", "other"}};
    for (const auto& [key, value] : more) body.set(key, value);
    return count(std::move(body));
  };
  EXPECT_EQ(tasks({}), 6);
  EXPECT_EQ(tasks({{"task_ids", Array{"g.x"}}, {"states", Array{"success"}}}), 1);
  EXPECT_EQ(tasks({{"task_ids", Array{"g.x", "z"}}, {"logical_dates", both}, {"states", Array{"queued", "running"}}}), 3);
  EXPECT_EQ(tasks({{"task_group_id", "g"}, {"run_ids", Array{"r1"}}}), 2);
  EXPECT_EQ(tasks({{"states", Array{"null"}}}), 0);
  EXPECT_EQ(tasks({{"map_index", 0}}), 0);
  EXPECT_EQ(
      to_json(ask({{"type", "GetTaskStates"}, {"dag_id", "other"}, {"task_group_id", "g"}, {"logical_dates", first}}).body),
      R"({"type":"TaskStatesResult","task_states":{"r1":{"g.x":"success","g.y":"queued"}}})");
  EXPECT_EQ(error_of(ask({{"type", "GetTaskStates"}, {"dag_id", "other"}, {"task_group_id", "h"}})),
            "Task group h not found in DAG other");
  EXPECT_THAT(error_of(ask({{"type", "GetDRCount"}, {"dag_id", "other"}, {"logical_dates", Array{"soon"}}})),
              HasSubstr("logical_dates has 'soon', which is no date"));
}

TEST_F(RunQuestions, DagsAndPreviousRuns) {
  see(other());
  const Value dag = ask({{"type", "GetDag"}, {"dag_id", "other"}}).body;
  EXPECT_EQ(to_json(dag),
            R"({"type":"DagResult","dag_id":"other","is_paused":false,"bundle_name":"dags-folder","bundle_version":null,)"
            R"("relative_fileloc":"o.cpp","owners":"airflow","tags":[],"next_dagrun":null})");
  const Value more = ask({{"type", "GetDag"}, {"dag_id", "other"}, {"with_tasks", true}}).body;
  EXPECT_EQ(to_json(more.at("task_group_ids")), R"(["g"])");
  EXPECT_EQ(more.at("task_ids").as_array().size(), 3u);
  EXPECT_EQ(error_of(ask({{"type", "GetDag"}, {"dag_id", "nobody"}})), "The Dag with dag_id: `nobody` was not found");

  trigger_other("r1", "2026-01-01T00:00:00Z");
  trigger_other("r2", "2026-01-02T00:00:00Z");
  const auto previous = [&](const char* date, Value state = {}) {
    const Value body =
        ask({{"type", "GetPreviousDagRun"}, {"dag_id", "other"}, {"logical_date", date}, {"state", std::move(state)}}).body;
    return body.at("dag_run").get_string("run_id", "none");
  };
  EXPECT_EQ(previous("2026-01-03T00:00:00Z"), "r2");
  EXPECT_EQ(previous("2026-01-02T00:00:00Z"), "r1");
  EXPECT_EQ(previous("2026-01-01T00:00:00Z"), "none");
  EXPECT_EQ(previous("2026-01-03T00:00:00Z", "success"), "none");
}

TEST_F(RunQuestions, TheWindowOfTheLatestRun) {
  const Value window = ask({{"type", "GetLatestOnlyWindow"}}).body;
  EXPECT_EQ(window.get_string("run_type"), "manual");
  EXPECT_TRUE(window.at("right").is_null());  // nothing follows by itself
}

TEST_F(RunQuestions, ARunIsTriggeredOnce) {
  see(other());
  EXPECT_EQ(trigger_other("r1", "2026-01-01T00:00:00Z", Object{{"limit", 5}}).get_string("type"), "OKResponse");
  const DagRun run = need(reader_->run("other", "r1")).value();
  EXPECT_EQ(run.run_type, RunType::operator_triggered);
  EXPECT_EQ(to_json(run.conf), R"({"limit":5})");
  EXPECT_EQ(run.triggered_by, asking_run.triggered_by);
  EXPECT_EQ(need(reader_->xcom({"d", asking_run.run_id, "a", -1, "trigger_run_id"})), "\"r1\"");

  // The same again, whatever ended in between, changes nothing and says the same.
  EXPECT_EQ(trigger_other("r1", "2026-01-01T00:00:00Z").get_string("type"), "OKResponse");
  const auto again = [&] {
    restart();
    connect_worker("w1", {Object{{"token", token}, {"ti_id", "x"}, {"state", "running"}, {"pid", 77}}}, "running");
    receive("ServerHello");
    return trigger_other("r1", "2026-01-01T00:00:00Z").get_string("type");
  };
  EXPECT_EQ(again(), "OKResponse");
  EXPECT_EQ(need(reader_->runs({.dag_id = "other", .limit = -1})).size(), 1u);

  // Others have to take another id and another date.
  const Value taken = trigger_other("r2", "2026-01-01T00:00:00Z");
  EXPECT_EQ(to_json(taken),
            R"({"type":"ErrorResponse","error":"DAGRUN_ALREADY_EXISTS","detail":{"message":)"
            R"x("dag other: run r1 has this logical date already (give another logical date)","run_id":"r2"}})x");
  answer_to(try_message(token, ++seq,
                        Object{{"type", "DeleteXCom"},
                               {"key", "trigger_run_id"},
                               {"dag_id", "d"},
                               {"run_id", asking_run.run_id},
                               {"task_id", "a"}}));
  EXPECT_EQ(need(reader_->xcom({"d", asking_run.run_id, "a", -1, "trigger_run_id"})), std::nullopt);
}

TEST_F(RunQuestions, ATriggeredRunMayHaveANote) {
  see(other());
  EXPECT_EQ(trigger_other("r1", "2026-01-01T00:00:00Z", {}, false, "of the month's end").get_string("type"), "OKResponse");
  const RunNo no = need(reader_->run("other", "r1"))->no;
  const std::vector<store::Note> one{{no, 0, "of the month's end"}};
  EXPECT_EQ(need(reader_->notes(no)), one);
  // What people took away stays away, and a run without one has none.
  scheduler_->writes().notes.push_back({no, 0, ""});
  EXPECT_EQ(trigger_other("r2", "2026-01-02T00:00:00Z").get_string("type"), "OKResponse");
  EXPECT_TRUE(need(reader_->notes(no)).empty());
  EXPECT_TRUE(need(reader_->notes(need(reader_->run("other", "r2"))->no)).empty());
}

TEST_F(RunQuestions, WhatIsNotTriggered) {
  see(other());
  EXPECT_EQ(trigger_other("r1", "", Object{{"limit", "many"}}).get_string("type"), "ErrorResponse");
  EXPECT_THAT(to_json(trigger_other("r1", "", Object{{"limit", "many"}})),
              HasSubstr("the param limit is \\\"many\\\", which does not fit its schema"));
  EXPECT_THAT(to_json(trigger_other("r1", "soon")), HasSubstr("the logical date 'soon' is no date"));
  EXPECT_THAT(to_json(trigger_other("a b", "")), HasSubstr("the run id 'a b' is not allowed"));
  EXPECT_THAT(to_json(trigger_other("scheduled__1", "")), HasSubstr("it is reserved for scheduled runs"));
  EXPECT_EQ(error_of(ask({{"type", "TriggerDagRun"}, {"dag_id", "nobody"}, {"run_id", "r"}})),
            "Dag with dag_id: 'nobody' not found (see: venturi dags list)");
  EXPECT_EQ(need(reader_->xcom({"d", asking_run.run_id, "a", -1, "trigger_run_id"})), std::nullopt);
  EXPECT_EQ(need(reader_->runs({.dag_id = "other", .limit = -1})).size(), 0u);
  // A run of somebody else.
  trigger("other");
  const DagRun run = need(reader_->runs({.dag_id = "other", .limit = -1})).front();
  EXPECT_EQ(trigger_other(run.run_id, "").get_string("error"), "DAGRUN_ALREADY_EXISTS");
}

TEST_F(RunQuestions, AResetRunBeginsAnewOnce) {
  see(other());
  trigger_other("r1", "2026-01-01T00:00:00Z");
  const auto end_run = [&](int tasks) {
    for (int i = 0; i < tasks; ++i) end_first_task();
    run_until([&] { return is_finished(need(reader_->run("other", "r1"))->state); }, "the end of the run");
  };
  end_run(3);
  const RunNo no = need(reader_->run("other", "r1"))->no;
  EXPECT_THAT(to_json(trigger_other("r1", "2026-01-01T00:00:00Z", {}, false)), HasSubstr("OKResponse")) << "its own run";
  asking_run = trigger("d");
  token = receive("ExecuteTask").body.at("token");
  seq = 0;
  EXPECT_THAT(to_json(trigger_other("r1", "2026-01-01T00:00:00Z")), HasSubstr("DAGRUN_ALREADY_EXISTS"));
  EXPECT_EQ(trigger_other("r1", "2026-01-01T00:00:00Z", {}, true).get_string("type"), "OKResponse");
  const DagRun run = need(reader_->run("other", "r1")).value();
  EXPECT_EQ(run.no, no);
  EXPECT_FALSE(is_finished(run.state));
  EXPECT_EQ(need(reader_->ended_tries(no)).size(), 3u);
  EXPECT_EQ(trigger_other("r1", "2026-01-01T00:00:00Z", {}, true).get_string("type"), "OKResponse");
  EXPECT_EQ(need(reader_->ended_tries(no)).size(), 3u) << "asked twice, it is cleared once";
  end_run(3);
  for (const TaskInstance& ti : need(reader_->task_instances(no))) EXPECT_EQ(ti.try_number, 2) << ti.task_id;
}

}  // namespace
}  // namespace venturi::server
