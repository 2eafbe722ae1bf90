// ExternalTaskSensor, TriggerDagRunOperator and the choices by the clock, with a server that the test plays.
#include <gmock/gmock.h>

#include "base/time.h"
#include "providers/testing/host_program.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class CrossDagTest : public HostProgramTest {
 protected:
  using FakeWorker = operators::testing::FakeWorker;

  static Object with(Object op, const Object& more) {
    for (const auto& [name, value] : more) op.set(name, value);
    return op;
  }
  // "done", "skipped", "not yet", "failed: ..." for an error that may be tried again, "failed for good: ...".
  std::string outcome(Object op) {
    worker.start(++sequence, std::move(op), {.should_retry = true});
    worker.exit(sequence);
    const std::string last = worker.types(sequence).back();
    if (last == "SucceedTask") return "done";
    if (last == "RescheduleTask") return "not yet";
    if (last == "RetryTask") return "failed: " + worker.message(sequence, "RetryTask").get_string("retry_reason");
    const Value end = worker.message(sequence, "TaskState");
    return end.get_string("state") == "skipped" ? "skipped" : "failed for good: " + end.get_string("error");
  }
  std::string log() { return worker.log(sequence); }

  std::int64_t sequence = 0;
};

class ExternalTaskTest : public CrossDagTest {
 protected:
  std::string poke(const Object& more) {
    return outcome(with({{"task_type", "ExternalTaskSensor"}, {"mode", "reschedule"}, {"external_dag_id", "other"}}, more));
  }
  void counts(const char* type, std::int64_t n) {
    worker.replies[std::string("Get") + type] = Object{{"type", type}, {"count", n}};
  }
};

TEST_F(ExternalTaskTest, WaitsForARun) {
  counts("DRCount", 0);
  EXPECT_EQ(poke({}), "not yet");
  const Value question = worker.message(sequence, "GetDRCount");
  EXPECT_EQ(to_json(question),
            R"({"dag_id":"other","logical_dates":["2026-01-02T03:04:05Z"],"states":["success"],"type":"GetDRCount"})");
  EXPECT_THAT(log(), HasSubstr("Poking for DAG other on 2026-01-02T03:04:05Z ..."));
  counts("DRCount", 1);
  EXPECT_EQ(poke({}), "done");
  EXPECT_EQ(poke({{"execution_delta", Object{{"__type", "timedelta"}, {"__var", 3600.0}}}}), "done");
  EXPECT_EQ(to_json(worker.message(sequence, "GetDRCount").at("logical_dates")), R"(["2026-01-02T02:04:05Z"])");
  EXPECT_EQ(poke({{"execution_dates", Array{"2026-01-01", "2026-01-02T00:00:00+01:00"}}}), "not yet");
  EXPECT_EQ(to_json(worker.message(sequence, "GetDRCount").at("logical_dates")),
            R"(["2026-01-01T00:00:00Z","2026-01-01T23:00:00Z"])");
  // A count of one is there for every question.
  EXPECT_EQ(poke({{"failed_states", Array{"failed"}}}), "failed: Of what it waits for (DAG other) some failed.");
  EXPECT_EQ(poke({{"failed_states", Array{"failed"}}, {"soft_fail", true}}), "skipped");
  EXPECT_EQ(poke({{"skipped_states", Array{"failed"}}}), "skipped");
  EXPECT_THAT(log(), HasSubstr("reached a state in our states-to-skip-on list. Skipping."));
}

TEST_F(ExternalTaskTest, WaitsForTasks) {
  counts("TICount", 1);
  EXPECT_EQ(poke({{"external_task_id", "x"}}), "done");
  EXPECT_EQ(poke({{"external_task_ids", Array{"x", "y"}}, {"allowed_states", Array{"success", "skipped"}}}), "not yet");
  EXPECT_EQ(to_json(worker.message(sequence, "GetTICount")),
            R"({"dag_id":"other","logical_dates":["2026-01-02T03:04:05Z"],"states":["success","skipped"],"type":"GetTICount",)"
            R"("task_ids":["x","y"]})");
  counts("TICount", 2);
  EXPECT_EQ(poke({{"external_task_ids", Array{"x", "y"}}}), "done");
}

TEST_F(ExternalTaskTest, WaitsForAGroup) {
  const auto states = [&](Object of_run) {
    worker.replies["GetTaskStates"] = Object{{"type", "TaskStatesResult"}, {"task_states", Object{{"r1", std::move(of_run)}}}};
    return poke({{"external_task_group_id", "g"}, {"failed_states", Array{"failed"}}});
  };
  EXPECT_EQ(states({{"g.x", "success"}, {"g.y", nullptr}}), "not yet");
  EXPECT_EQ(states({}), "not yet");
  EXPECT_EQ(states({{"g.x", "success"}, {"g.y", "success"}}), "done");
  EXPECT_THAT(states({{"g.x", "failed"}, {"g.y", "failed"}}), HasSubstr("(the task group g of DAG other) some failed"));
}

