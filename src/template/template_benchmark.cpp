// A command with ten expressions, as a task has them.
#include <benchmark/benchmark.h>

#include "template/airflow_context.h"

namespace venturi::templates {
namespace {

constexpr std::string_view command =
    "load --date {{ ds }} --from {{ data_interval_start | ts_nodash }} --to {{ data_interval_end.strftime('%Y%m%d') }} "
    "--run {{ run_id | upper }} --bucket {{ var.value.bucket }}/{{ params.table }} --host {{ conn.db.host }}:{{ conn.db.port + "
    "1 }} "
    "{% for column in params.columns %}--column {{ column }}{% if not loop.last %} {% endif %}{% endfor %} "
    "--yesterday {{ macros.ds_add(ds, -1) }}";

struct Fixture {
  Fixture() {
    facts.dag_id = "orders";
    facts.run_id = "scheduled__2024-05-06T00:00:00+00:00";
    facts.logical_date = facts.data_interval_end = parse_time("2024-05-06T00:00:00Z");
    facts.data_interval_start = parse_time("2024-05-05T00:00:00Z");
    facts.params = Object{{"table", "orders"}, {"columns", Array{"id", "customer", "amount"}}};
    lookups.add(variable_request("bucket"), "s3://data");
    lookups.add(connection_request("db"), Object{{"conn_id", "db"}, {"host", "db.example"}, {"port", 5432}});
  }
  AirflowFacts facts;
  FetchedLookups lookups;
  std::shared_ptr<const Environment> environment = std::make_shared<const Environment>();
};

void parse(benchmark::State& state) {
  const Fixture fixture;
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(Template(command, "command", fixture.environment));
}
BENCHMARK(parse);

void render(benchmark::State& state) {
  const Fixture fixture;
  const Template parsed(command, "command", fixture.environment);
  const AirflowContext context(fixture.facts, fixture.lookups);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(parsed.render(context));
}
BENCHMARK(render);

void parse_and_render(benchmark::State& state) {
  const Fixture fixture;
  const AirflowContext context(fixture.facts, fixture.lookups);
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(Template(command, "command", fixture.environment).render(context));
}
BENCHMARK(parse_and_render);

// The cost of a step: a loop over 100,000 numbers.
void loop(benchmark::State& state) {
  const Fixture fixture;
  const Template parsed(
      "{% set ns = namespace(t=0) %}{% for i in range(100000) %}{% set ns.t = ns.t + i %}{% endfor %}{{ ns.t }}", "loop",
      fixture.environment);
  const AirflowContext context(fixture.facts, fixture.lookups);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(parsed.render(context));
}
BENCHMARK(loop)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace venturi::templates

BENCHMARK_MAIN();
