// Every row comes back as it was written, through readers and after a restart.
#include "store/sqlite/sqlite_store.h"

#include <gmock/gmock.h>

#include <tuple>

#include "store/sqlite/event_log_rows.h"
#include "store/sqlite/store_fixture.h"

namespace venturi::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SqliteStore : public StoreTest {
 protected:
  std::unique_ptr<Store> store_ = open();
  std::unique_ptr<Reader> reader_ = need(store_->open_reader());

  void commit(const Batch& batch) { need(store_->commit(batch)); }
};

TEST_F(SqliteStore, RunsAndTaskInstances) {
  Batch batch;
  DagRun bare;
  bare.no = 2;
  bare.dag_id = "order_quality";
  bare.run_id = "bare";
  bare.first_task_instance = 3;
  bare.created_task_instances = 1;
  TaskInstance bare_ti;
  bare_ti.no = 3;
  bare_ti.run = 2;
  bare_ti.task_id = "only";
  batch.runs = {make_run(1, 1), bare};
  batch.task_instances = {make_task_instance(1, 1), make_task_instance(2, 1), bare_ti};
  commit(batch);

  EXPECT_EQ(need(reader_->run("order_quality", "manual__1")), make_run(1, 1));
  EXPECT_EQ(need(reader_->run("order_quality", "bare")), bare);
  EXPECT_EQ(need(reader_->run("order_quality", "absent")), std::nullopt);
  EXPECT_THAT(need(reader_->task_instances(1)), ElementsAre(make_task_instance(1, 1), make_task_instance(2, 1)));
  EXPECT_THAT(need(reader_->task_instances(2)), ElementsAre(bare_ti));
  EXPECT_THAT(need(reader_->task_instances(3)), IsEmpty());
}

TEST_F(SqliteStore, ARowIsReplacedAsAWhole) {
  Batch batch;
  batch.runs = {make_run(1, 1)};
  batch.task_instances = {make_task_instance(1, 1)};
  commit(batch);

  DagRun run = make_run(1, 1);
  run.state = RunState::success;
  run.logical_date.reset();
  run.conf = {};
  TaskInstance ti = make_task_instance(1, 1);
  ti.state = TaskState::none;
  ti.end_reason = EndReason::none;
  ti.next_try_at.reset();
  ti.error.clear();
  batch.runs = {run};
  batch.task_instances = {ti};
  commit(batch);
  EXPECT_EQ(need(reader_->run("order_quality", "manual__1")), run);
  EXPECT_THAT(need(reader_->task_instances(1)), ElementsAre(ti));
}

TEST_F(SqliteStore, EveryStateReadsBack) {
  Batch batch;
  batch.runs = {make_run(1, 1, 0)};
  for (int state = 0; state <= static_cast<int>(TaskState::awaiting_input); ++state) {
    for (int reason = 0; reason <= static_cast<int>(EndReason::launch_failed); ++reason) {
      TaskInstance ti = make_task_instance(static_cast<TaskInstanceNo>(batch.task_instances.size()) + 1, 1);
      ti.state = static_cast<TaskState>(state);
      ti.end_reason = static_cast<EndReason>(reason);
      batch.task_instances.push_back(ti);
    }
  }
  batch.runs[0].created_task_instances = static_cast<std::int32_t>(batch.task_instances.size());
  commit(batch);
  EXPECT_EQ(need(reader_->task_instances(1)), batch.task_instances);
}

TEST_F(SqliteStore, TaskInstancesOfATaskAreCountedAndFound) {
  Batch batch;
  batch.runs = {make_run(1, 1, 5), make_run(2, 6, 1)};
  for (TaskInstanceNo no = 1; no <= 6; ++no) {
    TaskInstance ti = make_task_instance(no, no == 6 ? 2 : 1);
    ti.task_id = no == 1 ? "one" : "many";
    ti.map_index = no == 1 ? -1 : static_cast<std::int32_t>(5 - no);  // not in the order of their numbers
    ti.state = no == 3 ? TaskState::failed : no == 1 ? TaskState::none : TaskState::success;
    ti.try_number = static_cast<std::int32_t>(no);
    batch.task_instances.push_back(ti);
  }
  commit(batch);
  const auto counts = need(reader_->task_counts(1));
  ASSERT_EQ(counts.size(), 3U);
  EXPECT_EQ(std::tuple(counts[0].task_id, counts[0].state, counts[0].is_mapped, counts[0].count),
            std::tuple("one", TaskState::none, false, 1));
  EXPECT_EQ(std::tuple(counts[1].task_id, counts[1].state, counts[1].is_mapped, counts[1].count),
            std::tuple("many", TaskState::success, true, 3));
  EXPECT_EQ(counts[1].try_number, 5);
  EXPECT_EQ(std::tuple(counts[2].state, counts[2].count), std::tuple(TaskState::failed, 1));
  const auto page = need(reader_->task_instances_of(1, "many", 1, 2));
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].map_index, 1);
  EXPECT_EQ(page[1].map_index, 2);
  EXPECT_EQ(need(reader_->task_instance(1, "many", 3))->no, 2);
  EXPECT_EQ(need(reader_->task_instance(1, "one", 0)), std::nullopt);
}

