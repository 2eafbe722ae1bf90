// What the database keeps of a DAG that was deleted: no row of any table that names it, besides the event log.
#include <gmock/gmock.h>

#include <map>

#include "store/sqlite/database.h"
#include "store/sqlite/store_fixture.h"

namespace venturi::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class DagDeletionTest : public StoreTest {
 protected:
  DagDeletionTest() : store_(open()), reader_(need(store_->open_reader())) {}
  void commit(const Batch& batch) { need(store_->commit(batch)); }

  // Rows by table, of all tables with a column dag_id.
  std::map<std::string, std::int64_t> rows_of(const std::string& dag_id) {
    auto db = need(Database::open(path_, Database::Access::read_only, 64));
    std::map<std::string, std::int64_t> rows;
    Statement tables(db,
                     "SELECT t.name FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c WHERE t.type = 'table' AND "
                     "c.name = 'dag_id'");
    tables.bind();
    for (std::string name; tables.next();) {
      tables.row().read(name);
      Statement count(db, "SELECT count(*) FROM " + name + " WHERE dag_id = ?1");
      std::int64_t found = 0;
      if (count.bind(dag_id).next()) count.row().read(found);
      if (found > 0) rows[name] = found;
    }
    return rows;
  }
  std::int64_t count(const std::string& table) {
    auto db = need(Database::open(path_, Database::Access::read_only, 64));
    return need(db.integer(("SELECT count(*) FROM " + table).c_str()));
  }
  // As much of the DAG as there may be besides runs.
  void fill(const std::string& dag_id, std::int64_t first) {
    Batch batch;
    for (int i = 0; i < 7; ++i) batch.dags.push_back(make_dag(dag_id, dag_id + "_v" + std::to_string(i)));
    batch.dag_states = {make_dag_state(dag_id)};
    batch.outbox = {make_outbox_entry(first)};
    batch.outbox[0].dag_id = dag_id;
    batch.queued_assets = {{dag_id, 1, at(0)}};
    batch.favorites = {{"anna", dag_id, true}};
    Backfill backfill;
    backfill.id = first;
    backfill.dag_id = dag_id;
    batch.backfills = {backfill};
    for (std::int32_t i = 1; i <= 900; ++i) {
      BackfillDagRun& run = batch.backfill_dag_runs.emplace_back();
      run.backfill_id = first;
      run.sort_ordinal = i;
    }
    for (std::int64_t no = first; no < first + 3; ++no) {
      PartitionedRun& run = batch.partitioned_runs.emplace_back();
      run.no = no;
      run.dag_id = dag_id;
      run.partition_key = std::to_string(no);
      for (std::int64_t event = 1; event <= 300; ++event)
        batch.partitioned_events.push_back({.partitioned_run = no, .event = event, .asset = 1, .source_partition_key = "k"});
    }
    EventLog log;
    log.no = first;
    log.event = "trigger_dag_run";
    log.dag_id = dag_id;
    batch.event_logs = {log};
    commit(batch);
  }

  std::unique_ptr<Store> store_;
  std::unique_ptr<Reader> reader_;
};

TEST_F(DagDeletionTest, OnlyTheEventLogKnowsItStill) {
  fill("gone", 1);
  fill("stays", 10);
  const auto before = rows_of("stays");
  ASSERT_EQ(before.size(), 8u) << "a table with a dag_id that this test does not fill, or dag_deletion does not know?";
  int slices = 0;
  for (; need(reader_->has_many_rows_of("gone")); ++slices) {
    ASSERT_LT(slices, 100);
    const auto left = [&] { return count("partitioned_event") + count("backfill_dag_run") + count("dag_version"); };
    const std::int64_t had = left();
    Batch slice;
    slice.deleted_dags = {{"gone", 500}};
    commit(slice);
    EXPECT_LE(had - left(), 500);
  }
  EXPECT_GE(slices, 2);
  EXPECT_NE(need(reader_->dag("gone")), nullptr);
  Batch last;
  last.deleted_dags = {{.dag_id = "gone"}};
  commit(last);
  EXPECT_THAT(rows_of("gone"), ElementsAre(Pair("event_log", 1)));
  EXPECT_EQ(rows_of("stays"), before);
  EXPECT_EQ(count("partitioned_event"), 900);
  EXPECT_EQ(count("backfill_dag_run"), 900);
}

// Its file is still there.
TEST_F(DagDeletionTest, SeenAgainInTheSameBatch) {
  fill("again", 1);
  Batch batch;
  batch.deleted_dags = {{.dag_id = "again"}};
  batch.dags = {make_dag("again", "again_v6")};
  commit(batch);
  EXPECT_THAT(rows_of("again"), ElementsAre(Pair("dag", 1), Pair("dag_version", 1), Pair("event_log", 1)));
  EXPECT_NE(need(reader_->dag("again")), nullptr);
}

// However many runs a batch deletes, and whatever they have.
TEST_F(DagDeletionTest, RowsOfManyRunsGoInSlices) {
  constexpr int runs = 50, xcoms = 100;
  Batch batch;
  for (int i = 1; i <= runs; ++i) {
    batch.runs.push_back(make_run(i, i, 1));
    batch.task_instances.push_back(make_task_instance(i, i));
    for (int x = 0; x < xcoms; ++x) batch.xcoms.push_back({{"", "", "t", x, "k"}, "1", i});
  }
  commit(batch);
  Batch deletion;
  deletion.deleted_runs = batch.runs;
  commit(deletion);
  EXPECT_THAT(need(reader_->runs({})), IsEmpty());
  EXPECT_GE(count("xcom"), runs * xcoms - 2000);
  while (need(reader_->has_rows_to_sweep())) {
    const std::int64_t had = count("xcom");
    Batch slice;
    slice.rows_to_sweep = 700;
    commit(slice);
    EXPECT_LE(had - count("xcom"), 700);
  }
  EXPECT_EQ(count("xcom") + count("task_instance"), 0);
}

}  // namespace
}  // namespace venturi::store
