// DAGs with one mistake each, and one without.
#include <venturi/dag.h>

#include <cstdlib>

using namespace venturi;

namespace {
std::string choose() {
  return "nowhere";
}
void nothing() {}
}  // namespace

VENTURI_DAGS(bag) {
  Dag cycle = bag.add("cycle");
  auto a = cycle.empty("a"), b = cycle.empty("b"), c = cycle.empty("c");
  a >> b >> c >> a;

  Dag twins = bag.add("twins");
  twins.empty("twin");
  twins.empty("twin");

  Dag stranger = bag.add("stranger");
  a >> stranger.empty("mine");

  bag.add("odd_cron", {.schedule = "61 * * * *", .start_date = "2026-01-01"}).empty("a");
  bag.add("no_cron", {.schedule = "whenever"}).empty("a");
  bag.add("flawless", {.is_paused_upon_creation = false}).empty("a");

  Dag branching = bag.add("branching", {.is_paused_upon_creation = false});
  branching.branch<choose>() >> branching.empty("somewhere");
  branching.empty("other");

  // Declared when it is asked for its DAGs, and not when it shall run the task: there the worker's mark is set.
  Dag fickle = bag.add("fickle", {.is_paused_upon_creation = false});
  fickle.task<nothing>("always");
  if (std::getenv("VENTURI_WORKER") == nullptr) fickle.task<nothing>("sometimes", {.retries = 3});
}