TEST_F(SqliteStore, TwoRunsOfOneIdAreRefusedAndNothingOfTheBatchStays) {
  Batch batch;
  batch.runs = {make_run(1, 1)};
  commit(batch);
  DagRun twin = make_run(2, 3);
  twin.run_id = "manual__1";
  batch.runs = {make_run(3, 5), twin};
  const auto refused = store_->commit(batch);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_THAT(need(reader_->runs({})), ElementsAre(make_run(1, 1)));
  EXPECT_EQ(need(store_->load_active()).next_run, 2);
  batch.runs = {make_run(2, 3)};
  commit(batch);
  EXPECT_EQ(need(store_->load_active()).next_run, 3);
}

TEST_F(SqliteStore, RunsAreFilteredNewestFirst) {
  Batch batch;
  for (RunNo no = 1; no <= 6; ++no) {
    DagRun run = make_run(no, 1, 0);
    run.dag_id = no % 2 == 0 ? "even" : "odd";
    run.state = no <= 2 ? RunState::success : RunState::running;
    batch.runs.push_back(run);
  }
  commit(batch);
  const auto numbers = [&](const RunFilter& filter) {
    std::vector<RunNo> found;
    for (const DagRun& run : need(reader_->runs(filter))) found.push_back(run.no);
    return found;
  };
  EXPECT_THAT(numbers({}), ElementsAre(6, 5, 4, 3, 2, 1));
  EXPECT_THAT(numbers({{}, {}, 2}), ElementsAre(6, 5));
  EXPECT_THAT(numbers({"even", {}, 100}), ElementsAre(6, 4, 2));
  EXPECT_THAT(numbers({"even", {}, 1}), ElementsAre(6));
  EXPECT_THAT(numbers({"even", RunState::success, 100}), ElementsAre(2));
  EXPECT_THAT(numbers({"even", RunState::running, 100}), ElementsAre(6, 4));
  EXPECT_THAT(numbers({{}, RunState::running, 3}), ElementsAre(6, 5, 4));
  EXPECT_THAT(numbers({{}, RunState::success, 100}), ElementsAre(2, 1));
  EXPECT_THAT(numbers({{}, RunState::queued, 100}), IsEmpty());
  EXPECT_THAT(numbers({"absent", {}, 100}), IsEmpty());
}

TEST_F(SqliteStore, RunsAreFilteredByLogicalDateAndKindAndInPages) {
  Batch batch;
  for (RunNo no = 1; no <= 6; ++no) {
    DagRun run = make_run(no, 1, 0);
    run.dag_id = no % 2 == 0 ? "even" : "odd";
    run.state = no == 6 ? RunState::running : RunState::success;
    run.run_type = no == 4 ? RunType::backfill : RunType::scheduled;
    run.logical_date = at(no * 100);
    if (no == 5) run.logical_date.reset();
    batch.runs.push_back(run);
  }
  commit(batch);
  const auto numbers = [&](const RunFilter& filter) {
    std::vector<RunNo> found;
    for (const DagRun& run : need(reader_->runs(filter))) found.push_back(run.no);
    return found;
  };
  RunFilter filter;
  filter.limit = 2;
  EXPECT_THAT(numbers(filter), ElementsAre(6, 5));
  filter.offset = 2;
  EXPECT_THAT(numbers(filter), ElementsAre(4, 3));
  filter.limit = -1;
  EXPECT_THAT(numbers(filter), ElementsAre(4, 3, 2, 1));
  filter = {};
  filter.logical_date_from = at(200);
  EXPECT_THAT(numbers(filter), ElementsAre(6, 4, 3, 2));
  filter.logical_date_to = at(400);
  EXPECT_THAT(numbers(filter), ElementsAre(4, 3, 2));
  filter.without_backfill = true;
  EXPECT_THAT(numbers(filter), ElementsAre(3, 2));
  filter.dag_id = "even";
  EXPECT_THAT(numbers(filter), ElementsAre(2));
  filter = {};
  filter.dag_id = "even";
  filter.logical_date_from = filter.logical_date_to = at(400);  // the run of one logical date
  EXPECT_THAT(numbers(filter), ElementsAre(4));
  filter = {};
  filter.state = RunState::running;
  filter.logical_date_to = at(599);
  EXPECT_THAT(numbers(filter), IsEmpty());
}

TEST_F(SqliteStore, TheRunBeforeIsFoundByLogicalDate) {
  Batch batch;
  for (RunNo no = 1; no <= 5; ++no) {
    DagRun run = make_run(no, 10 * no, 2);
    run.logical_date = at(no * 100);
    if (no == 4) run.run_type = RunType::manual;
    if (no == 5) run.dag_id = "other";
    batch.runs.push_back(run);
  }
  batch.task_instances = {make_task_instance(10, 1), make_task_instance(21, 2)};
  commit(batch);
  const auto before = [&](std::int64_t time, bool without_manual) {
    const auto run = need(reader_->run_before("order_quality", at(time), without_manual));
    return run ? run->no : 0;
  };
  EXPECT_EQ(before(1000, false), 4);
  EXPECT_EQ(before(1000, true), 3);
  EXPECT_EQ(before(300, false), 2);
  EXPECT_EQ(before(100, false), 0);
  EXPECT_TRUE(need(reader_->had_task_before("order_quality", at(201), "task_21")));
  EXPECT_FALSE(need(reader_->had_task_before("order_quality", at(200), "task_21")));
  EXPECT_FALSE(need(reader_->had_task_before("other", at(1000), "task_21")));
}

