// A DAG of functions, as Airflow's TaskFlow: what a function returns is the argument of the next one. The compiler
// checks that the types fit.

// [whole]
#include <venturi/dag.h>
using namespace venturi;
using namespace std::chrono_literals;

std::int64_t extract() { return 21; }
std::int64_t twice(std::int64_t n) { return 2 * n; }
void load(const Context& context, std::int64_t n, const std::string& unit) { context.log().info(n, " ", unit); }

VENTURI_DAG(taskflow,
            {.schedule = "@daily", .start_date = "2026-01-01", .default_args = {.retries = 2, .retry_delay = 30s}}) {
  auto number = dag.task<extract>();
  auto doubled = dag.task<twice>("double_it", {.retries = 4})(number);
  dag.task<load>()(doubled, "EUR");
}
// [end]
