// Retention in a server: what goes, with its folders, and what is told of it.
#include "server/retention.h"

#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "server/testing/server_fixture.h"

namespace venturi::server {
namespace {

namespace fs = std::filesystem;
using testing::chain;
using testing::need;
using testing::ServerTest;

class RetentionTest : public ServerTest {
 protected:
  RetentionTest()
      : deleted_runs_(*loop_, *scheduler_, *reader_, home_),
        retention_(*loop_, *scheduler_, *reader_, deleted_runs_, home_, (home_.root / "venturi.db").string()) {}
  // A run that was over so many days ago, with a file and a log.
  DagRun old_run(int days) {
    DagRun run = trigger("d");
    const Value a = receive("ExecuteTask").body;
    answer_to(exited(a.at("token"), "exit_code", "it failed"));
    run_until([&] { return !ended_.empty() && ended_.back().run_id == run.run_id; }, "the end of the run");
    settle();
    run = need(reader_->run("d", run.run_id)).value();
    run.end_date = clock_.now() - std::chrono::hours(24 * days);
    store::Batch past;
    past.runs = {run};
    need(real_store_->commit(past));
    for (const fs::path& folder : {home_.files() / "d" / run.run_id, home_.logs() / "dag_id=d" / ("run_id=" + run.run_id)}) {
      fs::create_directories(folder);
      std::ofstream(folder / "x") << "x";
    }
    return run;
  }
  CleaningReport clean(CleaningOrder order) {
    std::optional<CleaningReport> report;
    retention_.clean(std::move(order), [&](Result<CleaningReport> result) { report = need(std::move(result)); });
    run_until([&] { return report.has_value(); }, "the end of cleaning");
    return *report;
  }
  [[nodiscard]] Time days_ago(int days) const { return clock_.now() - std::chrono::hours(24 * days); }
  bool is_there(const DagRun& run) { return need(reader_->run("d", run.run_id)).has_value(); }

  DeletedRuns deleted_runs_;
  Retention retention_;
};

TEST_F(RetentionTest, RunsGoWithTheirFolders) {
  connect_worker("w1");
  see(chain());
  std::vector<DagRun> runs;
  for (const int days : {50, 40, 30, 20}) runs.push_back(old_run(days));
  CleaningOrder order;
  order.rules.runs_before = days_ago(35);
  order.files_before = days_ago(25);
  order.is_dry_run = true;
  EXPECT_EQ(clean(order), (CleaningReport{.runs = 2, .task_instances = 4, .folders = 1}));
  EXPECT_TRUE(is_there(runs[0]));
  order.is_dry_run = false;
  EXPECT_EQ(clean(order), (CleaningReport{.runs = 2, .task_instances = 4, .folders = 1}));
  EXPECT_FALSE(is_there(runs[0]) || is_there(runs[1]));
  EXPECT_TRUE(is_there(runs[2]) && is_there(runs[3]));
  const auto has = [&](const fs::path& folder, const DagRun& run) { return fs::exists(folder / run.run_id); };
  EXPECT_FALSE(has(home_.files() / "d", runs[0]) || has(home_.files() / "d", runs[2]));
  EXPECT_TRUE(has(home_.files() / "d", runs[3]));
  EXPECT_FALSE(fs::exists(home_.logs() / "dag_id=d" / ("run_id=" + runs[1].run_id)));
  EXPECT_TRUE(fs::exists(home_.logs() / "dag_id=d" / ("run_id=" + runs[2].run_id)));
  EXPECT_EQ(clean(order), CleaningReport{});
}

TEST_F(RetentionTest, FilesAndLogsByTheirNumber) {
  connect_worker("w1");
  see(chain());
  std::vector<DagRun> runs;
  for (int i = 0; i < 4; ++i) runs.push_back(old_run(1));
  CleaningOrder order;
  order.rules.files_runs_per_dag = 1;
  order.rules.logs_runs_per_dag = 2;
  EXPECT_EQ(clean(order), (CleaningReport{.folders = 5}));
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(fs::exists(home_.files() / "d" / runs[i].run_id), i >= 3) << i;
    EXPECT_EQ(fs::exists(home_.logs() / "dag_id=d" / ("run_id=" + runs[i].run_id)), i >= 2) << i;
    EXPECT_TRUE(is_there(runs[i]));
  }
  EXPECT_EQ(clean(order), CleaningReport{});
}

TEST_F(RetentionTest, WhatExpiredGoesFromStateStores) {
  constexpr std::int32_t many = 700;  // more than one slice
  store::Batch batch;
  for (std::int32_t i = 0; i < many; ++i)
    batch.task_states.push_back({.of = {1, "a", i}, .written = store::StoredState{"k", "1", days_ago(9), days_ago(1)}});
  batch.task_states.push_back({.of = {1, "a", -1}, .written = store::StoredState{"k", "1", days_ago(9), days_ago(-1)}});
  batch.task_states.push_back({.of = {1, "a", -1}, .written = store::StoredState{"l", "1", days_ago(9)}});
  need(real_store_->commit(batch));
  CleaningOrder order;
  order.rules.states_expired_before = clock_.now();
  order.is_dry_run = true;
  EXPECT_EQ(clean(order), (CleaningReport{.expired_states = many}));
  order.is_dry_run = false;
  EXPECT_EQ(clean(order), (CleaningReport{.expired_states = many}));
  EXPECT_EQ(need(reader_->task_states({1, "a", -1}, 0, 10)).second, 2);
  EXPECT_EQ(clean(order), CleaningReport{});
}

// The thread looked, and before the loop heard of it the run had ended anew.
TEST_F(RetentionTest, WhatRanAgainInTheMeantimeStays) {
  connect_worker("w1");
  see(chain());
  DagRun run = old_run(50);
  const DagRun files = old_run(40);
  old_run(30);
  CleaningOrder order;
  order.rules.runs_before = days_ago(45);
  order.files_before = days_ago(35);
  std::optional<CleaningReport> report;
  retention_.clean(order, [&](Result<CleaningReport> result) { report = need(std::move(result)); });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  store::Batch again;
  for (DagRun changed : {run, files}) {
    changed.end_date = clock_.now();
    again.runs.push_back(changed);
  }
  need(real_store_->commit(again));
  run_until([&] { return report.has_value(); }, "the end of cleaning");
  EXPECT_EQ(*report, (CleaningReport{.kept = 1}));
  EXPECT_TRUE(is_there(run));
  for (const DagRun& kept : {run, files}) EXPECT_TRUE(fs::exists(home_.files() / "d" / kept.run_id / "x"));
}

TEST_F(RetentionTest, MoreThanIsToldAtOnce) {
  connect_worker("w1");
  see(chain());
  for (int i = 0; i < 7; ++i) old_run(50);
  CleaningOrder order;
  order.rules.runs_before = days_ago(35);
  order.rules.most_runs = 2;
  EXPECT_EQ(clean(order).runs, 6) << "the last one of the DAG stays";
}

}  // namespace
}  // namespace venturi::server