// A run without a logical date has its place by its run_after.
TEST_F(SqliteStore, TheLastOutcomesAreFoundByDate) {
  Batch batch;
  const auto add = [&](RunNo no, std::optional<Time> date, Time run_after, RunState state, std::string dag_id = "d") {
    DagRun run = make_run(no, 10 * no, 2);
    run.dag_id = std::move(dag_id);
    run.run_id = "r" + std::to_string(no);
    run.logical_date = date;
    run.run_after = run_after;
    run.state = state;
    batch.runs.push_back(run);
  };
  add(1, at(500), at(600), RunState::failed);
  add(2, at(300), at(1000), RunState::success);
  add(3, std::nullopt, at(400), RunState::running);
  add(4, std::nullopt, at(700), RunState::failed);
  add(5, at(500), at(600), RunState::success);
  add(6, at(900), at(900), RunState::failed, "other");
  commit(batch);
  EXPECT_THAT(need(reader_->last_outcomes("d", 3)),
              ElementsAre(RunOutcome{4, RunState::failed, at(700)}, RunOutcome{5, RunState::success, at(500)},
                          RunOutcome{1, RunState::failed, at(500)}));
  EXPECT_THAT(need(reader_->last_outcomes("d", 100)), ::testing::SizeIs(5));
  EXPECT_THAT(need(reader_->last_outcomes("nobody", 3)), ::testing::IsEmpty());
}

TEST_F(SqliteStore, PoolsAndWhatADagWaitsFor) {
  Batch batch;
  batch.pools = {{"b", 3, "of b", true}, {"a", -1, "", false}};
  DagState& state = batch.dag_states.emplace_back();
  state.dag_id = "d";
  state.awaits_outcomes = true;
  commit(batch);
  EXPECT_THAT(need(reader_->pools()), ElementsAre(PoolRecord{"a", -1, "", false}, PoolRecord{"b", 3, "of b", true}));
  EXPECT_TRUE(need(reader_->dag_states()).at(0).awaits_outcomes);
  Batch second;
  second.pools = {{"b", 5, "", false}};
  second.deleted_pools = {"a"};
  commit(second);
  EXPECT_THAT(need(reader_->pools()), ElementsAre(PoolRecord{"b", 5, "", false}));
  EXPECT_THAT(need(store_->load_active()).pools, ElementsAre(PoolRecord{"b", 5, "", false}));
}

Backfill make_backfill(std::int64_t id, const std::string& dag_id) {
  Backfill b;
  b.id = id;
  b.dag_id = dag_id;
  b.from_date = at(100);
  b.to_date = at(200);
  b.dag_run_conf = Object{{"a", 1}};
  b.is_paused = b.run_backwards = b.is_made = true;
  b.reprocess_behavior = ReprocessBehavior::failed;
  b.max_active_runs = 3;
  b.created_at = at(300);
  b.updated_at = at(301);
  b.triggering_user_name = "me";
  b.looked_at = 7;
  b.last_interval_start = at(150);
  b.last_interval_end = at(160);
  return b;
}

TEST_F(SqliteStore, BackfillsTheirDatesAndTheOnesThatAreActive) {
  Backfill open = make_backfill(1, "d"), over = make_backfill(2, "e"), of_a_run = make_backfill(3, "e");
  over.completed_at = of_a_run.completed_at = at(400);
  Batch batch;
  batch.backfills = {open, over, of_a_run};
  DagRun run = make_run(5, 10, 0);
  run.backfill_id = 3;
  run.sort_ordinal = 2;
  run.state = RunState::success;
  batch.runs = {run};
  batch.backfill_dag_runs = {{3, 2, 5, "", at(120)}, {3, 1, {}, "in flight", at(110)}};
  commit(batch);
  EXPECT_THAT(need(reader_->backfills({})), ElementsAre(open, over, of_a_run));
  EXPECT_THAT(need(reader_->backfills("e")), ElementsAre(over, of_a_run));
  EXPECT_EQ(need(reader_->backfill(1)), open);
  EXPECT_EQ(need(reader_->backfill(4)), std::nullopt);
  EXPECT_THAT(need(reader_->backfill_dag_runs(3)),
              ElementsAre(BackfillDagRun{3, 1, {}, "in flight", at(110)}, BackfillDagRun{3, 2, 5, "", at(120)}));
  EXPECT_EQ(need(reader_->run(run.dag_id, run.run_id))->sort_ordinal, 2);
  EXPECT_THAT(need(store_->load_active()).backfills, ElementsAre(open));
  EXPECT_EQ(need(store_->load_active()).next_backfill, 4);
  Batch gone;
  gone.deleted_runs = {run};
  commit(gone);
  EXPECT_EQ(need(reader_->backfill_dag_runs(3)).at(1).run, std::nullopt);
}