TEST_F(ExternalTaskTest, WhatDoesNotExist) {
  counts("TICount", 1);
  worker.replies["GetDag"] =
      Object{{"type", "DagResult"}, {"task_ids", Array{"x"}}, {"task_group_ids", Array{"g"}}, {"is_paused", false}};
  EXPECT_EQ(poke({{"external_task_id", "x"}, {"check_existence", true}}), "done");
  EXPECT_EQ(poke({{"external_task_id", "y"}, {"check_existence", true}}),
            "failed: The external task y in DAG other does not exist.");
  EXPECT_EQ(poke({{"external_task_group_id", "h"}, {"check_existence", true}}),
            "failed: The external task group 'h' in DAG 'other' does not exist.");
  worker.refuses = "GetDag";
  EXPECT_EQ(poke({{"check_existence", true}}), "failed: the server refused GetDag: API_SERVER_ERROR: no room");
}

TEST_F(ExternalTaskTest, WhatIsWrongWithTheArguments) {
  EXPECT_EQ(poke({{"external_task_id", "x"}, {"external_task_ids", Array{"y"}}}),
            "failed for good: Only one of `external_task_id` or `external_task_ids` may be provided to ExternalTaskSensor");
  EXPECT_EQ(
      poke({{"external_task_id", "x"}, {"external_task_group_id", "g"}}),
      "failed for good: Only one of `external_task_group_id` or `external_task_ids` may be provided to ExternalTaskSensor");
  EXPECT_EQ(poke({{"external_task_ids", Array{"x", "x"}}}),
            "failed for good: Duplicate task_ids passed in external_task_ids parameter");
  EXPECT_EQ(poke({{"allowed_states", Array{"skipped"}}}),
            "failed for good: 'skipped' in allowed_states, skipped_states or failed_states is no state of a DAG run (there are "
            "queued, running, success, failed)");
  EXPECT_EQ(poke({{"failed_states", Array{"success"}}}),
            "failed for good: Duplicate values provided across allowed_states, skipped_states and failed_states: 'success' is "
            "there twice");
  EXPECT_EQ(poke({{"execution_dates", Array{"yesterday"}}}),
            "failed for good: execution_dates has 'yesterday', which is no date and time like 2026-01-31T00:00:00+00:00");
  EXPECT_EQ(poke({{"execution_dates", Array{}}}), "failed for good: execution_dates is empty: give a date, or leave it out");
  EXPECT_THAT(poke({{"execution_dates", Array{"2026-01-01"}}, {"execution_delta", 60}}),
              HasSubstr("Only one of `execution_delta` or `execution_dates` may be provided"));
}

class TriggerTest : public CrossDagTest {
 protected:
  static Object trigger(const Object& more = {}) {
    return with({{"task_type", "TriggerDagRunOperator"}, {"trigger_dag_id", "other"}, {"poke_interval", 0.01}}, more);
  }
  Value asked() { return worker.message(sequence, "TriggerDagRun"); }
};

TEST_F(TriggerTest, ARunIsAskedFor) {
  EXPECT_EQ(
      outcome(trigger({{"trigger_run_id", "r1"}, {"logical_date", "2026-01-31T01:00:00+01:00"}, {"conf", Object{{"day", 3}}}})),
      "done");
  EXPECT_EQ(to_json(asked()),
            R"({"type":"TriggerDagRun","dag_id":"other","run_id":"r1","logical_date":"2026-01-31T00:00:00Z","run_after":null,)"
            R"("conf":{"day":3},"reset_dag_run":false,"partition_key":null,"note":null})");
  EXPECT_THAT(worker.types(sequence), ElementsAre("TriggerDagRun", "SucceedTask"));
  EXPECT_EQ(outcome(trigger({{"note", "{{ as it is }}"}})), "done");
  EXPECT_EQ(asked().get_string("note"), "{{ as it is }}") << "as in Airflow no template";
  EXPECT_EQ(outcome(trigger({{"logical_date", "2026-01-31"}, {"conf", R"({"a": 1})"}})), "done");
  EXPECT_EQ(asked().get_string("run_id"), "manual__2026-01-31T00:00:00+00:00");
  EXPECT_EQ(to_json(asked().at("conf")), R"({"a":1})");
  EXPECT_EQ(outcome(trigger({{"logical_date", nullptr}})), "done");
  EXPECT_TRUE(asked().at("logical_date").is_null());
  EXPECT_THAT(asked().get_string("run_id"), ::testing::MatchesRegex("manual__.*\\+00:00_[a-z]{8}"));
  EXPECT_EQ(outcome(trigger({{"run_after", "2090-01-31T00:00:00Z"}})), "done");
  EXPECT_EQ(asked().get_string("run_after"), "2090-01-31T00:00:00Z");
  EXPECT_TRUE(asked().at("logical_date").is_null()) << "as in Airflow: it has none where only run_after is given";
  EXPECT_THAT(asked().get_string("run_id"), ::testing::MatchesRegex("manual__2090-01-31T00:00:00\\+00:00_[a-z]{8}"));
  EXPECT_EQ(outcome(trigger({{"run_after", "2090-01-31T00:00:00Z"}, {"logical_date", "2026-01-31"}})), "done");
  EXPECT_EQ(asked().get_string("run_id"), "manual__2090-01-31T00:00:00+00:00");
  EXPECT_EQ(outcome(trigger({{"run_after", "{{ ds }}"}})),
            "failed for good: the argument run_after must be a date and time like 2026-01-31T00:00:00+00:00, or None, not "
            "'{{ ds }}'");
  EXPECT_EQ(outcome(trigger()), "done");
  EXPECT_EQ(asked().get_string("run_id"), "manual__" + format_time_offset(*parse_time(asked().get_string("logical_date"))));
}

