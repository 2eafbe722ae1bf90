// Retries with growing delays, and callbacks: functions, or notifiers that Venturi sends itself.
#include <venturi/dag.h>
using namespace venturi;
using namespace std::chrono_literals;

// [whole]
void flaky(const Context& context) {
  if (context.try_number() < 3) throw std::runtime_error("not yet");
  context.log().info("done in try ", context.try_number());
}
void tell(const CallbackContext& context) { context.log().error(context.task_id(), " failed: ", context.error()); }

VENTURI_DAG(retries, {.default_args = {.retries = 3, .retry_delay = 100ms, .on_failure_callback = tell}}) {
  // 0.1 s, 0.2 s, 0.4 s, ... but never more than 10 s.
  dag.task<flaky>({.retry_exponential_backoff = 2,
                   .max_retry_delay = 10s,
                   .on_success_callback = [](const CallbackContext& context) { context.log().info("at last"); },
                   .on_retry_callback = [](const CallbackContext& context) { context.log().warning("once more"); }});
}
// [end]
