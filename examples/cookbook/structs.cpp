// A struct as an XCom, and one member of it as an XCom of its own (Airflow's multiple_outputs).
#include <venturi/dag.h>

#include <map>
using namespace venturi;

// [whole]
struct Counts {
  std::int64_t bad = 0, all = 0;
  std::vector<std::string> first;
};
VENTURI_STRUCT(Counts, bad, all, first);  // names the members once; the XCom is a JSON object

Counts count() { return {.bad = 1, .all = 20, .first = {"A-17"}}; }
std::map<std::string, double> rates() { return {{"USD", 1.08}, {"CHF", 0.94}}; }

void tell(const Context& context, const Counts& counts, std::int64_t bad, double usd) {
  context.log().info("counted", {{"bad", bad}, {"all", counts.all}, {"first", to_value(counts.first)}, {"usd", usd}});
}

VENTURI_DAG(structs) {
  auto counts = dag.task<count>();
  auto rate = dag.task<rates>();
  dag.task<tell>()(counts, counts.get(&Counts::bad), rate.get("USD"));
}
// [end]
