#include "store/sqlite/old_rows.h"

#include <gmock/gmock.h>

#include <chrono>
#include <map>

#include "store/sqlite/database.h"
#include "store/sqlite/store_fixture.h"

namespace venturi::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Days before the present of these tests.
Time days(int count) {
  return at(0) - std::chrono::hours(24 * count);
}

class OldRowsTest : public StoreTest {
 protected:
  OldRowsTest() : store_(open()), reader_(need(store_->open_reader())) {}
  void commit(const Batch& batch) { need(store_->commit(batch)); }

  // Each with a task instance and an XCom.
  DagRun& add(Batch& batch, const std::string& dag_id, int days_ago, RunType type = RunType::scheduled,
              RunState state = RunState::success) {
    DagRun run = make_run(next_, next_, 1);
    run.dag_id = dag_id;
    run.run_type = type;
    run.state = state;
    run.logical_date = run.start_date = run.end_date = days(days_ago);
    if (!is_finished(state)) run.end_date.reset();
    batch.task_instances.push_back(make_task_instance(next_, next_));
    batch.xcoms.push_back({{"", "", "t", -1, "k"}, "1", next_});
    ++next_;
    return batch.runs.emplace_back(run);
  }
  std::vector<RunNo> old(const CleaningRules& rules) {
    std::vector<RunNo> numbers;
    for (const OldRun& run : need(find_old_rows(path_, rules, {})).runs) numbers.push_back(run.no);
    return numbers;
  }

  std::unique_ptr<Store> store_;
  std::unique_ptr<Reader> reader_;
  RunNo next_ = 1;
};

TEST_F(OldRowsTest, ByAgeAndNeverTheLastOnesOfADag) {
  Batch batch;
  for (const int age : {50, 40, 30, 20, 10}) add(batch, "a", age);
  add(batch, "b", 60);
  commit(batch);
  EXPECT_THAT(old({.runs_before = days(25)}), ElementsAre(1, 2, 3));
  EXPECT_THAT(old({.runs_before = days(5)}), ElementsAre(1, 2, 3, 4)) << "the last of each DAG stays";
  EXPECT_THAT(old({.runs_before = days(5), .keep_runs = 4}), ElementsAre(1));
  EXPECT_THAT(old({}), IsEmpty());
}

TEST_F(OldRowsTest, ByNumber) {
  Batch batch;
  for (const int age : {50, 40, 30, 20, 10}) add(batch, "a", age);
  for (const int age : {9, 8, 7}) add(batch, "b", age);
  commit(batch);
  EXPECT_THAT(old({.runs_per_dag = 2}), ElementsAre(1, 2, 3, 6));
  EXPECT_THAT(old({.max_task_instances = 3}), ElementsAre(1, 2, 3, 4)) << "5 is the last of its DAG";
  EXPECT_THAT(old({.max_task_instances = 8}), IsEmpty());
}

TEST_F(OldRowsTest, WhatSchedulingStillNeedsStays) {
  Batch batch;
  add(batch, "a", 50);                                                        // 1: before the active one
  add(batch, "a", 40, RunType::scheduled, RunState::running);                 // 2
  add(batch, "a", 35);                                                        // 3
  add(batch, "a", 33);                                                        // 4: the last that succeeded
  add(batch, "a", 32, RunType::scheduled, RunState::failed);                  // 5: the last that was not made by hand
  add(batch, "a", 31, RunType::manual, RunState::failed);                     // 6: the last by date
  add(batch, "a", 45, RunType::backfill, RunState::success).backfill_id = 7;  // 7: of a backfill; before the active one
  add(batch, "a", 55, RunType::backfill, RunState::success).backfill_id = 7;  // 8
  add(batch, "a", 56, RunType::backfill, RunState::success).backfill_id = 8;  // 9
  add(batch, "a", 57, RunType::manual, RunState::failed);                     // 10: the newest
  Backfill open, over;
  open.id = 7;
  over.id = 8;
  open.dag_id = over.dag_id = "a";
  over.completed_at = days(1);
  batch.backfills = {open, over};
  commit(batch);
  EXPECT_THAT(old({.runs_before = days(0)}), ElementsAre(1, 3, 9));
}