TEST_F(SqliteStore, EndedTriesAreKeptOnce) {
  TaskInstance first = make_task_instance(1, 1), second = make_task_instance(1, 1);
  first.try_number = 1;
  second.id = make_id(99);
  Batch batch;
  batch.runs = {make_run(1, 1)};
  batch.ended_tries = {first};
  commit(batch);
  batch.ended_tries = {first, second};
  commit(batch);
  EXPECT_THAT(need(reader_->ended_tries(1)), ElementsAre(first, second));
  EXPECT_THAT(need(reader_->ended_tries(2)), IsEmpty());
}

TEST_F(SqliteStore, HistoryKeepsOrderAndTime) {
  Batch batch;
  batch.runs = {make_run(1, 1), make_run(2, 3)};
  batch.transitions = {{1, TaskState::none, TaskState::scheduled, RunState::queued, 0, "a"},
                       {3, TaskState::none, TaskState::scheduled, RunState::queued, 0, "b"},
                       {1, TaskState::scheduled, TaskState::queued, RunState::queued, 1, "c"}};
  batch.transition_runs = {1, 2, 1};
  batch.now = at(1);
  commit(batch);
  batch.transitions = {{0, TaskState::none, TaskState::none, RunState::success, 0, "d"}};
  batch.transition_runs = {1};
  batch.now = at(0);  // the clock was set back: order is that of the commits
  commit(batch);

  const auto history = need(reader_->history(1));
  std::string causes;
  for (const auto& [time, transition] : history) causes += transition.cause + (time == at(1) ? "1" : "0");
  EXPECT_EQ(causes, "a1c1d0");
  EXPECT_EQ(history[2].second.run_to, RunState::success);
  ASSERT_EQ(need(reader_->history(2)).size(), 1u);
  EXPECT_EQ(need(reader_->history(2))[0].second.cause, "b");
  EXPECT_THAT(need(reader_->history(3)), IsEmpty());

  batch.transition_runs.clear();
  EXPECT_FALSE(store_->commit(batch));
}

TEST_F(SqliteStore, XComsAreVerbatim) {
  const std::string odd = "{\"a\":  1.10,\n\"Ж\": \"\\u0436\"}";
  const XComKey key{"order_quality", "manual__1", "task_1", -1, "return_value"},
      mapped{"order_quality", "manual__1", "task_1", 3, "k"};
  Batch batch;
  batch.runs = {make_run(1, 1), make_run(2, 3)};
  batch.xcoms = {{key, odd}, {mapped, "2", 1}, {{"", "", "task_1", -1, "return_value"}, "\"of run 2\"", 2}};
  commit(batch);
  EXPECT_EQ(need(reader_->xcom(key)), odd);
  EXPECT_EQ(need(reader_->xcom(mapped)), "2");
  EXPECT_TRUE(need(reader_->xcom_files(1)).empty());
  EXPECT_EQ(need(reader_->xcom({"order_quality", "manual__2", "task_1", -1, "return_value"})), "\"of run 2\"");
  EXPECT_EQ(need(reader_->xcom({"order_quality", "manual__1", "task_1", -1, "other"})), std::nullopt);
  EXPECT_EQ(need(reader_->xcom({"order_quality", "absent", "task_1", -1, "return_value"})), std::nullopt);
  const auto all = need(reader_->xcom_keys(1));
  EXPECT_THAT(all, ElementsAre(key, mapped));
  EXPECT_THAT(need(reader_->xcom_keys(1, mapped.task_id, mapped.map_index)), ElementsAre(mapped));
  EXPECT_THAT(need(reader_->xcom_keys(1, "absent", -1)), IsEmpty());

  Batch next;
  next.xcoms = {{key, "null"}, {{key.dag_id, key.run_id, key.task_id, key.map_index, "large"}, xcom_in_file("0af")}};
  next.deleted_xcoms = {mapped, {"order_quality", "absent", "t", -1, "k"}};
  commit(next);
  EXPECT_EQ(need(reader_->xcom(key)), "null");
  EXPECT_EQ(need(reader_->xcom_files(1)), std::vector<std::string>{"0af"});
  EXPECT_EQ(file_of_xcom("@0af"), "0af");
  EXPECT_EQ(file_of_xcom("\"@0af\""), std::nullopt);
  EXPECT_EQ(need(reader_->xcom(mapped)), std::nullopt);

  next.xcoms = {{{"order_quality", "absent", "t", -1, "k"}, "1"}};
  const auto refused = store_->commit(next);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::not_found);
}

TEST_F(SqliteStore, NotesAreReplacedAndRemoved) {
  Batch batch;
  batch.runs = {make_run(1, 1), make_run(2, 3)};
  batch.notes = {{1, 0, "of the run"}, {1, 2, "of a task instance"}, {2, 0, "of another"}};
  commit(batch);
  EXPECT_THAT(need(reader_->notes(1)), ElementsAre(Note{1, 0, "of the run"}, Note{1, 2, "of a task instance"}));
  Batch next;
  next.notes = {{1, 0, "rewritten"}, {1, 2, ""}, {2, 7, ""}};
  commit(next);
  EXPECT_THAT(need(reader_->notes(1)), ElementsAre(Note{1, 0, "rewritten"}));
}

