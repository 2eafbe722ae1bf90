// How long a template of ten expressions takes, as an operator host does it for each try: read, rendered against Airflow's
// context with all that it asks for at hand, and thrown away.
//
//   bench_template        prints {"us": median, "p99_us": ..., "renderings": n}
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "template/airflow_context.h"

namespace {

using namespace venturi;
using namespace venturi::templates;

constexpr const char* source = R"(SELECT * FROM {{ params.table }}
WHERE day >= '{{ ds }}' AND day < '{{ macros.ds_add(ds, 1) }}'
  AND shop = '{{ conn.shop.host }}' AND region IN ({{ var.json.regions.eu | join(", ") }})
  AND amount > {{ dag_run.conf['limits'][0] * 2 }}
  {% if params.only_new %}AND id > {{ ti.xcom_pull('last')['id'] }}{% endif %}
-- {{ dag.dag_id | upper }} {{ run_id }} {{ data_interval_start.strftime('%Y%m%d') }} {{ ts_nodash }})";

AirflowFacts facts() {
  AirflowFacts f;
  f.dag_id = "orders";
  f.task_id = "load";
  f.run_id = "scheduled__2026-03-04T00:00:00+00:00";
  f.logical_date = f.data_interval_start = parse_time("2026-03-04T00:00:00Z");
  f.data_interval_end = parse_time("2026-03-05T00:00:00Z");
  f.params = Object{{"table", "orders"}, {"only_new", true}};
  f.conf = Object{{"limits", Array{21, 50}}};
  f.dag = Object{{"dag_id", "orders"}, {"tags", Array{"shop"}}};
  f.task = Object{{"task_id", "load"}};
  return f;
}

FetchedLookups lookups(const AirflowFacts& f) {
  FetchedLookups found;
  found.add(variable_request("regions"), R"({"eu": ["'de'", "'fr'"]})");
  found.add(connection_request("shop"), Object{{"conn_id", "shop"}, {"conn_type", "http"}, {"host", "shop.example"}});
  found.add(xcom_request({f.dag_id, f.run_id, "last", "return_value", -1, false}), Object{{"id", 4711}});
  found.add(xcom_request({f.dag_id, f.run_id, "last", "return_value", std::nullopt, false}), Array{Object{{"id", 4711}}});
  return found;
}

}  // namespace

int main() {
  constexpr int renderings = 20'000;
  const AirflowFacts f = facts();
  const FetchedLookups found = lookups(f);
  const auto environment = std::make_shared<const Environment>();
  std::vector<double> us;
  for (int i = 0; i < renderings; ++i) {
    const auto from = std::chrono::steady_clock::now();
    const AirflowContext context(f, found);
    const auto outcome = Template(source, "bench", environment).render(context);
    us.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - from).count());
    const auto* text = std::get_if<std::string>(&outcome);
    if (text == nullptr || !text->contains("amount > 42\n  AND id > 4711\n-- ORDERS")) {
      std::fprintf(stderr, "it rendered something else: %s\n", text == nullptr ? "(asks for more)" : text->c_str());
      return 1;
    }
  }
  std::ranges::sort(us);
  fmt::print("{{\"us\": {:.2f}, \"p99_us\": {:.2f}, \"renderings\": {}}}\n", us[us.size() / 2], us[us.size() * 99 / 100],
             renderings);
}