TEST_F(TriggerTest, WaitsForItsEnd) {
  const auto state = [&](const char* word) {
    worker.replies["GetDagRunState"] = Object{{"type", "DagRunStateResult"}, {"state", word}};
  };
  state("success");
  EXPECT_EQ(outcome(trigger({{"wait_for_completion", "True"}, {"trigger_run_id", "r1"}})), "done");
  EXPECT_EQ(to_json(worker.message(sequence, "GetDagRunState")), R"({"type":"GetDagRunState","dag_id":"other","run_id":"r1"})");
  state("failed");
  EXPECT_EQ(outcome(trigger({{"wait_for_completion", true}, {"trigger_run_id", "r1"}})),
            "failed: other failed with failed state failed (run r1)");
  EXPECT_EQ(outcome(trigger({{"wait_for_completion", true}, {"allowed_states", Array{"failed"}}, {"failed_states", Array{}}})),
            "done");
  EXPECT_EQ(outcome(trigger({{"wait_for_completion", true}, {"failed_states", Array{}}, {"trigger_run_id", "r1"}})),
            "failed: run r1 of other ended as failed, which is neither in allowed_states nor in failed_states");
  // It waits until it is told otherwise.
  state("running");
  worker.start(++sequence, trigger({{"wait_for_completion", true}}));
  for (int i = 0; i < 3; ++i) {
    const std::size_t seen = worker.seen.size();
    worker.read_until([&] { return worker.seen.size() > seen; });
  }
  worker.cancel(sequence);
  EXPECT_EQ(worker.exit(sequence).get_string("kind"), "killed");
}

TEST_F(TriggerTest, WhatIsThereAlready) {
  worker.replies["TriggerDagRun"] = Object{{"type", "ErrorResponse"},
                                           {"error", "DAGRUN_ALREADY_EXISTS"},
                                           {"detail", Object{{"message", "there is a run r1 already"}}}};
  EXPECT_EQ(outcome(trigger()), "failed for good: Dag Run already exists, marking task as failed: there is a run r1 already");
  EXPECT_EQ(outcome(trigger({{"skip_when_already_exists", true}})), "skipped");
  worker.replies["GetDag"] = Object{{"type", "DagResult"}, {"is_paused", true}};
  EXPECT_EQ(outcome(trigger({{"fail_when_dag_is_paused", true}})), "failed: Dag other is paused");
  EXPECT_THAT(worker.types(sequence), ElementsAre("GetDag", "RetryTask"));
  worker.refuses = "TriggerDagRun";
  EXPECT_EQ(outcome(trigger()), "failed: the server refused TriggerDagRun: API_SERVER_ERROR: no room");
}

TEST_F(TriggerTest, WhatIsWrongWithTheArguments) {
  EXPECT_EQ(
      outcome(trigger({{"logical_date", "soon"}})),
      "failed for good: the argument logical_date must be a date and time like 2026-01-31T00:00:00+00:00, or None, not 'soon'");
  EXPECT_EQ(outcome(trigger({{"allowed_states", Array{"skipped"}}})),
            "failed for good: allowed_states has 'skipped', which is no state of a DAG run (there are queued, running, "
            "success, failed)");
  EXPECT_THAT(outcome(trigger({{"conf", "{"}})), StartsWith("failed for good: conf parameter should be JSON Serializable: "));
  EXPECT_EQ(outcome(trigger({{"conf", Array{1}}})), "failed for good: the argument conf must be an object, not array");
  EXPECT_EQ(outcome(trigger({{"wait_for_completion", "maybe"}})),
            "failed for good: the argument wait_for_completion must be true or false, not \"maybe\"");
  EXPECT_EQ(outcome({{"task_type", "TriggerDagRunOperator"}}),
            "failed for good: the argument trigger_dag_id is missing: give it a string");
}

