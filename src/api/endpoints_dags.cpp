#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/endpoints.h"

namespace venturi::api {
namespace {

std::map<std::string, DagState> states(Api& api) {
  std::map<std::string, DagState> by_id;
  for (DagState& state : must(api.reader().dag_states())) by_id.emplace(state.dag_id, std::move(state));
  return by_id;
}

const DagState* state_of(const std::map<std::string, DagState>& all, const std::string& dag_id) {
  const auto found = all.find(dag_id);
  return found == all.end() ? nullptr : &found->second;
}

void get_dags(const Call& call, const Reply& reply) {
  Api& api = *call.api;
  const auto page = call.page();
  const auto pattern = call.text("dag_id_pattern");
  const auto tags = call.texts("tags"), owners = call.texts("owners");
  const auto paused = call.text("paused") ? std::optional(call.boolean("paused", false)) : std::nullopt;
  store::DagPage rows = api.dags();
  if (call.is_descending("dag_id")) std::ranges::reverse(rows);
  std::string text = R"({"dags":[)";
  std::size_t total = 0, shown = 0;
  for (const store::DagRow& row : rows) {
    if (pattern && !fits_pattern(row.state.dag_id, *pattern)) continue;
    if (paused && *paused != row.state.is_paused) continue;
    const bool is_shown = total >= page.offset && shown < page.limit;
    // Its content, which is long, only where it is asked for.
    const auto dag = is_shown || !tags.empty() || !owners.empty() ? api.listed(row) : nullptr;
    if (!tags.empty() && (!dag || std::ranges::none_of(tags, [&](const auto& tag) {
          return std::ranges::find(dag->tags, tag) != dag->tags.end();
        })))
      continue;
    if (!owners.empty() &&
        (!dag || std::ranges::none_of(owners, [&](const auto& owner) { return dag->owner.find(owner) != std::string::npos; })))
      continue;
    if (is_shown && !dag) continue;  // it is gone since
    ++total;
    if (!is_shown) continue;
    if (shown++ > 0) text += ',';
    append_dag(text, api, *dag, &row.state, row.has_import_error);
  }
  text += "],\"total_entries\":" + std::to_string(total) + "}";
  reply({200, std::move(text)});
}

void get_dag(const Call& call, const Reply& reply) {
  const auto dag = call.api->dag(call.at("dag_id"));
  const auto by_id = states(*call.api);
  reply(json(dag_body(*call.api, *dag, state_of(by_id, dag->dag_id))));
}

void get_dag_details(const Call& call, const Reply& reply) {
  const auto dag = call.api->dag(call.at("dag_id"));
  const auto by_id = states(*call.api);
  reply(json(dag_details_body(*call.api, *dag, state_of(by_id, dag->dag_id))));
}

void patch_dag(const Call& call, const Reply& reply) {
  const std::string& dag_id = call.at("dag_id");
  (void)call.api->dag(dag_id);
  for (const std::string& name : call.texts("update_mask")) {
    if (name != "is_paused") throw Refusal{400, "Only `is_paused` field can be updated through the REST API"};
  }
  const bool paused = call.body.get_bool("is_paused");
  Api* api = call.api;
  api->command(Object{{"command", paused ? "dags pause" : "dags unpause"}, {"dag_id", dag_id}, {"user", call.user}}, reply,
               [api, dag_id](const Value&) {
                 const auto dag = api->dag(dag_id);
                 const auto by_id = states(*api);
                 return json(dag_body(*api, *dag, state_of(by_id, dag_id)));
               });
}

void get_tasks(const Call& call, const Reply& reply) {
  const auto dag = call.api->dag(call.at("dag_id"));
  Array tasks;
  for (const TaskIndex index : dag->by_task_id) tasks.push_back(task_body(*dag, dag->tasks[index]));
  const std::size_t total = tasks.size();
  reply(page_of("tasks", std::move(tasks), total));
}

void get_task(const Call& call, const Reply& reply) {
  const auto dag = call.api->dag(call.at("dag_id"));
  const auto task = dag->find_task(call.at("task_id"));
  if (!task) throw Refusal{404, fmt::format("Task with id {} was not found", call.at("task_id"))};
  reply(json(task_body(*dag, dag->tasks[*task])));
}

void get_dag_versions(const Call& call, const Reply& reply) {
  const std::string& dag_id = call.at("dag_id");
  Array rows;
  const auto page = call.page();
  auto versions = must(call.api->reader().dag_versions(dag_id));
  if (call.is_descending("version_number")) std::ranges::reverse(versions);
  for (std::size_t i = page.offset; i < versions.size() && rows.size() < page.limit; ++i)
    rows.push_back(dag_version_body(*call.api, dag_id, versions[i].version_id));
  reply(page_of("dag_versions", std::move(rows), versions.size()));
}

Value import_error_body(const store::ImportError& error, std::size_t number) {
  return Object{{"import_error_id", static_cast<std::int64_t>(number)},
                {"timestamp", format_time(error.at)},
                {"filename", error.filename},
                {"bundle_name", error.bundle},
                {"stack_trace", error.stacktrace}};
}

void get_import_errors(const Call& call, const Reply& reply) {
  const auto page = call.page();
  auto errors = must(call.api->reader().import_errors());
  if (call.is_descending("import_error_id")) std::ranges::reverse(errors);
  Array rows;
  for (std::size_t i = page.offset; i < errors.size() && rows.size() < page.limit; ++i)
    rows.push_back(import_error_body(errors[i], call.is_descending("import_error_id") ? errors.size() - i : i + 1));
  reply(page_of("import_errors", std::move(rows), errors.size()));
}

constexpr Field dag_query[] = {{"limit", Field::Type::integer}, {"offset", Field::Type::integer},
                               {"order_by", Field::Type::text}, {"tags", Field::Type::array},
                               {"owners", Field::Type::array},  {"dag_id_pattern", Field::Type::text},
                               {"paused", Field::Type::boolean}};
constexpr Field dag_patch[] = {{"is_paused", Field::Type::boolean, true, false}};

}  // namespace

std::span<const Endpoint> dag_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/dags", "get_dags", Permission::viewer, get_dags, dag_query},
      {"GET", "/api/v2/dags/{dag_id}", "get_dag", Permission::viewer, get_dag},
      {"GET", "/api/v2/dags/{dag_id}/details", "get_dag_details", Permission::viewer, get_dag_details},
      {"PATCH", "/api/v2/dags/{dag_id}", "patch_dag", Permission::user, patch_dag, update_mask, dag_patch},
      {"GET", "/api/v2/dags/{dag_id}/tasks", "get_tasks", Permission::viewer, get_tasks},
      {"GET", "/api/v2/dags/{dag_id}/tasks/{task_id}", "get_task", Permission::viewer, get_task},
      {"GET", "/api/v2/dags/{dag_id}/dagVersions", "get_dag_versions", Permission::viewer, get_dag_versions, page_query},
      {"GET", "/api/v2/importErrors", "get_import_errors", Permission::viewer, get_import_errors, page_query},
  };
  return list;
}

}  // namespace venturi::api
