// HTTP: wait until a service is up, read a list that comes in pages, retry within the try.
#include <venturi/dag.h>
#include <venturi/http.h>
using namespace venturi;
using namespace std::chrono_literals;

std::int64_t count(const Value& orders) { return static_cast<std::int64_t>(orders.as_array().size()); }

VENTURI_DAG(http) {
  // [operators]
  auto healthy = dag.add(HttpSensor{.task_id = "healthy",
                                    .http_conn_id = "cookbook_http",
                                    .endpoint = "health",
                                    .response_check = Object{{"json_pointer", "/status"}, {"equals", "ok"}},
                                    .poke_interval = 5s});
  auto orders = dag.add(HttpOperator{.task_id = "orders",
                                     .http_conn_id = "cookbook_http",
                                     .endpoint = "orders",
                                     .method = "GET",
                                     .retry_args = Object{{"attempts", 3}},
                                     .pagination = Object{{"parameter", "page"}, {"items", "/items"}},
                                     .response_filter = "/items"});  // one list of all pages
  healthy >> orders;
  dag.task<count>()(orders);
  // [end]
}