TEST_F(OldRowsTest, XComsGoEarlierThanTheirRun) {
  Batch batch;
  for (const int age : {50, 40, 30}) add(batch, "a", age);
  commit(batch);
  const OldRows rows = need(find_old_rows(path_, {.runs_before = days(45), .xcoms_before = days(20)}, {}));
  ASSERT_EQ(rows.xcoms.size(), 1u) << "those of the last run stay";
  EXPECT_EQ(rows.xcoms[0].no, 2);
  EXPECT_EQ(rows.xcoms[0].rows, 1);
  Batch cleaning;
  cleaning.cleaning.xcoms = {{2, 500}};
  commit(cleaning);
  EXPECT_THAT(need(reader_->xcom_keys(2)), IsEmpty());
  EXPECT_EQ(need(reader_->xcom_keys(3)).size(), 1u);
  EXPECT_THAT(need(find_old_rows(path_, {.xcoms_before = days(20)}, {})).xcoms, ElementsAre(::testing::Field(&OldRun::no, 1)));
}

TEST_F(OldRowsTest, VersionsThatNothingFollows) {
  Batch batch;
  batch.now = days(100);
  for (const char* version : {"v1", "v2", "v3"}) batch.dags.push_back(make_dag("a", version));
  add(batch, "a", 99).dag_version_id = "v2";
  commit(batch);
  EXPECT_THAT(need(find_old_rows(path_, {.versions_before = days(50)}, {})).dag_versions, ElementsAre("v1"));
  EXPECT_THAT(need(find_old_rows(path_, {.versions_before = days(150)}, {})).dag_versions, IsEmpty());
  Batch cleaning;
  cleaning.cleaning.dag_versions = {"v1", "v3"};
  commit(cleaning);
  EXPECT_EQ(need(reader_->dag_versions("a")).size(), 2u) << "a current version stays whoever asks";
}

TEST_F(OldRowsTest, AssetEventsThatNobodyWaitsFor) {
  Batch batch;
  batch.assets = {{.no = 1, .key = {"x", "x"}, .group = "", .extra = {}, .created = {}}};
  for (std::int64_t no = 1; no <= 1200; ++no) {
    AssetEvent& event = batch.asset_events.emplace_back();
    event.no = no;
    event.asset = 1;
    event.at = days(static_cast<int>(100 - no / 20));
  }
  DagState waits = make_dag_state("waits");
  waits.last_asset_event = 900;
  batch.dag_states = {waits};
  batch.queued_assets = {{"waits", 1, days(40)}};
  commit(batch);
  const OldRows rows = need(find_old_rows(path_, {.asset_events_before = days(30)}, {}));
  EXPECT_EQ(rows.asset_events_up_to, 900);
  EXPECT_EQ(rows.asset_events, 900);
  Batch cleaning;
  cleaning.cleaning.asset_events_up_to = rows.asset_events_up_to;
  cleaning.cleaning.rows = 500;
  commit(cleaning);
  EXPECT_EQ(need(reader_->asset_events({})).front().no, 501);
  commit(cleaning);
  EXPECT_EQ(need(reader_->asset_events({})).front().no, 901);
  Batch taken;
  taken.unqueued_assets = batch.queued_assets;
  commit(taken);
  EXPECT_EQ(need(find_old_rows(path_, {.asset_events_before = at(0)}, {})).asset_events_up_to, 1199) << "the newest stays";
}

// What was refused after all leaves a gap.
TEST_F(OldRowsTest, EventLogsInSlicesWhateverTheirNumbers) {
  const CleaningRules rules{.event_logs_before = days(5)};
  const auto old = [&] { return need(find_old_rows(path_, rules, {})); };
  EXPECT_EQ(old().event_logs, 0);
  Batch batch;
  for (int i = 1; i <= 7; ++i) {
    EventLog& log = batch.event_logs.emplace_back();
    log.no = i == 1 ? 1 : i * 1000;
    log.at = days(i == 7 ? 1 : 9);
  }
  commit(batch);
  EXPECT_EQ(old().event_logs_up_to, 6000);
  EXPECT_EQ(old().event_logs, 6);
  Batch cleaning;
  cleaning.cleaning.event_logs_up_to = old().event_logs_up_to;
  cleaning.cleaning.rows = 2;
  cleaning.cleaning.archive = "20260101000000";
  for (const int left : {4, 2, 0}) {
    commit(cleaning);
    EXPECT_EQ(old().event_logs, left);
  }
  for (const ArchiveTable& table : need(archive_tables(path_)))
    EXPECT_EQ(table.rows, table.of == "event_log" ? 6 : 0) << table.of;
}

