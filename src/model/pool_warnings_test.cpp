#include "model/pool_warnings.h"

#include <gmock/gmock.h>

namespace venturi {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(PoolWarnings, NameWhatCanNeverRun) {
  Dag dag;
  dag.dag_id = "d";
  for (const char* id : {"a", "b", "c", "big"}) dag.tasks.emplace_back().task_id = id;
  dag.tasks[1].pool = dag.tasks[2].pool = "shop";
  dag.tasks[3].pool_slots = 5;
  const PoolRecord standard{default_pool, 4, "", false};
  EXPECT_THAT(pool_warnings(dag, {standard}),
              ElementsAre("DAG d: task big takes 5 slots of pool default_pool, which has 4: it waits until the pool has more: "
                          "venturi pools set default_pool SLOTS DESCRIPTION",
                          "DAG d: there is no pool shop: task b and 1 more wait until there is: venturi pools set shop SLOTS "
                          "DESCRIPTION"));
  EXPECT_THAT(pool_warnings(dag, {{default_pool, -1, "", false}, {"shop", 1, "", false}}), IsEmpty());
  dag.tasks[2].task_type = "EmptyOperator";  // takes none
  dag.tasks[3].pool_slots = 1;
  EXPECT_THAT(
      pool_warnings(dag, {standard}),
      ElementsAre("DAG d: there is no pool shop: task b waits until there is: venturi pools set shop SLOTS DESCRIPTION"));
}

}  // namespace
}  // namespace venturi