class ChoicesTest : public CrossDagTest {
 protected:
  // Which of "yes", "no" directly below it goes on.
  std::string choice(Object op) {
    op.set("downstream_task_ids", Array{"yes", "no"});
    op.set("follow_task_ids_if_true", "yes");
    op.set("follow_task_ids_if_false", Array{"no"});
    const std::string how = outcome(std::move(op));
    if (how != "done") return how;
    return to_json(worker.message(sequence, "SetXCom").at("value").at("followed"));
  }
};

TEST_F(ChoicesTest, LatestOnly) {
  const auto window = [&](const char* type, Value left, Value right) {
    worker.replies["GetLatestOnlyWindow"] =
        Object{{"type", "LatestOnlyWindow"}, {"run_type", type}, {"left", std::move(left)}, {"right", std::move(right)}};
    return choice({{"task_type", "LatestOnlyOperator"}});
  };
  const char *past = "2020-01-01T00:00:00Z", *future = "2999-01-01T00:00:00Z";
  EXPECT_EQ(window("scheduled", past, future), R"(["yes","no"])");
  EXPECT_THAT(log(), HasSubstr("Latest, allowing execution to proceed."));
  EXPECT_EQ(window("scheduled", past, past), "[]");
  EXPECT_THAT(log(), HasSubstr("Not latest execution, skipping downstream."));
  EXPECT_EQ(to_json(worker.message(sequence, "SkipDownstreamTasks").at("tasks")), R"([["yes",-1],["no",-1]])");
  EXPECT_EQ(window("scheduled", future, future), "[]");
  EXPECT_EQ(window("scheduled", past, nullptr), R"(["yes","no"])");
  EXPECT_EQ(window("manual", past, past), R"(["yes","no"])");
}

TEST_F(ChoicesTest, DayOfWeek) {
  // The run's date, 2026-01-02, is a Friday.
  const auto day = [&](Value days, const char* zone = "UTC") {
    return choice({{"task_type", "BranchDayOfWeekOperator"},
                   {"week_day", std::move(days)},
                   {"use_task_logical_date", true},
                   {"timezone", zone}});
  };
  EXPECT_EQ(day("Friday"), R"(["yes"])");
  EXPECT_EQ(day(Object{{"__type", "set"}, {"__var", Array{"SATURDAY", "sunday"}}}), R"(["no"])");
  EXPECT_THAT(day("Caturday"), HasSubstr("failed for good: Invalid Week Day passed: \"Caturday\""));
  const Array all{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
  EXPECT_EQ(choice({{"task_type", "BranchDayOfWeekOperator"}, {"week_day", all}, {"timezone", "Asia/Tokyo"}}), R"(["yes"])");
  EXPECT_THAT(choice({{"task_type", "BranchDayOfWeekOperator"}, {"week_day", all}, {"timezone", "Mars/Base"}}),
              HasSubstr("failed for good: the argument timezone: "));
}

TEST_F(ChoicesTest, DateTime) {
  // The run's date is 2026-01-02T03:04:05Z.
  const auto between = [&](Value lower, Value upper, const char* zone = "UTC") {
    return choice({{"task_type", "BranchDateTimeOperator"},
                   {"target_lower", std::move(lower)},
                   {"target_upper", std::move(upper)},
                   {"use_task_logical_date", true},
                   {"timezone", zone}});
  };
  const std::string yes = R"(["yes"])", no = R"(["no"])";
  EXPECT_EQ(between("03:00", "04:00"), yes);
  EXPECT_EQ(between("03:05", "04:00"), no);
  EXPECT_EQ(between(nullptr, "03:00"), no);
  EXPECT_EQ(between("02:00", nullptr), yes);
  EXPECT_EQ(between("02:00", "01:00"), yes);                     // until the next day
  EXPECT_EQ(between("22:00", "06:00"), no);                      // as in Airflow: that is this evening
  EXPECT_EQ(between("05:00", "07:00", "Europe/Helsinki"), yes);  // two hours ahead
  EXPECT_EQ(between("2026-01-01T00:00:00+00:00", "2026-01-02T03:04:05Z"), yes);
  EXPECT_EQ(between("2026-01-02T05:04:06", nullptr, "Europe/Helsinki"), no);
  EXPECT_EQ(between(1767322000.0, nullptr), yes);  // Airflow's serialized datetime
  EXPECT_EQ(
      between("noon", nullptr),
      "failed for good: the argument target_lower must be a date and time like 2026-01-31T07:30:00+01:00, or a time of day "
      "like 07:30, not 'noon'");
  EXPECT_THAT(between(nullptr, nullptr), HasSubstr("Both target_upper and target_lower are None."));
}

}  // namespace
}  // namespace venturi::providers::testing
