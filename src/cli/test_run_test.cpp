// What `dags test` and `tasks test` make of home and DAG; the runs themselves are in tests/cli.
#include "cli/test_run.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "base/json.h"
#include "cli/task_rows.h"
#include "cli/test_home.h"

namespace venturi::cli {
namespace {

Dag two_tasks() {
  const auto task = [](const char* id, Array downstream) {
    return Value(Object{{"__type", "operator"},
                        {"__var", Object{{"task_id", id},
                                         {"task_type", "CppTask"},
                                         {"_task_module", "venturi.program"},
                                         {"retries", 3},
                                         {"trigger_rule", "all_failed"},
                                         {"downstream_task_ids", std::move(downstream)}}}});
  };
  Dag dag =
      read_serialized_dag(
          Object{
              {"__version", 3},
              {"dag", Object{{"dag_id", "two"},
                             {"fileloc", "/dags/two.cpp"},
                             {"timezone", "UTC"},
                             {"timetable", Object{{"__type", "airflow.timetables.simple.NullTimetable"}, {"__var", Object{}}}},
                             {"tasks", Array{task("first", {"second"}), task("second", {})}},
                             {"task_group", Object{{"_group_id", nullptr},
                                                   {"children", Object{{"first", Array{"operator", "first"}},
                                                                       {"second", Array{"operator", "second"}}}}}}}}})
          .value();
  dag.program = "/program";
  dag.relative_fileloc = "two.cpp";
  dag.version_id = "v";
  return dag;
}

TEST(TestedDagTest, IsUnpausedAndHasNoRunOfItsOwn) {
  const auto dag = tested_dag(two_tasks(), std::nullopt).value();
  EXPECT_EQ(dag->tasks.size(), 2U);
  EXPECT_EQ(dag->is_paused_upon_creation, false);
  EXPECT_EQ(dag->end_date, Time{});
  EXPECT_EQ(dag->program, "/program");
}

TEST(TestedDagTest, OneTaskStandsAlone) {
  const auto dag = tested_dag(two_tasks(), "second").value();
  ASSERT_EQ(dag->tasks.size(), 1U);
  EXPECT_EQ(dag->tasks[0].task_id, "second");
  EXPECT_TRUE(dag->tasks[0].upstream.empty());
  EXPECT_EQ(dag->tasks[0].retries, 0);
  EXPECT_EQ(dag->tasks[0].trigger_rule, TriggerRule::always);
  EXPECT_EQ(dag->program, "/program");
  EXPECT_EQ(dag->relative_fileloc, "two.cpp");
  EXPECT_EQ(dag->find_task("second"), 0U);
  EXPECT_EQ(tested_dag(two_tasks(), "first").value()->tasks[0].downstream.size(), 0U);
}

TEST(TestedDagTest, AnUnknownTaskNamesTheNearest) {
  EXPECT_EQ(tested_dag(two_tasks(), "secnd").error().text(), "dag two: there is no task secnd (did you mean second?)");
}

TEST(TestHomeTest, HasTheSettingsOfTheRealOneAndFilesOfItsOwn) {
  std::string real = "/tmp/venturi-real-XXXXXX";
  ASSERT_NE(::mkdtemp(real.data()), nullptr);
  const auto home = open_home(real).value();
  const char* environment[] = {"VENTURI__WORKER__PARALLELISM=7", "VENTURI__COMPILER__FLAGS=-O2 \"-DX=\\\"1\\\"\"",
                               "VENTURI__DATABASE__PATH=elsewhere.db", "VENTURI__DAG_PROCESSOR__REFRESH_INTERVAL_S=2.5",
                               nullptr};
  const OpenedHome opened{home, Config::load(home.root, environment).value()};
  std::filesystem::path root;
  {
    const auto made = TestHome::make(opened);
    ASSERT_TRUE(made) << made.error().text();
    root = made->home().root;
    EXPECT_NE(root, home.root);
    EXPECT_EQ(made->config().integer("worker.parallelism"), 7);
    EXPECT_EQ(made->config().text("compiler.flags"), "-O2 \"-DX=\\\"1\\\"\"");
    EXPECT_EQ(made->config().path("core.dags_folder"), home.root / "dags");
    EXPECT_EQ(made->config().path("database.path"), root / "venturi.db");
    EXPECT_EQ(made->config().seconds("dag_processor.refresh_interval_s"), std::chrono::milliseconds(2500));
    EXPECT_EQ(std::filesystem::status(root).permissions(), std::filesystem::perms::owner_all);
  }
  EXPECT_FALSE(std::filesystem::exists(root));
  {
    auto made = TestHome::make(opened);
    ASSERT_TRUE(made) << made.error().text();
    root = made->home().root;
    made->keep();
  }
  EXPECT_TRUE(std::filesystem::exists(root));
  std::filesystem::remove_all(root);
  std::filesystem::remove_all(real);
}

TEST(TaskRowsTest, SayWhyATryEndedBadly) {
  TaskInstance ti;
  EXPECT_EQ(end_text(ti), "");
  ti.error = "on purpose";
  EXPECT_EQ(end_text(ti), "on purpose");
  ti.end_reason = EndReason::signal;
  ti.end_detail = 6;
  EXPECT_EQ(end_text(ti), "killed by signal 6 (SIGABRT)");
  ti.end_reason = EndReason::exit_code;
  ti.end_detail = 3;
  EXPECT_EQ(end_text(ti), "exit code 3");
  ti.end_detail = 0;
  ti.error = "it ended without telling its outcome";
  EXPECT_EQ(end_text(ti), "it ended without telling its outcome");
  ti.end_reason = EndReason::lost;
  ti.error = "";
  EXPECT_EQ(end_text(ti), "lost with its worker");
}

TEST(TaskRowsTest, Durations) {
  using namespace std::chrono_literals;
  const Time start{};
  EXPECT_EQ(duration_text(std::nullopt, start), "");
  EXPECT_EQ(duration_text(start, std::nullopt), "");
  EXPECT_EQ(duration_text(start, start + 350ms), "0.35s");
  EXPECT_EQ(duration_text(start, start - 1ms), "0.00s");
  EXPECT_EQ(duration_text(start, start + 62s), "1m 02s");
  EXPECT_EQ(duration_text(start, start + 2h + 5min + 59s), "2h 05m");
}

}  // namespace
}  // namespace venturi::cli
