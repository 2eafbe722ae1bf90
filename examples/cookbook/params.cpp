// Params: values that a run may replace, checked by a JSON schema before anything runs.
#include <venturi/dag.h>
using namespace venturi;

// [whole]
void work(const Context& context) {
  context.log().info("at most ", context.params().get_int("limit"), " ", context.params().get_string("unit"));
}

VENTURI_DAG(params, {.params = {{"unit", "EUR"},  // any value will do
                                {"limit", Param{.value = 10,
                                                .schema = {{"type", "integer"}, {"minimum", 1}, {"maximum", 100}},
                                                .description = "How many orders are read"}},
                                {"day", Param{.value = nullptr,  // may be left out
                                              .schema = {{"type", Array{"null", "string"}}, {"format", "date"}}}}}}) {
  dag.task<work>();
}
// [end]
//
//   venturi dags test params
//   success
//
//   venturi dags test params -c '{"limit": 50, "unit": "USD"}'
//   success
//
//   venturi dags test params -c '{"limit": 1000}'
//   refused
//
//   venturi dags test params -c '{"day": "2026-02-28"}'
//   success
//
//   venturi dags test params -c '{"day": "2026-02-30"}'
//   refused