TEST_F(SqliteStore, EventLogsAreFilteredByWhatTheySay) {
  using Column = EventLogFilter::Column;
  using Is = EventLogFilter::Is;
  Batch batch;
  for (std::int64_t no = 1; no <= 4; ++no) {
    EventLog log;
    log.no = no;
    log.at = at(no);
    log.event = no % 2 == 0 ? "patch_dag" : "trigger_dag_run";
    log.owner = "it's \"me\"";
    log.dag_id = no < 4 ? "Shop_" + std::to_string(no) : "";
    if (no == 3) log.map_index = 7;
    batch.event_logs.push_back(log);
  }
  batch.withdrawn_event_logs = {2};  // of the same batch
  commit(batch);
  EXPECT_EQ(need(reader_->last_event_log()), 4);
  const auto numbers = [&](std::vector<EventLogFilter::Condition> conditions, bool ascending = true, std::int64_t limit = 100,
                           std::int64_t offset = 0) {
    EventLogFilter filter;
    filter.conditions = std::move(conditions);
    filter.ascending = ascending;
    filter.limit = limit;
    filter.offset = offset;
    const auto [rows, total] = need(reader_->event_logs(filter));
    std::string text;
    for (const EventLog& row : rows) text += std::to_string(row.no) + " ";
    return text + "of " + std::to_string(total);
  };
  EXPECT_EQ(numbers({}), "1 3 4 of 3");
  EXPECT_EQ(numbers({}, false, 1, 1), "3 of 3");
  EXPECT_EQ(numbers({{Column::event, Is::one_of, {"patch_dag", "x"}}}), "4 of 1");
  EXPECT_EQ(numbers({{Column::event, Is::none_of, {"patch_dag", "x"}}}), "1 3 of 2");
  EXPECT_EQ(numbers({{Column::owner, Is::one_of, {"it's \"me\""}}}), "1 3 4 of 3");
  EXPECT_EQ(numbers({{Column::dag_id, Is::like, {"%SHOP%"}}}), "1 3 of 2") << "in any case";
  EXPECT_EQ(numbers({{Column::dag_id, Is::prefixed, {"SHOP", "Shop_3"}}}), "3 of 1") << "as it stands";
  EXPECT_EQ(numbers({{Column::map_index, Is::one_of, {"7"}}}), "3 of 1");
  const std::string third = std::to_string(at(3).time_since_epoch().count());
  EXPECT_EQ(numbers({{Column::at, Is::below, {third}}}), "1 of 1");
  EXPECT_EQ(numbers({{Column::at, Is::above, {third}}, {Column::dag_id, Is::one_of, {""}}}), "4 of 1");
  EXPECT_EQ(numbers({{Column::dag_id, Is::one_of, {"') OR 1 --"}}, {Column::no, Is::one_of, {"1"}}}), "of 0");
}

// What a DAG's page asks for must not cost the more the older the home is.
TEST_F(SqliteStore, EventLogsOfADagAreFoundByAnIndex) {
  using Column = EventLogFilter::Column;
  using Is = EventLogFilter::Is;
  auto db = need(Database::open(path_, Database::Access::read_only, 64));
  const auto plan = [&](EventLogFilter::Condition condition) {
    EventLogFilter filter;
    filter.conditions = {std::move(condition)};
    filter.ascending = false;
    Statement explain(db, "EXPLAIN QUERY PLAN " + page_sql(filter, conditions_of(filter)));
    std::string steps;
    for (explain.bind(); explain.next();)
      steps += std::string(reinterpret_cast<const char*>(sqlite3_column_text(explain.row().raw(), 3))) + "\n";
    return steps;
  };
  EXPECT_EQ(plan({Column::dag_id, Is::one_of, {"shop"}}), "SEARCH event_log USING INDEX event_log_by_dag (dag_id=?)\n");
  EXPECT_THAT(plan({Column::dag_id, Is::prefixed, {"shop"}}),
              ::testing::HasSubstr("USING INDEX event_log_by_dag (dag_id>? AND dag_id<?)"));
  EXPECT_EQ(plan({Column::no, Is::one_of, {"7"}}), "SEARCH event_log USING INTEGER PRIMARY KEY (rowid=?)\n");
  EXPECT_EQ(plan({Column::owner, Is::one_of, {"anna"}}), "SCAN event_log\n") << "in the order of the page, without a sort";
}