TEST_F(OldRowsTest, OfSomeDagsAlone) {
  Batch batch;
  for (const char* dag_id : {"a", "b", "c"}) {
    for (const int age : {50, 40}) add(batch, dag_id, age);
    batch.dags.push_back(make_dag(dag_id, std::string(dag_id) + "1"));
    batch.dags.push_back(make_dag(dag_id, std::string(dag_id) + "2"));
  }
  for (const char* dag_id : {"", "a", "b", "c", "a"}) {
    EventLog& log = batch.event_logs.emplace_back();
    log.no = static_cast<std::int64_t>(batch.event_logs.size());
    log.dag_id = dag_id;
    log.at = days(50);
  }
  batch.now = days(50);
  commit(batch);
  CleaningRules rules{
      .runs_before = days(45), .versions_before = days(45), .event_logs_before = days(45), .dags = {.only = {"b", "c"}}};
  OldRows rows = need(find_old_rows(path_, rules, {}));
  EXPECT_THAT(old(rules), ElementsAre(3, 5));
  EXPECT_THAT(rows.dag_versions, ElementsAre("b1", "c1"));
  EXPECT_EQ(rows.event_logs, 2);
  rules.dags = {.only = {}, .without = {"b"}};
  EXPECT_THAT(old(rules), ElementsAre(1, 5));
  rows = need(find_old_rows(path_, rules, {}));
  EXPECT_EQ(rows.event_logs, 2) << "what is of no DAG stays, and so does the newest";
  Batch cleaning;
  cleaning.cleaning.event_logs_up_to = rows.event_logs_up_to;
  cleaning.cleaning.rows = 500;
  cleaning.cleaning.dags = rules.dags;
  commit(cleaning);
  std::vector<std::int64_t> left;
  for (const EventLog& log : need(reader_->event_logs({})).first) left.push_back(log.no);
  EXPECT_THAT(left, ElementsAre(1, 3, 5));
}

TEST_F(OldRowsTest, WhatBelongsToRunsByNumber) {
  Batch batch;
  for (const int age : {50, 40, 30, 20, 10}) add(batch, "a", age);
  add(batch, "b", 60);
  commit(batch);
  CleaningRules rules;
  rules.xcoms_runs_per_dag = 2;
  rules.files_runs_per_dag = 3;
  rules.logs_runs_per_dag = 4;
  std::vector<RunNo> files, logs;
  const OldRows rows = need(find_old_rows(path_, rules, [&](const OldRun& run) {
    if (run.files_are_too_many) files.push_back(run.no);
    if (run.logs_are_too_many) logs.push_back(run.no);
    return true;
  }));
  EXPECT_THAT(rows.xcoms, ElementsAre(::testing::Field(&OldRun::no, 1), ::testing::Field(&OldRun::no, 2),
                                      ::testing::Field(&OldRun::no, 3)));
  EXPECT_THAT(files, ElementsAre(1, 2));
  EXPECT_THAT(logs, ElementsAre(1));
  EXPECT_THAT(rows.runs, IsEmpty());
}

TEST_F(OldRowsTest, VersionsEventsAndLogsByNumber) {
  Batch batch;
  batch.now = days(1);
  for (const char* version : {"v1", "v2", "v3", "v4"}) batch.dags.push_back(make_dag("a", version));
  batch.dags.push_back(make_dag("b", "w1"));
  add(batch, "a", 1).dag_version_id = "v2";
  batch.assets = {{.no = 1, .key = {"x", "x"}, .group = "", .extra = {}, .created = {}}};
  for (std::int64_t no = 1; no <= 5; ++no) {
    AssetEvent& event = batch.asset_events.emplace_back();
    event.no = no * 10;
    event.asset = 1;
    event.at = days(1);
    EventLog& log = batch.event_logs.emplace_back();
    log.no = no * 100;
    log.at = days(1);
  }
  commit(batch);
  CleaningRules rules;
  rules.versions_per_dag = 2;
  rules.max_asset_events = 3;
  rules.max_event_logs = 2;
  const OldRows rows = need(find_old_rows(path_, rules, {}));
  EXPECT_THAT(rows.dag_versions, ElementsAre("v1")) << "a run of v2 is left";
  EXPECT_EQ(rows.asset_events_up_to, 20);
  EXPECT_EQ(rows.event_logs_up_to, 300);
  EXPECT_EQ(need(find_old_rows(path_, {}, {})).event_logs_up_to, 0);
}

