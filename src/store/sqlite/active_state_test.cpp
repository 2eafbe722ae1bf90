// What a server is rebuilt from.
#include "store/sqlite/active_state.h"

#include <gmock/gmock.h>

#include "store/sqlite/store_fixture.h"

namespace venturi::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ActiveStateTest : public StoreTest {
 protected:
  // Closes the database and opens it again, as a restart does.
  ActiveState restart() {
    store_.reset();
    store_ = open();
    return need(store_->load_active());
  }
  std::unique_ptr<Store> store_ = open();
};

std::vector<std::string> versions(const std::vector<std::shared_ptr<const Dag>>& dags) {
  std::vector<std::string> ids;
  for (const auto& dag : dags) ids.push_back(dag->version_id);
  return ids;
}

TEST_F(ActiveStateTest, ANewDatabaseIsEmptyAndHasItsEpoch) {
  const ActiveState state = restart();
  EXPECT_THAT(state.runs, IsEmpty());
  EXPECT_THAT(state.dags, IsEmpty());
  EXPECT_EQ(state.next_run, 1);
  EXPECT_EQ(state.next_task_instance, 1);
  EXPECT_EQ(state.next_outbox, 1);
  EXPECT_EQ(state.next_sequence, 1u);
  EXPECT_GT(state.epoch, 0u);
  EXPECT_LT(state.epoch, std::uint64_t{1} << 63);
  EXPECT_EQ(restart().epoch, state.epoch);
  const auto other = need(open_sqlite(folder_ + "/other.db", cipher_));
  EXPECT_NE(need(other->load_active()).epoch, state.epoch);
}

TEST_F(ActiveStateTest, OnlyWhatIsActiveWithTheVersionsThatItFollows) {
  Batch batch;
  batch.dags = {make_dag("order_quality", "v0"), make_dag("gone", "g1"), make_dag("b", "b1")};
  need(store_->commit(batch));
  batch.dags = {make_dag("order_quality", "v1")};
  need(store_->commit(batch));

  batch = {};
  batch.dags = {make_dag("order_quality", "v2")};
  batch.gone_dags = {"gone"};
  batch.dag_states = {make_dag_state("order_quality"), make_dag_state("b")};
  DagRun ended = make_run(1, 1), older = make_run(2, 3), current = make_run(3, 5), of_gone = make_run(4, 7);
  ended.state = RunState::failed;
  ended.dag_version_id = "v0";
  older.state = RunState::queued;
  current.dag_version_id = "v2";
  of_gone.dag_id = "gone";
  of_gone.dag_version_id = "g1";
  batch.runs = {ended, older, current, of_gone};
  for (TaskInstanceNo no = 1; no <= 8; ++no) batch.task_instances.push_back(make_task_instance(no, (no + 1) / 2));
  batch.outbox = {make_outbox_entry(1), make_outbox_entry(2)};
  batch.next_sequence = 12;
  need(store_->commit(batch));
  batch = {};
  batch.outbox_done = {2};
  need(store_->commit(batch));

  const ActiveState state = restart();
  EXPECT_THAT(versions(state.dags), ElementsAre("b1", "v2"));
  EXPECT_THAT(versions(state.older_versions), ElementsAre("g1", "v1"));
  EXPECT_THAT(state.dag_states, ElementsAre(make_dag_state("b"), make_dag_state("order_quality")));
  EXPECT_THAT(state.runs, ElementsAre(older, current, of_gone));
  std::vector<TaskInstance> expected;
  for (TaskInstanceNo no = 3; no <= 8; ++no) expected.push_back(make_task_instance(no, (no + 1) / 2));
  EXPECT_EQ(state.task_instances, expected);
  EXPECT_THAT(state.outbox, ElementsAre(make_outbox_entry(1)));
  EXPECT_EQ(state.next_run, 5);
  EXPECT_EQ(state.next_task_instance, 9);
  EXPECT_EQ(state.next_outbox, 3);
  EXPECT_EQ(state.next_sequence, 12u);
  EXPECT_THAT(state.import_errors, IsEmpty());
}