// By what somebody asks for, in each order: no sort and no scan of all of them where an index could do without.
TEST_F(SqliteStore, EventLogsOfATimeAreFoundByAnIndex) {
  using Column = EventLogFilter::Column;
  using Is = EventLogFilter::Is;
  auto db = need(Database::open(path_, Database::Access::read_only, 64));
  const auto steps = [&](const std::string& sql) {
    Statement explain(db, "EXPLAIN QUERY PLAN " + sql);
    std::string text;
    for (explain.bind(); explain.next();)
      text += std::string(reinterpret_cast<const char*>(sqlite3_column_text(explain.row().raw(), 3))) + "\n";
    return text;
  };
  const EventLogFilter::Condition after{Column::at, Is::above, {"1"}}, before{Column::at, Is::below, {"9"}},
      of_dag{Column::dag_id, Is::one_of, {"shop"}}, by_anna{Column::owner, Is::one_of, {"anna"}};
  struct Case {
    std::vector<EventLogFilter::Condition> conditions;
    Column order;
    std::string ascending, descending;
  };
  const std::string by_time = "SEARCH event_log USING INDEX event_log_by_time ", all = "SCAN event_log\n",
                    all_by_time = "SCAN event_log USING INDEX event_log_by_time\n", sorted = "USE TEMP B-TREE FOR ORDER BY\n",
                    of_the_dag = "SEARCH event_log USING INDEX event_log_by_dag (dag_id=?)\n";
  const Case cases[] = {
      {{}, Column::no, all, all},
      {{}, Column::at, all_by_time, all_by_time},
      {{after}, Column::at, by_time + "(at>?)\n", by_time + "(at>?)\n"},
      {{before}, Column::at, by_time + "(at<?)\n", by_time + "(at<?)\n"},
      {{after, before}, Column::at, by_time + "(at>? AND at<?)\n", by_time + "(at>? AND at<?)\n"},
      // A scan begins with what is asked for, and ends with the page.
      {{after}, Column::no, by_time + "(at>?)\n" + sorted, all},
      {{before}, Column::no, all, by_time + "(at<?)\n" + sorted},
      {{after, before}, Column::no, by_time + "(at>? AND at<?)\n" + sorted, by_time + "(at>? AND at<?)\n" + sorted},
      {{by_anna}, Column::at, all_by_time, all_by_time},
      {{by_anna, after}, Column::at, by_time + "(at>?)\n", by_time + "(at>?)\n"},
      {{by_anna, after}, Column::no, by_time + "(at>?)\n" + sorted, all},
      {{of_dag, after}, Column::no, of_the_dag, of_the_dag},
      {{of_dag, before}, Column::no, of_the_dag, of_the_dag},
  };
  for (const Case& c : cases) {
    for (const bool ascending : {true, false}) {
      EventLogFilter filter;
      filter.conditions = c.conditions;
      filter.order = c.order;
      filter.ascending = ascending;
      const Conditions conditions = conditions_of(filter);
      const std::string sql = page_sql(filter, conditions);
      EXPECT_EQ(steps(sql), ascending ? c.ascending : c.descending) << sql;
      // How many there are is asked each time.
      const bool has_time = std::ranges::any_of(c.conditions, [](const auto& one) { return one.column == Column::at; });
      const bool has_dag = std::ranges::any_of(c.conditions, [](const auto& one) { return one.column == Column::dag_id; });
      const std::string count = "SELECT count(*) FROM event_log" + conditions.where();
      if (has_time && !has_dag) {
        EXPECT_THAT(steps(count), ::testing::HasSubstr("event_log_by_time (at")) << count;
      }
    }
  }
}

TEST_F(SqliteStore, TokensThatWereGivenUpAreKeptUntilTheyWouldHaveEnded) {
  Batch batch;
  batch.now = at(10);
  batch.revoked_tokens = {{"one", at(20)}, {"other", at(30)}, {"one", at(20)}};
  commit(batch);
  EXPECT_THAT(need(reader_->revoked_tokens()), ElementsAre(RevokedToken{"one", at(20)}, RevokedToken{"other", at(30)}));
  Batch without;
  without.now = at(25);
  commit(without);
  EXPECT_EQ(need(reader_->revoked_tokens()).size(), 2u) << "only who gives one up pays for it";
  Batch next;
  next.now = at(25);
  next.revoked_tokens = {{"third", at(40)}};
  commit(next);
  EXPECT_THAT(need(reader_->revoked_tokens()), ElementsAre(RevokedToken{"other", at(30)}, RevokedToken{"third", at(40)}));
}

TEST_F(SqliteStore, StateStoresAreReadByKeyAndChangedInOrder) {
  const TaskStateKey one{1, "load", -1}, mapped{1, "load", 3};
  const auto keys = [&](const TaskStateKey& of, std::int64_t offset = 0, std::int64_t limit = 10) {
    const auto [states, total] = need(reader_->task_states(of, offset, limit));
    std::string text;
    for (const StoredState& state : states) text += state.key + "=" + state.value_json + " ";
    return text + "of " + std::to_string(total);
  };
  Batch batch;
  batch.task_states = {{.of = one, .written = StoredState{"b", "1", at(1)}},
                       {.of = one, .written = StoredState{"a", "2", at(2), at(9)}},
                       {.of = mapped, .written = StoredState{"a", "3", at(3)}},
                       {.of = one, .removed = "b"},
                       {.of = one, .written = StoredState{"b", "[4]", at(4)}}};
  batch.asset_states = {{.asset = 7, .written = StoredState{"cursor", "5", at(5)}},
                        {.asset = 8, .written = StoredState{"cursor", "6", at(6)}}};
  commit(batch);
  EXPECT_EQ(keys(one), "a=2 b=[4] of 2");
  EXPECT_EQ(keys(one, 1, 1), "b=[4] of 2");
  EXPECT_EQ(keys(mapped), "a=3 of 1");
  EXPECT_EQ(keys({2, "load", -1}), "of 0");
  EXPECT_EQ(need(reader_->task_state(one, "a")), (StoredState{"a", "2", at(2), at(9)}));
  EXPECT_EQ(need(reader_->task_state(one, "c")), std::nullopt);
  EXPECT_EQ(need(reader_->asset_state(7, "cursor")), (StoredState{"cursor", "5", at(5)}));
  EXPECT_EQ(need(reader_->asset_states(7, 0, 10)).second, 1);

  Batch next;
  next.task_states = {{.of = one, .removed = "a"}};
  next.asset_states = {{.asset = 7}};
  commit(next);
  EXPECT_EQ(keys(one), "b=[4] of 1");
  EXPECT_EQ(need(reader_->asset_states(7, 0, 10)).second, 0);
  EXPECT_EQ(need(reader_->asset_states(8, 0, 10)).second, 1);
  Batch last;
  last.task_states = {{.of = one, .of_all_map_indexes = true}};
  commit(last);
  EXPECT_EQ(keys(one) + ", " + keys(mapped), "of 0, of 0");
}

