// What is left of a DAG that was deleted: nothing, in memory as in the rows, which are compared after every batch.
#include <gmock/gmock.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using testing::DagBuilder;
using ::testing::IsEmpty;
using testing::World;
using namespace std::chrono_literals;

Value typed(const std::string& type, Value var) {
  return Object{{"__type", type}, {"__var", std::move(var)}};
}

class Deletion : public ::testing::Test {
 protected:
  // Scheduled on two assets, by partitions of both.
  void see_consumer() {
    Array objects;
    for (const char* name : {"a", "b"})
      objects.push_back(Object{{"__type", "asset"}, {"name", name}, {"uri", name}, {"group", "asset"}, {"extra", Object{}}});
    DagBuilder d("c", "v1");
    d.task("read");
    d.dag.timetable =
        typed("airflow.timetables.simple.PartitionedAssetTimetable",
              Object{{"asset_condition", Object{{"__type", "asset_all"}, {"objects", std::move(objects)}}},
                     {"default_partition_mapper", typed("airflow.partition_mappers.identity.IdentityMapper", Object{})},
                     {"partition_mapper_config", Array{}}});
    w.step(DagSeen{d.build()});
  }
  void see_scheduled() {
    DagBuilder d("s", "v2");
    d.task("t");
    d.dag.start_date = w.now + 1h;
    d.dag.timetable =
        typed("airflow.timetables.trigger.CronTriggerTimetable",
              Object{{"expression", "@daily"}, {"timezone", "UTC"}, {"interval", 0.0}, {"run_immediately", false}});
    w.step(DagSeen{d.build()});
  }
  void event(const std::string& key) {
    MakeAssetEvents e;
    e.command = w.next_command();
    e.asset = 1;
    e.extras = {Object{}};
    e.partition_key = key;
    w.step(e);
  }
  std::optional<Error> remove(const std::string& dag_id) {
    const std::int64_t command = w.next_command();
    w.step(DeleteDag{command, dag_id});
    for (const Answer& answer : w.answers) {
      if (answer.command == command) return answer.error;
    }
    return Error{ErrorKind::internal, "nobody answered", {}, {}};
  }

  World w;
};

TEST_F(Deletion, NothingIsLeft) {
  see_consumer();
  see_scheduled();
  event("x");
  event("y");
  Snapshot before = w.engine->snapshot();
  ASSERT_EQ(before.partitioned_runs.size(), 2u);
  ASSERT_EQ(before.dag_states.size(), 2u);
  EXPECT_FALSE(remove("c"));
  EXPECT_FALSE(remove("s"));
  EXPECT_FALSE(remove("nobody"));
  const Snapshot after = w.engine->snapshot();
  EXPECT_THAT(after.dags, IsEmpty());
  EXPECT_THAT(after.dag_states, IsEmpty());
  EXPECT_THAT(after.partitioned_runs, IsEmpty());
  EXPECT_THAT(after.partitioned_events, IsEmpty());
  EXPECT_EQ(after.assets, before.assets) << "other DAGs may use them";
  event("x");  // nobody consumes it any more
  w.pass(48h);
  EXPECT_THAT(w.runs(), IsEmpty());
}

// In the batch that deletes it, too.
TEST_F(Deletion, ItsFileIsStillThere) {
  see_scheduled();
  see_consumer();
  event("x");
  w.engine->step(SetPaused{w.next_command(), "s", true}, w.now);
  w.engine->step(DeleteDag{w.next_command(), "s"}, w.now);
  see_scheduled();
  ASSERT_EQ(w.engine->snapshot().dag_states.size(), 2u);
  EXPECT_FALSE(w.dag_state("s").is_paused) << "it is as new";
  w.pass(48h);
  EXPECT_FALSE(w.runs().empty());
  EXPECT_FALSE(remove("c"));
  see_consumer();
  EXPECT_THAT(w.engine->snapshot().partitioned_runs, IsEmpty());
}

TEST_F(Deletion, NotWhileARunIsActive) {
  see_scheduled();
  w.pass(48h);
  ASSERT_FALSE(w.runs().empty());
  const auto why = remove("s");
  ASSERT_TRUE(why);
  EXPECT_EQ(why->kind, ErrorKind::conflict);
  EXPECT_EQ(w.engine->snapshot().dag_states.size(), 1u);
}

}  // namespace
}  // namespace venturi::engine
