// 1,000 DAGs on schedules, spread over a month so that hardly one comes due while they are looked at.
#include "ledger.h"

using namespace venturi;

VENTURI_DAGS(bag) {
  for (int i = 0; i < 1000; ++i) {
    const std::string cron =
        std::to_string(i * 7 % 60) + " " + std::to_string(i * 5 % 24) + " " + std::to_string(1 + i % 28) + " * *";
    Dag dag = bag.add("bench_" + bench::numbered(i),
                      {.schedule = cron, .start_date = "2020-01-01", .is_paused_upon_creation = false});
    dag.empty("first") >> dag.empty("second") >> dag.empty("third");
  }
}
