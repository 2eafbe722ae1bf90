// Which failures are worth another try.
#include <venturi/dag.h>
using namespace venturi;
using namespace std::chrono_literals;

// [whole]
struct BadInput : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// The server does not answer at first: that is worth waiting for.
void fetch(const Context& context) {
  if (context.try_number() < 3) throw std::runtime_error("no answer");
}
// What cannot be read will not become readable.
void parse() { throw BadInput("line 7 has no date"); }

VENTURI_DAG(retry_policy,
            {.default_args = {.retries = 5,
                              .retry_delay = 5min,
                              .retry_policy = {on_exception<BadInput>(RetryAction::fail),
                                               on_exception<std::exception>(RetryAction::retry, 100ms)}}}) {
  auto parsed = dag.task<fetch>() >> dag.task<parse>();
  parsed >> dag.empty("anyway", {.trigger_rule = TriggerRule::all_done});
}
// [end]
//   venturi dags test retry_policy
//   success; failed: parse