TEST_F(ActiveStateTest, ARunOwnsTheNumbersOfTaskInstancesThatAreNotCreatedYet) {
  Batch batch;
  batch.dags = {make_dag("order_quality", "v1", 5)};
  batch.runs = {make_run(1, 1, 2)};
  batch.runs[0].task_instance_numbers = task_instance_numbers;
  batch.task_instances = {make_task_instance(1, 1), make_task_instance(2, 1)};
  need(store_->commit(batch));
  const ActiveState state = restart();
  EXPECT_EQ(state.next_task_instance, 1 + task_instance_numbers);
  EXPECT_EQ(state.task_instances.size(), 2u);
}

TEST_F(ActiveStateTest, NumbersAreNeverGivenOutAgain) {
  Batch batch;
  batch.runs = {make_run(9, 40, 1)};
  batch.task_instances = {make_task_instance(40, 9)};
  batch.outbox = {make_outbox_entry(6)};
  batch.outbox_done = {6};
  batch.next_sequence = 100;
  need(store_->commit(batch));
  batch = {};
  batch.next_sequence = 50;  // late: the newest counts
  need(store_->commit(batch));
  raw_sql(path_, "DELETE FROM dag_run; DELETE FROM task_instance;");
  const ActiveState state = restart();
  EXPECT_THAT(state.runs, IsEmpty());
  EXPECT_EQ(state.next_run, 10);
  EXPECT_EQ(state.next_task_instance, 41);
  EXPECT_EQ(state.next_outbox, 7);
  EXPECT_EQ(state.next_sequence, 100u);
}

TEST_F(ActiveStateTest, ADagThatCannotBeReadKeepsNobodyElseFromStarting) {
  Batch batch;
  batch.dags = {make_dag("order_quality", "v1"), make_dag("other", "o1")};
  DagRun of_other = make_run(2, 3);
  of_other.dag_id = "other";
  of_other.dag_version_id = "o1";
  batch.runs = {make_run(1, 1), of_other};
  for (TaskInstanceNo no = 1; no <= 4; ++no) batch.task_instances.push_back(make_task_instance(no, (no + 1) / 2));
  need(store_->commit(batch));
  for (const char* unreadable : {R"({"__version": 99, "dag": {}})", "rubbish"}) {
    raw_sql(path_, "UPDATE dag_version SET serialized = '" + std::string(unreadable) + "' WHERE version_id = 'v1'");

    const ActiveState state = restart();
    EXPECT_THAT(versions(state.dags), ElementsAre("o1"));
    EXPECT_THAT(state.runs, ElementsAre(of_other));
    EXPECT_EQ(state.task_instances.size(), 2u);
    EXPECT_EQ(state.next_run, 3);
    ASSERT_EQ(state.import_errors.size(), 1u);
    EXPECT_EQ(state.import_errors[0].filename, "/home/dags/order_quality.cpp");
    EXPECT_THAT(state.import_errors[0].stacktrace, HasSubstr("DAG order_quality, version v1"));

    const auto reader = need(store_->open_reader());
    EXPECT_THAT(versions(need(reader->dags())), ElementsAre("o1"));
    EXPECT_FALSE(reader->dag("order_quality"));
  }
}

TEST_F(ActiveStateTest, AnUnknownWordIsAnErrorThatNamesTableAndColumn) {
  Batch batch;
  batch.dags = {make_dag("order_quality", "v1")};
  batch.runs = {make_run(1, 1)};
  batch.task_instances = {make_task_instance(1, 1)};
  need(store_->commit(batch));
  raw_sql(path_, "UPDATE task_instance SET state = 'flying'");
  const auto state = store_->load_active();
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().kind, ErrorKind::corrupt);
  EXPECT_THAT(state.error().text(), HasSubstr("table task_instance: column state has the unknown word 'flying'"));
  EXPECT_TRUE(store_->commit(Batch{}));  // the read transaction was ended
}

}  // namespace
}  // namespace venturi::store
