#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/endpoints.h"
#include "api/list_filters.h"

namespace venturi::api {
namespace {

void get_dag_runs(const Call& call, const Reply& reply) {
  if (call.at("dag_id") != any_id) (void)call.api->dag(call.at("dag_id"));
  call.api->page(run_list(call), reply, [api = call.api](const store::RunPage& page) { return run_page(*api, page); });
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
  for (const store::XComKey& key : must(api.reader().xcom_keys(run.no))) {
    if (key.key != "return_value" || std::ranges::find(tasks, key.task_id) == tasks.end()) continue;
    const auto text = must(api.reader().xcom(key));
    if (!text) continue;  // it was deleted since
    Value value = xcom_value(api, key, *text);
    if (key.map_index < 0) {
      results.set(key.task_id, std::move(value));
      continue;
    }
    if (!results.contains(key.task_id)) results.set(key.task_id, Array{});
    results.find(key.task_id)->as_array().push_back(std::move(value));
  }
  return results;
}

struct Waiting {
  Api* api;
  std::string dag_id, run_id;
  std::vector<std::string> tasks;
  std::chrono::milliseconds interval;
  bool has_ended = false;
};

// Of the run as it is now.
std::string next_line(Waiting& w) {
  const DagRun run = find_run(*w.api, w.dag_id, w.run_id);
  Object line{{"state", std::string(to_string(run.state))}};
  w.has_ended = is_finished(run.state);
  if (w.has_ended && !w.tasks.empty()) line.set("results", results_of(*w.api, run, w.tasks));
  return to_json(line) + "\n";
}

// A client that has gone lets `waiting` go.
void give_later(const std::shared_ptr<Waiting>& waiting, const net::GivePiece& give) {
  waiting->api->after(waiting->interval, [weak = std::weak_ptr(waiting), give] {
    const auto held = weak.lock();
    if (!held) return;
    try {
      give(next_line(*held));
    } catch (const Refusal& refusal) {  // it was deleted meanwhile
      give(fail(ErrorKind::not_found, to_json(refusal.detail)));
    } catch (const std::exception& e) {
      give(fail(ErrorKind::internal, e.what()));
    }
  });
}

// One JSON object a line, one each interval, the last one when the run has ended; without a type, as Airflow: its own client
// reads no other.
void wait_for_run(const Call& call, const Reply& reply) {
  constexpr double shortest = 0.1, longest = 86'400;  // seconds
  const double interval = std::clamp(call.number("interval", 1), shortest, longest);
  const auto waiting =
      std::make_shared<Waiting>(Waiting{.api = call.api,
                                        .dag_id = call.at("dag_id"),
                                        .run_id = call.at("dag_run_id"),
                                        .tasks = call.texts("result"),
                                        .interval = std::chrono::milliseconds(static_cast<std::int64_t>(interval * 1000))});
  const auto first = std::make_shared<std::string>(next_line(*waiting));
  reply({.content_type = {}, .pieces = [waiting, first](const net::GivePiece& give) {
           if (!first->empty()) return give(std::exchange(*first, {}));
           if (waiting->has_ended) return give({});
           give_later(waiting, give);
         }});
}

constexpr Field interval[] = {{"interval", Field::Type::number, true}, {"result", Field::Type::array}};
constexpr Field trigger_body[] = {{"dag_run_id", Field::Type::text},
                                  {"data_interval_start", Field::Type::date},
                                  {"data_interval_end", Field::Type::date},
                                  {"logical_date", Field::Type::date, true},
                                  {"run_after", Field::Type::date},
                                  {"conf", Field::Type::object},
                                  {"note", Field::Type::text},
                                  {"partition_key", Field::Type::text}};

}  // namespace

void trigger_run_of(const Call& call, const Reply& reply, const std::string& dag_id, RunType type) {
  Api* api = call.api;
  if (!api->find_dag(dag_id)) throw Refusal{404, fmt::format("Dag with dag_id: '{}' not found", dag_id)};
  Object command{
      {"command", "dags trigger"}, {"dag_id", dag_id}, {"user", call.user}, {"run_type", std::string(to_string(type))}};
  for (const auto& [member, of] :
       {std::pair("dag_run_id", "run_id"), std::pair("conf", "conf"), std::pair("logical_date", "logical_date"),
        std::pair("data_interval_start", "data_interval_start"), std::pair("data_interval_end", "data_interval_end"),
        std::pair("run_after", "run_after"), std::pair("partition_key", "partition_key")}) {
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
      {"GET", "/api/v2/dags/{dag_id}/dagRuns", "get_dag_runs", Permission::viewer, get_dag_runs, run_list_query},
      {"POST", "/api/v2/dags/{dag_id}/dagRuns", "trigger_dag_run", Permission::user, trigger_dag_run, {}, trigger_body},
      {"GET", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}", "get_dag_run", Permission::viewer, get_dag_run},
      {"DELETE", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}", "delete_dag_run", Permission::user, delete_dag_run},
      {"GET", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/wait", "wait_dag_run_until_finished", Permission::viewer,
       wait_for_run, interval},
  };
  return list;
}

}  // namespace venturi::api
