// A deadline at a date that is over, whose function tells what it knows; the run itself fails.
#include <venturi/dag.h>
using namespace venturi;

void tell(const CallbackContext& context) {
  context.log().warning(context.event(), " of run ", context.run_id(), " of ", context.dag_id(), ": ", context.error());
}

void fail() {
  throw std::runtime_error("on purpose");
}

VENTURI_DAG(deadlines, {.is_paused_upon_creation = false,
                        .deadline = {{.reference = DeadlineReference::fixed_datetime("2026-01-01"), .callback = tell}}}) {
  dag.task<fail>();
}
