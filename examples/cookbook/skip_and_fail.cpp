// How a task ends: it returns, throws, or says itself how.
#include <venturi/dag.h>
using namespace venturi;
using namespace std::chrono_literals;

// [whole]
void optional(const Context& context) {
  if (!context.conf().is_object() || context.conf().get("force") == nullptr) skip_task("nothing to do today");
}
// Without another try, however many are left: the same again would fail in the same way (AirflowFailException).
void strict() { fail_task("the table has no column amount"); }
// An exception is a failed try, and is tried again. An execution_timeout ends the process and all that it started.
void slow(const Context& context) {
  if (context.try_number() == 1) throw std::runtime_error("the server is busy");
}

VENTURI_DAG(skip_and_fail, {.default_args = {.retries = 1, .retry_delay = 100ms, .execution_timeout = 10min}}) {
  dag.task<optional>();
  dag.task<strict>();
  dag.task<slow>();
}
// [end]
//
//   venturi dags test skip_and_fail
//   failed; failed: strict; skipped: optional
