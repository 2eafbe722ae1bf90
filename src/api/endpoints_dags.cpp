// DAGs, their tasks, and what is set of them.
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/bulk.h"
#include "api/endpoints.h"
#include "api/listing.h"

namespace venturi::api {
namespace {

struct DagRow {
  store::DagRow row;
  bool is_stale = false;
  std::shared_ptr<const Dag> dag = {};  // its content, which is long: once somebody has asked for it
  std::optional<DagRun> last_run = {};  // only where it is asked for

  [[nodiscard]] const std::string& dag_id() const { return row.state.dag_id; }
};

// Null where it is gone since the list was read.
const Dag* content_of(Api& api, DagRow& row) {
  if (!row.dag) row.dag = api.listed(row.row);
  return row.dag.get();
}

// Those whose file is gone.
std::vector<DagRow> stale_dags(Api& api) {
  std::vector<DagRow> rows;
  std::map<std::string, DagState> states;
  for (DagState& state : must(api.reader().dag_states())) states.emplace(state.dag_id, std::move(state));
  for (const auto& dag : must(api.reader().stale_dags())) {
    DagState& state = states[dag->dag_id];
    state.dag_id = dag->dag_id;
    rows.push_back({.row = {state, dag->version_id, dag->bundle, dag->relative_fileloc, dag->fileloc, false},
                    .is_stale = true,
                    .dag = dag});
  }
  return rows;
}

std::vector<DagRow> all_dags(Api& api, bool with_stale) {
  std::vector<DagRow> rows;
  for (store::DagRow& row : api.dags()) rows.push_back({.row = std::move(row)});
  if (!with_stale) return rows;
  for (DagRow& row : stale_dags(api)) rows.push_back(std::move(row));
  std::ranges::sort(rows, {}, [](const DagRow& row) -> const std::string& { return row.dag_id(); });
  return rows;
}

// Also one whose file is gone; or Refusal 404 in these words.
DagRow find_dag(Api& api, const std::string& dag_id, const std::string& missing) {
  if (auto found = must(api.lists().dag(dag_id))) {
    DagRow row{.row = std::move(*found)};
    if (content_of(api, row) != nullptr) return row;
  }
  for (DagRow& row : stale_dags(api)) {
    if (row.dag_id() == dag_id) return std::move(row);
  }
  throw Refusal{404, missing};
}
DagRow find_dag(Api& api, const std::string& dag_id) {
  return find_dag(api, dag_id, fmt::format("The Dag with ID: `{}` was not found", dag_id));
}

Object body_of(Api& api, const DagRow& row) {
  Object body = dag_body(api, *row.dag, &row.row.state);
  body.set("is_stale", row.is_stale);
  return body;
}

// A page of them, written as text straight away.
net::HttpServerResponse page_of_dags(const Call& call, std::vector<DagRow>& rows) {
  const Call::Page page = call.page();
  std::string text = R"({"dags":[)";
  std::size_t shown = 0;
  for (std::size_t i = page.offset; i < rows.size() && shown < page.limit; ++i) {
    if (content_of(*call.api, rows[i]) == nullptr) continue;
    if (shown++ > 0) text += ',';
    if (rows[i].is_stale)
      append_json(text, body_of(*call.api, rows[i]));
    else
      append_dag(text, *call.api, *rows[i].dag, &rows[i].row.state, rows[i].row.has_import_error);
  }
  text += fmt::format(R"(],"total_entries":{}}})", rows.size());
  return {200, std::move(text)};
}

// ---- the list ------------------------------------------------------------------------------------------------------------

bool has_tags(const Call& call, const Dag& dag) {
  const auto wanted = call.texts("tags");
  if (wanted.empty()) return true;
  const auto has = [&](const std::string& tag) { return std::ranges::find(dag.tags, tag) != dag.tags.end(); };
  const std::string mode = call.text("tags_match_mode").value_or("any");
  if (mode != "any" && mode != "all")
    throw Refusal{422, Array{problem("literal_error", {Value("query"), Value("tags_match_mode")},
                                     "Input should be 'any' or 'all'", mode)}};
  return mode == "all" ? std::ranges::all_of(wanted, has) : std::ranges::any_of(wanted, has);
}

bool has_owner(const Call& call, const Dag& dag) {
  const auto wanted = call.texts("owners");
  return wanted.empty() || std::ranges::any_of(wanted, [&](const std::string& owner) {
           return std::ranges::any_of(dag.tasks, [&](const Task& task) { return task.owner.contains(owner); });
         });
}

bool is_scheduled_on_assets(const Dag& dag) {
  const std::string type = dag.timetable.get_string("__type");
  return type.find("Asset") != std::string::npos;
}

bool fits_flag(const Call& call, std::string_view name, bool value) {
  return !call.text(name) || call.boolean(name, false) == value;
}

// Whether any asset that its schedule names fits_dag the pattern: they stand in it by name and URI.
bool depends_on(const Dag& dag, std::string_view pattern) {
  const std::function<bool(const Value&)> is_in = [&](const Value& value) -> bool {
    if (value.is_array()) return std::ranges::any_of(value.as_array(), is_in);
    if (!value.is_object()) return false;
    for (const auto& [name, member] : value.as_object()) {
      if ((name == "name" || name == "uri") && member.is_string() && fits_pattern(member.as_string(), pattern)) return true;
      if (is_in(member)) return true;
    }
    return false;
  };
  return is_scheduled_on_assets(dag) && is_in(dag.timetable);
}

// What PATCH of many has, too. What needs no content comes first: a list of many DAGs reads that of few.
bool fits_basics(const Call& call, DagRow& row) {
  if (!fits_text(call, "dag_id", row.dag_id()) || !fits_flag(call, "paused", row.row.state.is_paused)) return false;
  if (!call.text("tags") && !call.text("owners")) return true;
  const Dag* dag = content_of(*call.api, row);
  return dag != nullptr && has_tags(call, *dag) && has_owner(call, *dag);
}

bool fits_content(const Call& call, DagRow& row) {
  constexpr std::array asked{"dag_display_name_pattern", "dag_display_name_prefix_pattern", "has_asset_schedule",
                             "timetable_type", "asset_dependency"};
  if (std::ranges::none_of(asked, [&](const char* name) { return call.text(name).has_value(); })) return true;
  const Dag* dag = content_of(*call.api, row);
  const auto asset = call.text("asset_dependency");
  return dag != nullptr && fits_text(call, "dag_display_name", title_of(*dag)) &&
         fits_flag(call, "has_asset_schedule", is_scheduled_on_assets(*dag)) &&
         fits_any(call, "timetable_type", dag->timetable.get_string("__type")) && (!asset || depends_on(*dag, *asset));
}

bool fits_dag(const Call& call, DagRow& row, const std::vector<std::string>& favorites) {
  if (!fits_basics(call, row) || !fits_flag(call, "has_import_errors", row.row.has_import_error) ||
      !fits_any(call, "bundle_name", row.row.bundle) || call.text("bundle_version"))
    return false;
  if (const auto state = call.text("last_dag_run_state"); state && (!row.last_run || to_string(row.last_run->state) != *state))
    return false;
  return fits_flag(call, "is_favorite", std::ranges::find(favorites, row.dag_id()) != favorites.end()) &&
         fits_content(call, row);
}

constexpr std::array<Column<DagRow>, 7> dag_columns{{
    {"dag_id", [](const DagRow& row) { return Value(row.dag_id()); }},
    {"dag_display_name", [](const DagRow& row) { return Value(row.dag ? title_of(*row.dag) : row.dag_id()); }},
    {"next_dagrun", [](const DagRow& row) { return date_or_null(row.row.state.next_logical_date); }},
    {"state", [](const DagRow& row) { return row.last_run ? Value(std::string(to_string(row.last_run->state))) : Value(); }},
    {"last_run_state",
     [](const DagRow& row) { return row.last_run ? Value(std::string(to_string(row.last_run->state))) : Value(); }},
    {"start_date", [](const DagRow& row) { return row.last_run ? date_or_null(row.last_run->start_date) : Value(); }},
    {"last_run_start_date", [](const DagRow& row) { return row.last_run ? date_or_null(row.last_run->start_date) : Value(); }},
}};

void find_last_runs(const Call& call, std::vector<DagRow>& rows) {
  const auto orders = call.texts("order_by");
  const bool is_needed = call.text("last_dag_run_state") || std::ranges::any_of(orders, [](const std::string& order) {
                           return order.contains("state") || order.contains("start_date");
                         });
  if (!is_needed) return;
  if (const auto state = call.text("last_dag_run_state"); state && !parse_run_state(*state))
    throw Refusal{422, Array{problem("enum", {Value("query"), Value("last_dag_run_state")},
                                     "Input should be 'queued', 'running', 'success' or 'failed'", *state)}};
  for (DagRow& row : rows) {
    auto runs = must(call.api->reader().runs({.dag_id = row.dag_id(), .limit = 1}));
    if (!runs.empty()) row.last_run = std::move(runs.front());
  }
}

void get_dags(const Call& call, const Reply& reply) {
  auto rows = all_dags(*call.api, !call.boolean("exclude_stale", true));
  find_last_runs(call, rows);
  const auto favorites = call.text("is_favorite") ? must(call.api->reader().favorites(call.user)) : std::vector<std::string>();
  std::erase_if(rows, [&](DagRow& row) { return !fits_dag(call, row, favorites); });
  if (std::ranges::any_of(call.texts("order_by"), [](const std::string& order) { return order.ends_with("display_name"); })) {
    for (DagRow& row : rows) (void)content_of(*call.api, row);
  }
  order_rows<DagRow>(call, rows, dag_columns);
  reply(page_of_dags(call, rows));
}

void get_dag(const Call& call, const Reply& reply) {
  reply(json(body_of(*call.api, find_dag(*call.api, call.at("dag_id")))));
}

void get_dag_details(const Call& call, const Reply& reply) {
  const DagRow row = find_dag(*call.api, call.at("dag_id"));
  Object body = dag_details_body(*call.api, *row.dag, &row.row.state);
  const auto favorites = must(call.api->reader().favorites(call.user));
  body.set("is_stale", row.is_stale);
  body.set("is_favorite", std::ranges::find(favorites, row.dag_id()) != favorites.end());
  body.set("active_runs_count", must(call.api->reader().count_runs({.dag_id = row.dag_id(), .state = RunState::running})));
  reply(json(body));
}

// ---- changes -------------------------------------------------------------------------------------------------------------

void check_mask(const Call& call) {
  for (const std::string& name : call.texts("update_mask")) {
    if (name != "is_paused") throw Refusal{400, "Only `is_paused` field can be updated through the REST API"};
  }
}

Value pause_command(const Call& call, const std::string& dag_id) {
  const bool paused = call.body.get_bool("is_paused");
  return Object{{"command", paused ? "dags pause" : "dags unpause"}, {"dag_id", dag_id}, {"user", call.user}};
}

void patch_dag(const Call& call, const Reply& reply) {
  const std::string& dag_id = call.at("dag_id");
  (void)find_dag(*call.api, dag_id, fmt::format("Dag with id: {} was not found", dag_id));
  check_mask(call);
  Api* api = call.api;
  call.run(pause_command(call, dag_id), reply,
           [api, dag_id](const Value&) { return json(body_of(*api, find_dag(*api, dag_id))); });
}

// All that fit are changed, whatever the page shows; without a pattern none does.
void patch_dags(const Call& call, const Reply& reply) {
  check_mask(call);
  if (!call.boolean("exclude_stale", true))
    throw Refusal{400, "`exclude_stale`: false is not served: what has no file any more is not paused"};
  std::vector<Value> commands;
  std::vector<std::string> ids;
  if (call.text("dag_id_pattern") || call.text("dag_id_prefix_pattern")) {
    for (DagRow& row : all_dags(*call.api, false)) {
      if (!fits_basics(call, row)) continue;
      ids.push_back(row.dag_id());
      if (row.row.state.is_paused != call.body.get_bool("is_paused")) commands.push_back(pause_command(call, row.dag_id()));
    }
  }
  run_all(call, std::move(commands), reply, [call, ids](const Outcomes& outcomes, const Array&) {
    for (const auto& error : outcomes) {
      if (error) throw refusal_of(*error);
    }
    auto rows = all_dags(*call.api, false);
    std::erase_if(rows, [&](const DagRow& row) { return !std::ranges::binary_search(ids, row.dag_id()); });
    return page_of_dags(call, rows);
  });
}

void delete_dag(const Call& call, const Reply& reply) {
  const std::string& dag_id = call.at("dag_id");
  call.run(
      Object{{"command", "dags delete"}, {"dag_id", dag_id}, {"user", call.user}}, reply,
      [](const Value&) { return no_content(); },
      [dag_id](const Error& error) -> net::HttpServerResponse {
        if (error.kind == ErrorKind::not_found) throw Refusal{404, fmt::format("Dag with id: {} was not found", dag_id)};
        if (error.kind == ErrorKind::conflict)
          throw Refusal{409, fmt::format("Task instances of dag with id: '{}' are still running", dag_id)};
        throw refusal_of(error);
      });
}

void set_favorite(const Call& call, const Reply& reply, bool is_one) {
  const std::string& dag_id = call.at("dag_id");
  (void)find_dag(*call.api, dag_id, fmt::format("Dag with id '{}' not found", dag_id));
  const auto favorites = must(call.api->reader().favorites(call.user));
  const bool was_one = std::ranges::find(favorites, dag_id) != favorites.end();
  if (is_one && was_one) throw unique_violation("the DAG is marked as favorite already");
  if (!is_one && !was_one) throw Refusal{409, "Dag is not marked as favorite"};
  call.run(Object{{"command", "dags favorite"}, {"dag_id", dag_id}, {"user", call.user}, {"is_one", is_one}}, reply,
           [](const Value&) { return no_content(); });
}
void favorite_dag(const Call& call, const Reply& reply) {
  set_favorite(call, reply, true);
}
void unfavorite_dag(const Call& call, const Reply& reply) {
  set_favorite(call, reply, false);
}

// ---- tasks ---------------------------------------------------------------------------------------------------------------

void get_tasks(const Call& call, const Reply& reply) {
  const auto dag = call.api->dag(call.at("dag_id"));
  const std::string order = call.text("order_by").value_or("task_id");
  const bool descending = order.starts_with('-');
  const std::string member = order.substr(descending ? 1 : 0);
  Array tasks;
  for (const TaskIndex index : dag->by_task_id) tasks.push_back(task_body(*dag, dag->tasks[index]));
  const auto is_there = [&](const Value& task) { return task.as_object().contains(member); };
  if (!tasks.empty() && !std::ranges::all_of(tasks, is_there))
    throw Refusal{400, fmt::format("'SerializedBaseOperator' object has no attribute '{}'", member)};
  sort_rows(tasks, [&](const Value& a, const Value& b) {
    const Value left = a.get_value(member), right = b.get_value(member);
    if (left.is_object() || left.is_array() || right.is_object() || right.is_array()) return false;
    return descending ? compare(right, left) < 0 : compare(left, right) < 0;
  });
  const std::size_t total = tasks.size();
  reply(page_of("tasks", std::move(tasks), total));
}

void get_task(const Call& call, const Reply& reply) {
  const auto dag = call.api->dag(call.at("dag_id"));
  const auto task = dag->find_task(call.at("task_id"));
  if (!task) throw Refusal{404, fmt::format("Task with id {} was not found", call.at("task_id"))};
  reply(json(task_body(*dag, dag->tasks[*task])));
}

constexpr Field dag_query[] = {VENTURI_PAGE,
                               VENTURI_PATTERNS("dag_id"),
                               VENTURI_PATTERNS("dag_display_name"),
                               {"tags", Field::Type::array},
                               {"tags_match_mode", Field::Type::text},
                               {"owners", Field::Type::array},
                               {"exclude_stale", Field::Type::boolean},
                               {"paused", Field::Type::boolean},
                               {"has_import_errors", Field::Type::boolean},
                               {"last_dag_run_state", Field::Type::text},
                               {"bundle_name", Field::Type::text},
                               {"bundle_version", Field::Type::text},
                               {"has_asset_schedule", Field::Type::boolean},
                               {"asset_dependency", Field::Type::text},
                               {"is_favorite", Field::Type::boolean},
                               {"timetable_type", Field::Type::array}};
constexpr Field patch_query[] = {{"limit", Field::Type::integer},     {"offset", Field::Type::integer},
                                 {"update_mask", Field::Type::array}, VENTURI_PATTERNS("dag_id"),
                                 {"tags", Field::Type::array},        {"tags_match_mode", Field::Type::text},
                                 {"owners", Field::Type::array},      {"exclude_stale", Field::Type::boolean},
                                 {"paused", Field::Type::boolean}};
constexpr Field task_query[] = {{"order_by", Field::Type::text}};
constexpr Field dag_patch[] = {{"is_paused", Field::Type::boolean, true, false}};

}  // namespace

std::span<const Endpoint> dag_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/dags", "get_dags", Permission::viewer, get_dags, dag_query},
      {"PATCH", "/api/v2/dags", "patch_dags", Permission::user, patch_dags, patch_query, dag_patch},
      {"GET", "/api/v2/dags/{dag_id}", "get_dag", Permission::viewer, get_dag},
      {"GET", "/api/v2/dags/{dag_id}/details", "get_dag_details", Permission::viewer, get_dag_details},
      {"PATCH", "/api/v2/dags/{dag_id}", "patch_dag", Permission::user, patch_dag, update_mask, dag_patch},
      {"DELETE", "/api/v2/dags/{dag_id}", "delete_dag", Permission::user, delete_dag},
      {"POST", "/api/v2/dags/{dag_id}/favorite", "favorite_dag", Permission::viewer, favorite_dag, {}, {}, "favorites"},
      {"POST", "/api/v2/dags/{dag_id}/unfavorite", "unfavorite_dag", Permission::viewer, unfavorite_dag, {}, {}, "favorites"},
      {"GET", "/api/v2/dags/{dag_id}/tasks", "get_tasks", Permission::viewer, get_tasks, task_query},
      {"GET", "/api/v2/dags/{dag_id}/tasks/{task_id}", "get_task", Permission::viewer, get_task},
  };
  return list;
}

}  // namespace venturi::api
