#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/endpoints.h"

namespace venturi::api {
namespace {

using Order = store::RunFilter::Order;

store::RunFilter filter_of(const Call& call) {
  store::RunFilter filter;
  if (call.at("dag_id") != any_id) filter.dag_id = call.at("dag_id");
  const auto states = call.texts("state"), types = call.texts("run_type");
  for (const auto* several : {&states, &types}) {
    if (several->size() > 1) throw Refusal{400, "Only one value of `state`, and of `run_type`, is served yet"};
  }
  if (!states.empty()) {
    filter.state = parse_run_state(states.front());
    if (!filter.state)
      throw Refusal{422, fmt::format("Invalid value for state. Valid values are queued, running, success, failed, not {}",
                                     states.front())};
  }
  if (!types.empty()) {
    filter.run_type = parse_run_type(types.front());
    if (!filter.run_type) throw Refusal{422, fmt::format("Invalid value for run type: {}", types.front())};
  }
  filter.logical_date_from = call.date("logical_date_gte");
  filter.logical_date_to = call.date("logical_date_lte");
  // As in Airflow the order is that of their making, the first one first.
  filter.ascending = true;
  if (const auto order = call.text("order_by")) {
    filter.ascending = !order->starts_with('-');
    const std::string column = order->substr(filter.ascending ? 0 : 1);
    constexpr std::pair<std::string_view, Order> columns[] = {{"id", Order::number},
                                                              {"run_id", Order::run_id},
                                                              {"dag_run_id", Order::run_id},
                                                              {"run_after", Order::run_after},
                                                              {"logical_date", Order::logical_date},
                                                              {"start_date", Order::start_date},
                                                              {"end_date", Order::end_date},
                                                              {"state", Order::state}};
    const auto* found = std::ranges::find(columns, column, [](const auto& c) { return c.first; });
    if (found == std::end(columns))
      throw Refusal{400, fmt::format("Ordering with '{}' is disallowed or the attribute does not exist on the model", column)};
    filter.order = found->second;
  }
  return filter;
}

void get_dag_runs(const Call& call, const Reply& reply) {
  if (call.at("dag_id") != any_id) (void)call.api->dag(call.at("dag_id"));
  store::RunFilter filter = filter_of(call);
  const auto page = call.page();
  filter.limit = static_cast<int>(page.limit);
  filter.offset = static_cast<int>(page.offset);
  const std::int64_t total = must(call.api->reader().count_runs(filter));
  Array rows;
  if (filter.limit > 0) {
    for (const DagRun& run : must(call.api->reader().runs(filter))) rows.push_back(run_body(*call.api, run));
  }
  reply(page_of("dag_runs", std::move(rows), static_cast<std::size_t>(total)));
}

void get_dag_run(const Call& call, const Reply& reply) {
  reply(json(run_body(*call.api, find_run(*call.api, call.at("dag_id"), call.at("dag_run_id")))));
}

void trigger_dag_run(const Call& call, const Reply& reply) {
  trigger_run_of(call, reply, call.at("dag_id"), RunType::manual);
}

void delete_dag_run(const Call& call, const Reply& reply) {
  const DagRun run = find_run(*call.api, call.at("dag_id"), call.at("dag_run_id"));
  if (!is_finished(run.state))
    throw Refusal{409, fmt::format("The DagRun with dag_id: `{}` and run_id: `{}` cannot be deleted in {} state", run.dag_id,
                                   run.run_id, to_string(run.state))};
  call.run(Object{{"command", "dags delete-run"}, {"dag_id", run.dag_id}, {"run_id", run.run_id}, {"user", call.user}}, reply,
           [](const Value&) { return no_content(); });
}

// What tasks returned, by task: one value, or those of a mapped task's instances as a list.
Object results_of(Api& api, const DagRun& run, const std::vector<std::string>& tasks) {
  Object results;
  for (const auto& [key, text] : must(api.reader().xcoms(run.no))) {
    if (key.key != "return_value" || std::ranges::find(tasks, key.task_id) == tasks.end()) continue;
    Value value = xcom_value(api, key, text);
    if (key.map_index < 0) {
      results.set(key.task_id, std::move(value));
      continue;
    }
    if (!results.contains(key.task_id)) results.set(key.task_id, Array{});
    results.find(key.task_id)->as_array().push_back(std::move(value));
  }
  return results;
}

// One JSON object a line, the last one when the run has ended; without a type, as Airflow: its own client reads no other.
void wait_for_run(const Call& call, const Reply& reply) {
  constexpr double shortest = 0.1, longest = 86'400;  // seconds
  const double interval = std::clamp(call.number("interval", 1), shortest, longest);
  const auto tasks = call.texts("result");
  const auto look = [tasks](Api* api, const std::string& dag_id, const std::string& run_id, std::string lines, double seconds,
                            const Reply& to, const auto& again) -> void {
    answer(
        [&](net::HttpServerResponse response) {
          if (response.status != 0) to(std::move(response));
        },
        [&]() -> net::HttpServerResponse {
          const DagRun run = find_run(*api, dag_id, run_id);
          Object line{{"state", std::string(to_string(run.state))}};
          if (is_finished(run.state) && !tasks.empty()) line.set("results", results_of(*api, run, tasks));
          lines += to_json(line) + "\n";
          if (is_finished(run.state)) return {200, lines, {}};
          api->after(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)),
                     [=] { again(api, dag_id, run_id, lines, seconds, to, again); });
          return {.status = 0};
        });
  };
  look(call.api, call.at("dag_id"), call.at("dag_run_id"), {}, interval, reply, look);
}

