// What is known of DAGs besides what they are: versions, source, tags, counts of runs, warnings, files that give none.
#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/endpoints.h"
#include "api/listing.h"
#include "base/crypto.h"
#include "base/json.h"
#include "home/small_file.h"

namespace venturi::api {
namespace {

// ---- versions and source -------------------------------------------------------------------------------------------------

void get_dag_versions(const Call& call, const Reply& reply) {
  std::vector<std::string> dag_ids;
  if (call.at("dag_id") != any_id) {
    dag_ids.push_back(call.api->dag(call.at("dag_id"))->dag_id);
  } else {
    for (const auto& dag : must(call.api->reader().dags())) dag_ids.push_back(dag->dag_id);
  }
  std::vector<Value> rows;
  const auto number = call.text("version_number") ? std::optional(call.integer("version_number", 0)) : std::nullopt;
  for (const std::string& dag_id : dag_ids) {
    for (const store::DagVersionRow& version : must(call.api->reader().dag_versions(dag_id))) {
      Value body = dag_version_body(*call.api, dag_id, version.version_id);
      const bool fits = (!number || body.get_int("version_number") == *number) &&
                        fits_any(call, "bundle_name", version.bundle) && !call.text("bundle_version");
      if (fits) rows.push_back(std::move(body));
    }
  }
  constexpr std::array<Column<Value>, 4> columns{
      {{"id", [](const Value& row) { return row.get_value("id"); }},
       {"version_number", [](const Value& row) { return row.get_value("version_number"); }},
       {"bundle_name", [](const Value& row) { return row.get_value("bundle_name"); }},
       {"bundle_version", [](const Value& row) { return row.get_value("bundle_version"); }}}};
  order_rows<Value>(call, rows, columns);
  reply(page_of_rows(call, "dag_versions", rows, [](const Value& row) { return row; }));
}

void get_dag_version(const Call& call, const Reply& reply) {
  const std::int64_t number = call.path_integer("version_number");
  const std::string& dag_id = call.at("dag_id");
  const auto versions = must(call.api->reader().dag_versions(dag_id));
  if (number < 1 || number > std::ssize(versions))
    throw Refusal{404, fmt::format("The DagVersion with dag_id: `{}` and version_number: `{}` was not found", dag_id, number)};
  reply(json(dag_version_body(*call.api, dag_id, versions[static_cast<std::size_t>(number - 1)].version_id)));
}

enum class Form : std::uint8_t { json, text };
Form json_or_text(const Call& call) {
  const auto begins = [&](std::string_view type) { return call.accept.starts_with(type); };
  if (call.accept.empty() || begins("*/*") || begins("application/json")) return Form::json;
  if (begins("text/plain")) return Form::text;
  throw Refusal{406, "Only application/json or text/plain is supported"};
}

// The file as it is now: of versions before, only what it made is kept.
void get_dag_source(const Call& call, const Reply& reply) {
  constexpr std::size_t largest = std::size_t{8} << 20;
  const std::string& dag_id = call.at("dag_id");
  const Form form = json_or_text(call);
  const auto versions = must(call.api->reader().dag_versions(dag_id));
  const auto newest = static_cast<std::int64_t>(versions.size());
  const std::int64_t number = call.integer("version_number", newest);
  const auto dag = must(call.api->reader().dag(dag_id));
  if (!dag || number < 1 || number > newest) {
    const auto given = call.text("version_number");
    throw Refusal{404, fmt::format("The source code of the Dag {}, version_number {} was not found", dag_id,
                                   given ? *given : std::string("None"))};
  }
  const auto content = number == newest ? must(read_small_file(dag->fileloc, largest)) : std::nullopt;
  if (!content || content->find('\0') != std::string::npos)  // another version, or a compiled program
    throw Refusal{404, fmt::format("Code not found. dag_id='{}' version_number='{}'", dag_id, number)};
  if (form == Form::text) return reply({200, *content, "text/plain; charset=utf-8"});
  reply(json(
      Object{{"content", *content}, {"dag_id", dag_id}, {"version_number", number}, {"dag_display_name", title_of(*dag)}}));
}

void reparse_dag_file(const Call& call, const Reply& reply) {
  const auto file = call.api->unsealed(call.at("file_token"));
  if (!file) throw Refusal{404, "File not found"};
  call.run(Object{{"command", "dags reparse"}, {"file", *file}}, reply, [](const Value&) { return json(Value(), 201); });
}

// ---- tags, counts, warnings ----------------------------------------------------------------------------------------------

void get_dag_tags(const Call& call, const Reply& reply) {
  std::set<std::string> names;
  for (const auto& dag : must(call.api->reader().dags())) names.insert(dag->tags.begin(), dag->tags.end());
  std::vector<std::string> rows(names.begin(), names.end());
  std::erase_if(rows, [&](const std::string& name) { return !fits_text(call, "tag_name", name); });
  constexpr std::array<Column<std::string>, 1> columns{{{"name", [](const std::string& name) { return Value(name); }}}};
  order_rows<std::string>(call, rows, columns);
  reply(page_of_rows(call, "tags", rows, [](const std::string& name) { return Value(name); }));
}

void get_dag_stats(const Call& call, const Reply& reply) {
  std::map<std::string, std::map<RunState, std::int64_t>> counts;
  for (const store::RunCount& row : must(call.api->reader().run_counts())) {
    if (fits_any(call, "dag_ids", row.dag_id)) counts[row.dag_id][row.state] = row.count;
  }
  Array rows;
  for (auto& [dag_id, by_state] : counts) {
    Array stats;
    for (const RunState state : {RunState::queued, RunState::running, RunState::success, RunState::failed})
      stats.emplace_back(Object{{"state", std::string(to_string(state))}, {"count", by_state[state]}});
    const auto dag = must(call.api->reader().dag(dag_id));
    rows.emplace_back(
        Object{{"dag_id", dag_id}, {"dag_display_name", dag ? title_of(*dag) : dag_id}, {"stats", std::move(stats)}});
  }
  const std::size_t total = rows.size();
  reply(page_of("dags", std::move(rows), total));
}

constexpr const char* no_pool = "non-existent pool";

void list_dag_warnings(const Call& call, const Reply& reply) {
  if (const auto type = call.text("warning_type");
      type && *type != no_pool && *type != "asset conflict" && *type != "runtime varying value")
    throw Refusal{422,
                  Array{problem("enum", {Value("query"), Value("warning_type")},
                                "Input should be 'asset conflict', 'non-existent pool' or 'runtime varying value'", *type)}};
  std::set<std::string> pools{default_pool};
  for (const PoolRecord& pool : must(call.api->reader().pools())) pools.insert(pool.pool);
  std::vector<Value> rows;
  for (const auto& dag : must(call.api->reader().dags())) {
    if (!fits_any(call, "dag_id", dag->dag_id) || !fits_any(call, "warning_type", no_pool)) continue;
    std::set<std::string> missing;
    for (const Task& task : dag->tasks) {
      if (!task.engine_ends_it() && !pools.contains(task.pool)) missing.insert(task.pool);
    }
    if (missing.empty()) continue;
    std::string names;
    for (const std::string& pool : missing) names += (names.empty() ? "'" : ", '") + pool + "'";
    const auto versions = must(call.api->reader().dag_versions(dag->dag_id));
    rows.emplace_back(Object{{"dag_id", dag->dag_id},
                             {"warning_type", no_pool},
                             {"message", fmt::format("Dag '{}' references non-existent pools: [{}]", dag->dag_id, names)},
                             {"timestamp", format_time(versions.empty() ? call.api->now() : versions.back().created)},
                             {"dag_display_name", title_of(*dag)}});
  }
  constexpr std::array<Column<Value>, 4> columns{
      {{"dag_id", [](const Value& row) { return row.get_value("dag_id"); }},
       {"warning_type", [](const Value& row) { return row.get_value("warning_type"); }},
       {"message", [](const Value& row) { return row.get_value("message"); }},
       {"timestamp", [](const Value& row) { return row.get_value("timestamp"); }}}};
  order_rows<Value>(call, rows, columns);
  reply(page_of_rows(call, "dag_warnings", rows, [](const Value& row) { return row; }));
}

// ---- import errors -------------------------------------------------------------------------------------------------------

// Of a file, as long as it has an error: 48 bits, which are exact in JavaScript, too.
std::int64_t error_number(const store::ImportError& error) {
  const std::string digits = sha256_hex(error.bundle + "\n" + error.filename).substr(0, 12);
  std::int64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return number;
}

Value import_error_body(const store::ImportError& error) {
  return Object{{"import_error_id", error_number(error)},
                {"timestamp", format_time(error.at)},
                {"filename", error.filename},
                {"bundle_name", error.bundle},
                {"stack_trace", error.stacktrace}};
}

void get_import_errors(const Call& call, const Reply& reply) {
  using Error = store::ImportError;
  auto errors = must(call.api->reader().import_errors());
  std::erase_if(errors, [&](const Error& error) {
    return !fits_text(call, "filename", error.filename) || !fits_any(call, "filename", error.filename) ||
           !fits_any(call, "bundle_name", error.bundle);
  });
  constexpr std::array<Column<Error>, 6> columns{{{"id", [](const Error& e) { return Value(error_number(e)); }},
                                                  {"import_error_id", [](const Error& e) { return Value(error_number(e)); }},
                                                  {"timestamp", [](const Error& e) { return Value(format_time(e.at)); }},
                                                  {"filename", [](const Error& e) { return Value(e.filename); }},
                                                  {"bundle_name", [](const Error& e) { return Value(e.bundle); }},
                                                  {"stacktrace", [](const Error& e) { return Value(e.stacktrace); }}}};
  order_rows<Error>(call, errors, columns);
  reply(page_of_rows(call, "import_errors", errors, import_error_body));
}

void get_import_error(const Call& call, const Reply& reply) {
  const std::int64_t number = call.path_integer("import_error_id");
  const auto errors = must(call.api->reader().import_errors());
  const auto found = std::ranges::find(errors, number, error_number);
  if (found == errors.end())
    throw Refusal{404, fmt::format("The ImportError with import_error_id: `{}` was not found", number)};
  reply(json(import_error_body(*found)));
}

constexpr Field version_query[] = {VENTURI_PAGE,
                                   {"version_number", Field::Type::integer},
                                   {"bundle_name", Field::Type::text},
                                   {"bundle_version", Field::Type::text}};
constexpr Field source_query[] = {{"version_number", Field::Type::integer}};
constexpr Field tag_query[] = {VENTURI_PAGE, VENTURI_PATTERNS("tag_name")};
constexpr Field stats_query[] = {{"dag_ids", Field::Type::array}};
constexpr Field warning_query[] = {VENTURI_PAGE, {"dag_id", Field::Type::text}, {"warning_type", Field::Type::text}};
constexpr Field error_query[] = {
    VENTURI_PAGE, VENTURI_PATTERNS("filename"), {"filename", Field::Type::text}, {"bundle_name", Field::Type::text}};

}  // namespace

std::span<const Endpoint> dag_file_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/dags/{dag_id}/dagVersions", "get_dag_versions", Permission::viewer, get_dag_versions, version_query},
      {"GET", "/api/v2/dags/{dag_id}/dagVersions/{version_number}", "get_dag_version", Permission::viewer, get_dag_version},
      {"GET", "/api/v2/dagSources/{dag_id}", "get_dag_source", Permission::viewer, get_dag_source, source_query},
      {"PUT", "/api/v2/parseDagFile/{file_token}", "reparse_dag_file", Permission::user, reparse_dag_file},
      {"GET", "/api/v2/dagTags", "get_dag_tags", Permission::viewer, get_dag_tags, tag_query},
      {"GET", "/api/v2/dagStats", "get_dag_stats", Permission::viewer, get_dag_stats, stats_query},
      {"GET", "/api/v2/dagWarnings", "list_dag_warnings", Permission::viewer, list_dag_warnings, warning_query},
      {"GET", "/api/v2/importErrors", "get_import_errors", Permission::viewer, get_import_errors, error_query},
      {"GET", "/api/v2/importErrors/{import_error_id}", "get_import_error", Permission::viewer, get_import_error},
  };
  return list;
}

}  // namespace venturi::api