TEST_F(SqliteStore, FavoritesAreEachUsersOwn) {
  Batch batch;
  batch.favorites = {{"ann", "b"}, {"ann", "a"}, {"bob", "c"}, {"ann", "a"}};
  commit(batch);
  EXPECT_THAT(need(reader_->favorites("ann")), ElementsAre("a", "b"));
  Batch next;
  next.favorites = {{"ann", "a", false}};
  commit(next);
  EXPECT_THAT(need(reader_->favorites("ann")), ElementsAre("b"));
  EXPECT_THAT(need(reader_->favorites("bob")), ElementsAre("c"));
}

TEST_F(SqliteStore, ADeletedTaskInstanceLeavesNothingAndTakesNothingElse) {
  Batch batch;
  batch.runs = {make_run(1, 1, 2)};
  batch.task_instances = {make_task_instance(1, 1), make_task_instance(2, 1)};
  batch.task_instances[0].task_id = "one";
  batch.task_instances[1].task_id = "two";
  for (TaskInstance& ti : batch.task_instances) ti.map_index = -1;
  batch.ended_tries = batch.task_instances;
  batch.rendered = {{1, "{}"}, {2, "{}"}};
  batch.rendered_map_indexes = {{1, "a"}, {2, "b"}};
  batch.notes = {{1, 0, "of the run"}, {1, 1, "a"}, {1, 2, "b"}};
  for (const char* task_id : {"one", "two"}) {
    batch.xcoms.push_back({{"", "", task_id, -1, "k"}, "1", 1});
    batch.task_states.push_back({.of = {1, task_id, -1}, .written = StoredState{"k", "1", at(1)}});
  }
  commit(batch);
  Batch deletion;
  deletion.deleted_task_instances = {batch.task_instances[0]};
  commit(deletion);
  ASSERT_EQ(need(reader_->task_instances(1)).size(), 1u);
  EXPECT_EQ(need(reader_->task_instances(1))[0].task_id, "two");
  EXPECT_EQ(need(reader_->ended_tries(1)).size(), 1u);
  EXPECT_EQ(need(reader_->xcom_keys(1)).size(), 1u);
  EXPECT_EQ(need(reader_->rendered_fields(1)), std::nullopt);
  EXPECT_EQ(need(reader_->rendered_map_indexes(1)).size(), 1u);
  EXPECT_EQ(need(reader_->task_states({1, "one", -1}, 0, 10)).second, 0);
  EXPECT_EQ(need(reader_->task_states({1, "two", -1}, 0, 10)).second, 1);
  EXPECT_THAT(need(reader_->notes(1)), ElementsAre(Note{1, 0, "of the run"}, Note{1, 2, "b"}));
}

TEST_F(SqliteStore, ADeletedRunLeavesNothingAndTakesNothingElse) {
  Batch batch;
  batch.runs = {make_run(1, 1), make_run(2, 3)};
  batch.task_instances = {make_task_instance(1, 1), make_task_instance(3, 2)};
  batch.ended_tries = batch.task_instances;
  batch.rendered = {{1, "{}"}, {3, "{}"}};
  batch.rendered_map_indexes = {{1, "a"}, {3, "b"}};
  batch.notes = {{1, 0, "a"}, {2, 0, "b"}};
  for (const RunNo run : {1, 2}) {
    batch.xcoms.push_back({{"", "", "t", -1, "k"}, "1", run});
    batch.task_states.push_back({.of = {run, "t", -1}, .written = StoredState{"k", "1", at(1)}});
  }
  commit(batch);
  Batch deletion;
  deletion.deleted_runs = {batch.runs[0]};
  commit(deletion);
  for (const auto& run : batch.runs) {
    const std::size_t left = run.no == 1 ? 0 : 1;
    EXPECT_EQ(need(reader_->run(run.dag_id, run.run_id)).has_value(), left == 1);
    EXPECT_EQ(need(reader_->task_instances(run.no)).size(), left);
    EXPECT_EQ(need(reader_->ended_tries(run.no)).size(), left);
    EXPECT_EQ(need(reader_->xcom_keys(run.no)).size(), left);
    EXPECT_EQ(need(reader_->task_states({run.no, "t", -1}, 0, 10)).first.size(), left);
    EXPECT_EQ(need(reader_->rendered_fields(run.first_task_instance)).has_value(), left == 1);
    EXPECT_EQ(need(reader_->rendered_map_indexes(run.no)).size(), left);
    EXPECT_EQ(need(reader_->notes(run.no)).size(), left);
  }
}

