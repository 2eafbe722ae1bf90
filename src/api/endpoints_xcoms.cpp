// XComs, which clients may write, too.
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/endpoints.h"
#include "api/listing.h"
#include "base/json.h"
#include "server/xcom_files.h"
#include "task/msgpack.h"

namespace venturi::api {
namespace {

constexpr std::size_t longest_key = 512;  // as Airflow's column has it

Object entry_of(const DagRun& run, const store::XComKey& key) {
  return Object{{"key", key.key},
                {"timestamp", format_time(run.run_after)},
                {"logical_date", date_or_null(run.logical_date)},
                {"map_index", key.map_index},
                {"task_id", key.task_id},
                {"dag_id", key.dag_id},
                {"run_id", key.run_id},
                {"dag_display_name", key.dag_id},
                {"task_display_name", key.task_id},
                {"run_after", format_time(run.run_after)}};
}

struct XComRow {
  const DagRun* run;
  store::XComKey key;
};

// Those that a path with "~" in place of a DAG or a run means.
std::vector<DagRun> runs_of_xcoms(const Call& call) {
  const std::string &dag_id = call.at("dag_id"), &run_id = call.at("dag_run_id");
  if (dag_id != any_id && run_id != any_id) return {find_run(*call.api, dag_id, run_id)};
  store::RunFilter filter{.limit = -1};
  if (dag_id != any_id) filter.dag_id = dag_id;
  filter.ascending = true;
  auto runs = must(call.api->reader().runs(filter));
  std::erase_if(runs, [&](const DagRun& run) {
    return (run_id != any_id && run.run_id != run_id) || !fits_text(call, "run_id", run.run_id) ||
           !fits_text(call, "dag_display_name", run.dag_id);
  });
  return runs;
}

constexpr std::array<Column<XComRow>, 7> xcom_columns{
    {{"key", [](const XComRow& row) { return Value(row.key.key); }},
     {"dag_id", [](const XComRow& row) { return Value(row.key.dag_id); }},
     {"run_id", [](const XComRow& row) { return Value(row.key.run_id); }},
     {"task_id", [](const XComRow& row) { return Value(row.key.task_id); }},
     {"map_index", [](const XComRow& row) { return Value(row.key.map_index); }},
     {"timestamp", [](const XComRow& row) { return Value(format_time(row.run->run_after)); }},
     {"run_after", [](const XComRow& row) { return Value(format_time(row.run->run_after)); }}}};

void get_xcom_entries(const Call& call, const Reply& reply) {
  const auto runs = runs_of_xcoms(call);
  std::vector<XComRow> rows;
  for (const DagRun& run : runs) {
    if (!fits_dates(call, "logical_date", run.logical_date) || !fits_dates(call, "run_after", run.run_after)) continue;
    for (const store::XComKey& of : must(call.api->reader().xcom_keys(run.no))) {
      if (call.at("task_id") != any_id && of.task_id != call.at("task_id")) continue;
      const std::string map_index = std::to_string(of.map_index);
      const bool fits = fits_any(call, "xcom_key", of.key) && fits_text(call, "xcom_key", of.key) &&
                        fits_text(call, "task_id", of.task_id) && fits_any(call, "map_index", map_index) &&
                        fits_any(call, "map_index_filter", map_index);
      if (fits) rows.push_back({&run, of});
    }
  }
  order_rows<XComRow>(call, rows, xcom_columns);
  reply(page_of_rows(call, "xcom_entries", rows, [](const XComRow& row) { return entry_of(*row.run, row.key); }));
}

Object with_value(Api& api, const DagRun& run, const store::XComKey& key, bool as_text) {
  const auto text = must(api.reader().xcom(key));
  if (!text) throw Refusal{404, fmt::format("XCom entry with key: `{}` not found", key.key)};
  Value value = xcom_value(api, key, *text);
  if (as_text && !value.is_string() && !value.is_null()) value = to_json(value);
  Object body = entry_of(run, key);
  body.add("value", std::move(value));
  return body;
}

void get_xcom_entry(const Call& call, const Reply& reply) {
  // Values are JSON here, and name no classes. Airflow allows it by a setting that is off at first.
  if (call.boolean("deserialize", false)) throw Refusal{400, "XCom deserialization is disabled in configuration."};
  const DagRun run = find_run(*call.api, call.at("dag_id"), call.at("dag_run_id"));
  const store::XComKey key{run.dag_id, run.run_id, call.at("task_id"), map_index_of_query(call).value_or(-1),
                           call.at("xcom_key")};
  reply(json(with_value(*call.api, run, key, call.boolean("stringify", false))));
}

// ---- changes -------------------------------------------------------------------------------------------------------------

std::int32_t map_index_of_body(const Call& call) {
  const std::int64_t index = call.body.get_int("map_index", -1);
  if (index < -1 || index > INT32_MAX)
    throw Refusal{422, Array{problem("greater_than_equal", {Value("body"), Value("map_index")},
                                     "Input should be greater than or equal to -1", index)}};
  return static_cast<std::int32_t>(index);
}

void set_xcom(const Call& call, const Reply& reply, const DagRun& run, const std::string& name, bool replace) {
  const store::XComKey key{run.dag_id, run.run_id, call.at("task_id"), map_index_of_body(call), name};
  Api* api = call.api;
  call.run(
      Object{{"command", "xcoms set"},
             {"dag_id", key.dag_id},
             {"run_id", key.run_id},
             {"task_id", key.task_id},
             {"map_index", key.map_index},
             {"key", key.key},
             {"value", *call.body.as_object().find("value")},
             {"replace", replace}},
      reply, [api, run, key, replace](const Value&) { return json(with_value(*api, run, key, false), replace ? 200 : 201); },
      [name, replace](const Error& error) -> net::HttpServerResponse {
        if (error.kind == ErrorKind::not_found)
          throw Refusal{404, fmt::format("The XCom with key: `{}` with mentioned task instance doesn't exist.", name)};
        if (error.kind == ErrorKind::conflict && !replace && error.what.ends_with("already"))
          throw Refusal{409, fmt::format("The XCom with key: `{}` with mentioned task instance already exists.", name)};
        throw refusal_of(error);
      });
}

void create_xcom_entry(const Call& call, const Reply& reply) {
  const std::string &dag_id = call.at("dag_id"), &run_id = call.at("dag_run_id"), &task_id = call.at("task_id");
  const auto run = must(call.api->reader().run(dag_id, run_id));
  const auto dag = run ? call.api->version(run->dag_version_id) : call.api->dag(dag_id);
  if (!dag || !dag->find_task(task_id))
    throw Refusal{404, fmt::format("Task with ID: `{}` not found in dag: `{}`", task_id, dag_id)};
  if (!run) throw Refusal{404, fmt::format("Dag Run with ID: `{}` not found for dag: `{}`", run_id, dag_id)};
  const std::string& key = call.body.at("key").as_string();
  if (key.empty() || key.size() > longest_key) throw Refusal{400, fmt::format("An XCom's key has 1 to {} bytes", longest_key)};
  set_xcom(call, reply, *run, key, false);
}

void update_xcom_entry(const Call& call, const Reply& reply) {
  const auto run = must(call.api->reader().run(call.at("dag_id"), call.at("dag_run_id")));
  if (!run)
    throw Refusal{404, fmt::format("The XCom with key: `{}` with mentioned task instance doesn't exist.", call.at("xcom_key"))};
  set_xcom(call, reply, *run, call.at("xcom_key"), true);
}

void delete_xcom_entry(const Call& call, const Reply& reply) {
  const std::string& key = call.at("xcom_key");
  call.run(
      Object{{"command", "xcoms delete"},
             {"dag_id", call.at("dag_id")},
             {"run_id", call.at("dag_run_id")},
             {"task_id", call.at("task_id")},
             {"map_index", map_index_of_query(call).value_or(-1)},
             {"key", key}},
      reply, [](const Value&) { return no_content(); },
      [key](const Error& error) -> net::HttpServerResponse {
        if (error.kind == ErrorKind::not_found) throw Refusal{404, fmt::format("XCom entry with key: `{}` not found", key)};
        throw refusal_of(error);
      });
}

constexpr Field xcom_query[] = {VENTURI_PAGE,
                                {"xcom_key", Field::Type::text},
                                VENTURI_PATTERNS("xcom_key"),
                                {"map_index", Field::Type::integer},
                                {"map_index_filter", Field::Type::integer},
                                VENTURI_PATTERNS("dag_display_name"),
                                VENTURI_PATTERNS("run_id"),
                                VENTURI_PATTERNS("task_id"),
                                VENTURI_DATES("logical_date"),
                                VENTURI_DATES("run_after")};
constexpr Field entry_query[] = {
    {"map_index", Field::Type::integer}, {"deserialize", Field::Type::boolean}, {"stringify", Field::Type::boolean}};

constexpr Field map_index_query[] = {{"map_index", Field::Type::integer}};
constexpr Field new_xcom[] = {{"key", Field::Type::text, true, false},
                              {"value", Field::Type::any, true},
                              {"map_index", Field::Type::integer, false, false}};
constexpr Field changed_xcom[] = {{"value", Field::Type::any, true}, {"map_index", Field::Type::integer, false, false}};

#define OF_TASK "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries"

}  // namespace

Value xcom_value(Api& api, const store::XComKey& key, const std::string& text) {
  const auto file = store::file_of_xcom(text);
  if (!file) return must(parse_json(text));
  return task::decode_msgpack(must(server::read_xcom_file(api.home().xcoms() / key.dag_id / key.run_id / *file)));
}

std::span<const Endpoint> xcom_endpoints() {
  static const Endpoint list[] = {
      {"GET", OF_TASK, "get_xcom_entries", Permission::viewer, get_xcom_entries, xcom_query},
      {"GET", OF_TASK "/{xcom_key}", "get_xcom_entry", Permission::viewer, get_xcom_entry, entry_query},
      {"POST", OF_TASK, "create_xcom_entry", Permission::user, create_xcom_entry, {}, new_xcom, "xcoms"},
      {"PATCH", OF_TASK "/{xcom_key}", "update_xcom_entry", Permission::user, update_xcom_entry, {}, changed_xcom, "xcoms"},
      {"DELETE", OF_TASK "/{xcom_key}", "delete_xcom_entry", Permission::user, delete_xcom_entry, map_index_query, {}, "xcoms"},
  };
  return list;
}

}  // namespace venturi::api