constexpr Field run_query[] = {{"limit", Field::Type::integer},        {"offset", Field::Type::integer},
                               {"order_by", Field::Type::text},        {"state", Field::Type::array},
                               {"run_type", Field::Type::array},       {"logical_date_gte", Field::Type::date},
                               {"logical_date_lte", Field::Type::date}};
constexpr Field interval[] = {{"interval", Field::Type::number, true}, {"result", Field::Type::array}};
constexpr Field trigger_body[] = {{"dag_run_id", Field::Type::text},
                                  {"data_interval_start", Field::Type::date},
                                  {"data_interval_end", Field::Type::date},
                                  {"logical_date", Field::Type::date, true},
                                  {"run_after", Field::Type::date, false, true, false},
                                  {"conf", Field::Type::object},
                                  {"note", Field::Type::text},
                                  {"partition_key", Field::Type::text}};

}  // namespace

void trigger_run_of(const Call& call, const Reply& reply, const std::string& dag_id, RunType type) {
  Api* api = call.api;
  if (!must(api->reader().dag(dag_id))) throw Refusal{404, fmt::format("Dag with dag_id: '{}' not found", dag_id)};
  Object command{
      {"command", "dags trigger"}, {"dag_id", dag_id}, {"user", call.user}, {"run_type", std::string(to_string(type))}};
  for (const auto& [member, of] :
       {std::pair("dag_run_id", "run_id"), std::pair("conf", "conf"), std::pair("logical_date", "logical_date"),
        std::pair("data_interval_start", "data_interval_start"), std::pair("data_interval_end", "data_interval_end"),
        std::pair("partition_key", "partition_key")}) {
    if (const Value* given = call.body.get(member)) command.set(of, *given);
  }
  if (call.body.get("logical_date") == nullptr) command.set("logical_date", Value());
  call.add_note(command);
  call.run(
      std::move(command), reply,
      [api, dag_id](const Value& result) {
        return json(run_body(*api, find_run(*api, dag_id, result.at("run").get_string("run_id"))));
      },
      [](const Error& error) -> net::HttpServerResponse {
        if (error.kind == ErrorKind::conflict) throw unique_violation(error.text());
        throw refusal_of(error);
      });
}

std::span<const Endpoint> run_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/dags/{dag_id}/dagRuns", "get_dag_runs", Permission::viewer, get_dag_runs, run_query},
      {"POST", "/api/v2/dags/{dag_id}/dagRuns", "trigger_dag_run", Permission::user, trigger_dag_run, {}, trigger_body},
      {"GET", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}", "get_dag_run", Permission::viewer, get_dag_run},
      {"DELETE", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}", "delete_dag_run", Permission::user, delete_dag_run},
      {"GET", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/wait", "wait_dag_run_until_finished", Permission::viewer,
       wait_for_run, interval},
  };
  return list;
}

}  // namespace venturi::api