// The run is gone at once, and what is left of it with later batches, also those of another process.
TEST_F(SqliteStore, ALargeRunIsDeletedInSlices) {
  constexpr std::int32_t many = 5000;
  Batch batch;
  batch.runs = {make_run(1, 1), make_run(2, many + 1)};
  batch.runs[0].created_task_instances = many;
  for (TaskInstanceNo no = 1; no <= many; ++no) {
    batch.task_instances.push_back(make_task_instance(no, 1));
    batch.xcoms.push_back({{"", "", "t", static_cast<std::int32_t>(no), "k"}, "1", 1});
  }
  batch.task_instances.push_back(make_task_instance(many + 1, 2));
  batch.xcoms.push_back({{"", "", "t", -1, "k"}, "1", 2});
  commit(batch);
  Batch deletion;
  deletion.deleted_runs = {batch.runs[0]};
  commit(deletion);
  EXPECT_EQ(need(reader_->run("order_quality", "manual__1")), std::nullopt);
  EXPECT_TRUE(need(reader_->has_rows_to_sweep()));
  int slices = 0;
  for (; need(reader_->has_rows_to_sweep()); ++slices) {
    ASSERT_LT(slices, 20);
    if (slices == 2) {
      store_.reset();
      store_ = open();
    }
    Batch slice;
    slice.rows_to_sweep = 1000;
    commit(slice);
  }
  EXPECT_GT(slices, 5);
  EXPECT_THAT(need(reader_->xcom_keys(1)), IsEmpty());
  EXPECT_THAT(need(reader_->task_instances(2)), ElementsAre(make_task_instance(many + 1, 2)));
  EXPECT_EQ(need(reader_->xcom_keys(2)).size(), 1u);
}

TEST_F(SqliteStore, RenderedFields) {
  Batch batch;
  batch.rendered = {{5, R"({"command": "a"})"}};
  commit(batch);
  batch.rendered = {{5, R"({"command": "b"})"}};
  commit(batch);
  EXPECT_EQ(need(reader_->rendered_fields(5)), R"({"command": "b"})");
  EXPECT_EQ(need(reader_->rendered_fields(6)), std::nullopt);
}

TEST_F(SqliteStore, ImportErrorsAreOnePerFile) {
  Batch batch;
  batch.import_errors = {{"/dags/a.cpp", "dags-folder", "line 1", at(1)}, {"/dags/b.cpp", "dags-folder", "line 2", at(1)}};
  commit(batch);
  batch.import_errors = {{"/dags/a.cpp", "dags-folder", "line 9", at(2)}};
  batch.cleared_import_errors = {"/dags/b.cpp", "/dags/absent.cpp"};
  commit(batch);
  const auto errors = need(reader_->import_errors());
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].filename, "/dags/a.cpp");
  EXPECT_EQ(errors[0].stacktrace, "line 9");
  EXPECT_EQ(errors[0].at, at(2));
}

TEST_F(SqliteStore, DagsByTheirCurrentVersion) {
  Batch batch;
  batch.dags = {make_dag("order_quality", "v1", 2), make_dag("other", "o1")};
  batch.dag_states = {make_dag_state("order_quality")};
  batch.now = at(0);
  commit(batch);
  batch = {};
  batch.dags = {make_dag("order_quality", "v2", 3)};
  batch.gone_dags = {"other"};
  commit(batch);

  const auto dags = need(reader_->dags());
  ASSERT_EQ(dags.size(), 1u);
  const auto expected = make_dag("order_quality", "v2", 3);
  EXPECT_EQ(dags[0]->version_id, "v2");
  EXPECT_EQ(dags[0]->serialized, expected->serialized);
  EXPECT_EQ(dags[0]->tasks.size(), 3u);
  EXPECT_EQ(dags[0]->bundle, expected->bundle);
  EXPECT_EQ(dags[0]->relative_fileloc, expected->relative_fileloc);
  EXPECT_EQ(dags[0]->fileloc, expected->fileloc);
  EXPECT_EQ(dags[0]->program, expected->program);
  EXPECT_THAT(need(reader_->dag_states()), ElementsAre(make_dag_state("order_quality")));
  EXPECT_EQ(need(reader_->dag("order_quality"))->version_id, "v2");
  EXPECT_EQ(need(reader_->dag("other")), nullptr);
  EXPECT_EQ(need(reader_->dag_version("v1"))->tasks.size(), 2u);

  batch = {};
  batch.dags = {make_dag("other", "o1")};  // its file is back
  commit(batch);
  EXPECT_EQ(need(reader_->dags()).size(), 2u);
}

TEST_F(SqliteStore, AReaderSeesOneMomentAndTheNextReadSeesTheNewest) {
  Batch batch;
  batch.runs = {make_run(1, 1)};
  commit(batch);
  EXPECT_EQ(need(reader_->runs({})).size(), 1u);
  batch.runs = {make_run(2, 3)};
  commit(batch);
  EXPECT_EQ(need(reader_->runs({})).size(), 2u);
}

}  // namespace
}  // namespace venturi::store