TEST_F(OldRowsTest, StatesGoWhenTheyExpire) {
  Batch batch;
  add(batch, "a", 50);
  for (const int ago : {3, 2, 1}) {
    batch.task_states.push_back({.of = {1, "t", -1}, .written = StoredState{std::to_string(ago), "1", days(50), days(ago)}});
  }
  batch.task_states.push_back({.of = {1, "t", -1}, .written = StoredState{"stays", "1", days(50)}});
  commit(batch);
  CleaningRules rules;
  EXPECT_EQ(need(find_old_rows(path_, rules, {})).expired_states, 0);
  rules.states_expired_before = days(1);
  EXPECT_EQ(need(find_old_rows(path_, rules, {})).expired_states, 2);
  Batch slice;
  slice.cleaning.states_expired_before = days(1);
  slice.cleaning.rows = 1;
  commit(slice);
  EXPECT_EQ(need(reader_->task_state({1, "t", -1}, "3")), std::nullopt) << "the oldest first";
  commit(slice);
  const auto [left, total] = need(reader_->task_states({1, "t", -1}, 0, 10));
  ASSERT_EQ(total, 2);
  EXPECT_EQ(left[0].key, "1");
  EXPECT_EQ(left[1].key, "stays");
}

TEST_F(OldRowsTest, ArchivesHaveWhatWasDeleted) {
  constexpr std::int32_t many = 3000;
  Batch batch;
  batch.runs = {make_run(1, 1, many), make_run(2, many + 1, 1)};
  for (TaskInstanceNo no = 1; no <= many + 1; ++no) batch.task_instances.push_back(make_task_instance(no, no > many ? 2 : 1));
  for (std::int32_t i = 0; i < many; ++i) batch.xcoms.push_back({{"", "", "t", i, "k"}, "\"a,\\n\"", 1});
  for (std::int32_t i = 0; i < 10; ++i)
    batch.task_states.push_back({.of = {1, "t", i}, .written = StoredState{"k", "1", days(3)}});
  batch.notes = {{1, 0, "a note"}};
  batch.rendered_map_indexes = {{1, "Monday"}, {2, "Tuesday"}};
  commit(batch);
  Batch deletion;
  deletion.deleted_runs = {batch.runs[0]};
  deletion.cleaning.archive = "20260101000000";
  commit(deletion);
  while (need(reader_->has_rows_to_sweep())) {
    Batch slice;
    slice.rows_to_sweep = 700;
    commit(slice);
  }
  std::map<std::string, std::int64_t> rows;
  for (const ArchiveTable& table : need(archive_tables(path_))) rows[table.of] = table.rows;
  EXPECT_EQ(rows["dag_run"], 1);
  EXPECT_EQ(rows["task_instance"], many);
  EXPECT_EQ(rows["xcom"], many);
  EXPECT_EQ(rows["task_state_store"], 10);
  EXPECT_EQ(rows["note"], 1);
  EXPECT_EQ(rows["rendered_map_index"], 2);
  std::string csv;
  need(export_csv(path_, "_airflow_deleted__xcom__20260101000000", [&](std::string_view text) -> Result<void> {
    csv += text;
    return {};
  }));
  EXPECT_TRUE(csv.starts_with("run_no,task_id,map_index,key,value,length\r\n1,t,0,k,\"\"\"a,\\n\"\"\",\r\n"))
      << csv.substr(0, 100);
  Batch drop;
  for (const ArchiveTable& table : need(archive_tables(path_))) drop.cleaning.dropped_archives.push_back(table.name);
  drop.cleaning.dropped_archives.push_back("dag_run");
  commit(drop);
  EXPECT_THAT(need(archive_tables(path_)), IsEmpty());
  EXPECT_EQ(need(reader_->task_instances(2)).size(), 1u);
}

