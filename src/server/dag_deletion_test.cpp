// `dags delete` in a server: neither its memory nor the database names the DAG afterwards.
#include <gmock/gmock.h>

#include "server/commands.h"
#include "server/testing/server_fixture.h"
#include "store/sqlite/database.h"

namespace venturi::server {
namespace {

using testing::chain;
using testing::need;
using testing::ServerTest;

class DagDeletionTest : public ServerTest {
 protected:
  DagDeletionTest()
      : deleted_runs_(*loop_, *scheduler_, *reader_, home_),
        commands_(*scheduler_, *reader_, deleted_runs_,
                  {.see_again = [this](const std::shared_ptr<const Dag>& dag) { seen_again_.push_back(dag->dag_id); }}) {}
  void fail_a_run() {
    const DagRun run = trigger("d");
    const Value a = receive("ExecuteTask").body;
    answer_to(exited(a.at("token"), "exit_code", "it failed"));
    run_until([&] { return !ended_.empty() && ended_.back().run_id == run.run_id; }, "the end of the run");
  }
  Result<Value> remove() {
    std::optional<Result<Value>> result;
    commands_.run(Object{{"command", "dags delete"}, {"dag_id", "d"}}, [&](Result<Value> how) { result = std::move(how); });
    run_until([&] { return result.has_value(); }, "the deletion");
    return *result;
  }
  std::int64_t count(const std::string& table) {
    auto db = need(store::Database::open((home_.root / "venturi.db").string(), store::Database::Access::read_only, 64));
    return need(db.integer(("SELECT count(*) FROM " + table).c_str()));
  }

  std::vector<std::string> seen_again_;
  DeletedRuns deleted_runs_;
  Commands commands_;
};

TEST_F(DagDeletionTest, NothingIsLeft) {
  connect_worker("w1");
  see(chain());
  for (int i = 0; i < 3; ++i) fail_a_run();
  need(remove());
  run_until([&] { return !need(reader_->has_rows_to_sweep()); }, "that the rows are swept");
  EXPECT_THAT(seen_again_, ::testing::ElementsAre("d"));
  for (const char* table : {"dag", "dag_version", "dag_run", "dag_run_count", "task_instance", "xcom", "history"})
    EXPECT_EQ(count(table), 0) << table;
  const engine::Snapshot left = scheduler_->engine().snapshot();
  EXPECT_TRUE(left.dags.empty() && left.dag_states.empty() && left.runs.empty() && left.outbox.empty());
  settle();
  compare_with_store();
  see(chain());  // its file is still there
  fail_a_run();
  EXPECT_EQ(count("dag_run"), 1);
}

TEST_F(DagDeletionTest, NotWhileARunIsActive) {
  connect_worker("w1");
  see(chain());
  (void)trigger("d");
  const auto how = remove();
  ASSERT_FALSE(how);
  EXPECT_EQ(how.error().kind, ErrorKind::conflict);
  EXPECT_EQ(count("dag_run"), 1);
}

}  // namespace
}  // namespace venturi::server