// Its rows go in slices of later batches: meanwhile the archive may be dropped, or be changed.
TEST_F(OldRowsTest, AnArchiveIsDroppedWhileRowsAreSweptIntoIt) {
  constexpr std::int32_t many = 6000;
  for (const bool is_dropped : {true, false}) {
    const RunNo no = is_dropped ? 1 : 2;
    const TaskInstanceNo first = is_dropped ? 1 : many + 1;
    Batch batch;
    batch.runs = {make_run(no, first, many)};
    for (TaskInstanceNo ti = first; ti < first + many; ++ti) batch.task_instances.push_back(make_task_instance(ti, no));
    for (std::int32_t i = 0; i < many; ++i) batch.xcoms.push_back({{"", "", "t", i, "k"}, "1", no});
    commit(batch);
    Batch deletion;
    deletion.deleted_runs = {batch.runs[0]};
    deletion.cleaning.archive = "20260101000000";
    commit(deletion);
    ASSERT_TRUE(need(reader_->has_rows_to_sweep()));
    if (is_dropped) {
      Batch drop;
      for (const ArchiveTable& table : need(archive_tables(path_))) drop.cleaning.dropped_archives.push_back(table.name);
      commit(drop);
    } else {
      raw_sql(path_, "ALTER TABLE _airflow_deleted__task_instance__20260101000000 ADD COLUMN another TEXT");
    }
    for (int i = 0; i < 100 && need(reader_->has_rows_to_sweep()); ++i) {
      Batch slice;
      slice.rows_to_sweep = 2000;
      commit(slice);
    }
    EXPECT_FALSE(need(reader_->has_rows_to_sweep()));
    EXPECT_THAT(need(reader_->xcom_keys(no)), IsEmpty());
    std::map<std::string, std::int64_t> rows;
    for (const ArchiveTable& table : need(archive_tables(path_))) rows[table.of] = table.rows;
    EXPECT_EQ(rows["xcom"], is_dropped ? 0 : many) << "what still fits takes what is its";
  }
}

// A statement that stays open would keep the write-ahead log from being begun anew.
TEST_F(OldRowsTest, NothingIsReadWhileFilesAreLookedAt) {
  Batch batch;
  for (const int age : {50, 40}) add(batch, "a", age);
  commit(batch);
  auto writer = need(Database::open(path_, Database::Access::read_write, 64));
  int told = 0, busy = 0;
  need(find_old_rows(path_, {}, [&](const OldRun&) {
    ++told;
    if (sqlite3_wal_checkpoint_v2(writer.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) != SQLITE_OK) ++busy;
    raw_sql(path_, "UPDATE dag_run SET conf = conf");
    return true;
  }));
  EXPECT_EQ(told, 2);
  EXPECT_EQ(busy, 0);
}

TEST_F(OldRowsTest, EventsThatAnActiveRunOfAPartitionTook) {
  Batch batch;
  batch.assets = {{.no = 1, .key = {"x", "x"}, .group = "", .extra = {}, .created = {}}};
  for (std::int64_t no = 1; no <= 10; ++no) {
    AssetEvent& event = batch.asset_events.emplace_back();
    event.no = no;
    event.asset = 1;
    event.at = days(50);
  }
  add(batch, "a", 50, RunType::scheduled, RunState::running);
  PartitionedRun partition;
  partition.no = 1;
  partition.dag_id = "a";
  partition.run = 1;
  batch.partitioned_runs = {partition};
  PartitionedEvent& taken = batch.partitioned_events.emplace_back();
  taken.partitioned_run = 1;
  taken.event = 4;
  commit(batch);
  const CleaningRules rules{.asset_events_before = days(30)};
  EXPECT_EQ(need(find_old_rows(path_, rules, {})).asset_events_up_to, 3);
  batch.runs[0].state = RunState::success;
  Batch over;
  over.runs = batch.runs;
  commit(over);
  EXPECT_EQ(need(find_old_rows(path_, rules, {})).asset_events_up_to, 9);
  Batch deletion;
  deletion.deleted_runs = batch.runs;
  commit(deletion);
  auto db = need(Database::open(path_, Database::Access::read_only, 64));
  EXPECT_EQ(need(db.integer("SELECT (SELECT count(*) FROM partitioned_run) + (SELECT count(*) FROM partitioned_event)")), 0);
}

}  // namespace
}  // namespace venturi::store
