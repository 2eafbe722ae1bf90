#include "venturi/hooks/bigquery.h"

#include <algorithm>
#include <charconv>

#include "sdk/hook_access.h"

namespace venturi::inline sdk {
namespace {

constexpr int not_found = 404, conflict = 409;

// ---- parameters -------------------------------------------------------------------------------------------------------------

// BigQuery's name of a type; empty where the value itself has to say it.
std::string bigquery_type(const detail::Type& type) {
  if (type.element != nullptr && type.name == "optional") return bigquery_type(*type.element);
  if (&type == &detail::bool_type) return "BOOL";
  if (&type == &detail::string_type) return "STRING";
  if (&type == &detail::time_type) return "TIMESTAMP";
  if (&type == &detail::double_type || &type == &detail::float_type) return "FLOAT64";
  if (type.name.starts_with("int") || type.name.starts_with("uint")) return "INT64";
  return {};
}

std::string bigquery_type(const Value& value) {
  if (value.is_bool()) return "BOOL";
  if (value.is_int()) return "INT64";
  if (value.is_double()) return "FLOAT64";
  return value.is_object() ? "JSON" : "STRING";
}

// Values travel as texts.
Value bigquery_text(const Value& value) {
  if (value.is_null() || value.is_string()) return value;
  return to_json(value);
}

Value typed_parameter(const std::string& type, const Value& value) {
  if (!value.is_array())
    return Object{{"parameterType", Object{{"type", type}}}, {"parameterValue", Object{{"value", bigquery_text(value)}}}};
  Array values;
  for (const Value& item : value.as_array()) values.push_back(Object{{"value", bigquery_text(item)}});
  return Object{{"parameterType", Object{{"type", "ARRAY"}, {"arrayType", Object{{"type", type}}}}},
                {"parameterValue", Object{{"arrayValues", std::move(values)}}}};
}

}  // namespace

Value detail::bigquery_parameter(const Type& type, const void* value) {
  Value written;
  type.write(type, value, written);
  const Type& item = type.name == "vector" && type.element != nullptr ? *type.element : type;
  const std::string name = bigquery_type(item);
  return name.empty() ? bigquery_parameter(written) : typed_parameter(name, written);
}

Value detail::bigquery_parameter(const Value& value) {
  const Value* sample = &value;
  if (value.is_array()) {
    const auto found = std::ranges::find_if(value.as_array(), [](const Value& item) { return !item.is_null(); });
    static const Value none;
    sample = found == value.as_array().end() ? &none : &*found;
  }
  return typed_parameter(bigquery_type(*sample), value);
}

// ---- calls ------------------------------------------------------------------------------------------------------------------

Object BigQueryHook::connection() const {
  Object arguments;
  internal::add_text(arguments, "project_id", options_.project_id);
  internal::add_text(arguments, "location", options_.location);
  const std::vector<std::string>& chain = options_.impersonation_chain;
  if (!chain.empty()) arguments.set("impersonation_chain", Array(chain.begin(), chain.end()));
  return arguments;
}

Value BigQueryHook::call(std::string_view method, Object arguments) const {
  for (const auto& [name, value] : connection()) arguments.set(name, value);
  return internal::call_hook(context_, "BigQueryHook", "bigquery", method, conn_id_, std::move(arguments));
}

detail::ResultCall BigQueryHook::result_call(std::string method, Object arguments) const {
  return {.context = context_,
          .hook_class = "BigQueryHook",
          .hook = "bigquery",
          .conn_id = conn_id_,
          .method = std::move(method),
          .arguments = std::move(arguments),
          .connection = connection()};
}

Value BigQueryHook::request(std::string_view verb, Array path, Object query, Value body, int accepts) const {
  Object arguments{{"verb", verb}, {"path", std::move(path)}};
  if (!query.empty()) arguments.add("query", std::move(query));
  if (!body.is_null()) arguments.add("body", std::move(body));
  if (accepts != 0) arguments.add("accepts", accepts);
  Value answer = call("request", std::move(arguments));
  if (answer.get("refused") != nullptr) return {};
  Value found = answer.take_value("body");
  return found.is_null() ? Value(Object{}) : found;
}

// ---- queries and jobs -------------------------------------------------------------------------------------------------------

Object BigQueryHook::query_configuration(std::string_view sql, const Value& parameters) const {
  Object query{{"query", sql}, {"useLegacySql", options_.use_legacy_sql}};
  Array list;
  if (parameters.is_object()) {
    query.add("parameterMode", "NAMED");
    for (const auto& [name, value] : parameters.as_object()) {
      Value parameter = detail::bigquery_parameter(value);
      parameter.as_object().set("name", name);
      list.push_back(std::move(parameter));
    }
  } else if (!parameters.as_array().empty()) {
    query.add("parameterMode", "POSITIONAL");
    list = parameters.as_array();
  }
  if (!list.empty()) query.add("queryParameters", std::move(list));
  return {{"query", std::move(query)}};
}

detail::ResultCall BigQueryHook::query_call(std::string_view sql, const Value& parameters) const {
  return result_call("query", {{"configuration", query_configuration(sql, parameters)}});
}

namespace {

BigQueryJob bigquery_job_in(Value answer) {
  return {.project_id = answer.get_string("project_id"),
          .job_id = answer.get_string("job_id"),
          .location = answer.get_string("location"),
          .resource = answer.take_value("resource")};
}

}  // namespace

std::int64_t BigQueryHook::run_query(std::string_view sql, const Value& parameters) const {
  const BigQueryJob job = insert_job(query_configuration(sql, parameters));
  const Value* statistics = job.resource.get("statistics");
  const Value* query = statistics == nullptr ? nullptr : statistics->get("query");
  const std::string text = query == nullptr ? "" : query->get_string("numDmlAffectedRows");
  std::int64_t rows = 0;
  std::from_chars(text.data(), text.data() + text.size(), rows);
  return rows;
}

BigQueryJob BigQueryHook::insert_job(const Object& configuration, const BigQueryJobOptions& options) const {
  Object arguments{{"configuration", configuration}, {"poll_interval", options.poll_interval}};
  internal::add_text(arguments, "job_id", options.job_id);
  if (options.nowait) arguments.add("nowait", true);
  if (options.timeout) arguments.add("timeout", *options.timeout);
  return bigquery_job_in(call("job", std::move(arguments)));
}

BigQueryJob BigQueryHook::get_job(std::string_view job_id) const {
  Value resource =
      request("GET", {"jobs", job_id}, options_.location.empty() ? Object{} : Object{{"location", options_.location}}, {}, 0);
  const Value reference = resource.get_value("jobReference");
  return {.project_id = reference.get_string("projectId"),
          .job_id = reference.get_string("jobId"),
          .location = reference.get_string("location"),
          .resource = std::move(resource)};
}

void BigQueryHook::cancel_job(std::string_view job_id) const {
  (void)request("POST", {"jobs", job_id, "cancel"},
                options_.location.empty() ? Object{} : Object{{"location", options_.location}}, {}, 0);
}

void BigQueryHook::fail_without_row(std::string_view sql) {
  constexpr std::size_t shown = 200;
  throw HookError("the query returned no row: " + std::string(sql.substr(0, shown)) + (sql.size() > shown ? "..." : ""),
                  Object{{"rows", 0}});
}

// ---- rows into tables -------------------------------------------------------------------------------------------------------

void BigQueryHook::insert_rows(std::string_view dataset_id, std::string_view table_id, Array rows,
                               const BigQueryInsertAllOptions& options) const {
  constexpr std::size_t most = 500;  // what BigQuery recommends of a request
  for (std::size_t begin = 0; begin < rows.size(); begin += most) {
    Array part;
    for (std::size_t i = begin; i < std::min(rows.size(), begin + most); ++i) part.push_back(std::move(rows[i]));
    Object arguments{{"dataset_id", dataset_id}, {"table_id", table_id}, {"rows", std::move(part)}, {"first", begin}};
    if (options.ignore_unknown_values) arguments.add("ignore_unknown_values", true);
    if (options.skip_invalid_rows) arguments.add("skip_invalid_rows", true);
    if (!options.fail_on_error) arguments.add("fail_on_error", false);
    (void)call("insert_all", std::move(arguments));
  }
}

// ---- tables -----------------------------------------------------------------------------------------------------------------

bool BigQueryHook::table_exists(std::string_view dataset_id, std::string_view table_id) const {
  return !request("GET", {"datasets", dataset_id, "tables", table_id}, {}, {}, not_found).is_null();
}

bool BigQueryHook::table_partition_exists(std::string_view dataset_id, std::string_view table_id,
                                          std::string_view partition_id) const {
  return call("partition_exists", {{"dataset_id", dataset_id}, {"table_id", table_id}, {"partition_id", partition_id}})
      .get_bool("found");
}

Value BigQueryHook::get_table(std::string_view dataset_id, std::string_view table_id) const {
  return request("GET", {"datasets", dataset_id, "tables", table_id}, {}, {}, 0);
}

Array BigQueryHook::get_schema(std::string_view dataset_id, std::string_view table_id) const {
  const Value fields = get_table(dataset_id, table_id).get_value("schema").get_value("fields");
  return fields.is_array() ? fields.as_array() : Array();
}

Value BigQueryHook::create_table(std::string_view dataset_id, std::string_view table_id, const Object& table_resource,
                                 bool exists_ok) const {
  Object resource = table_resource;
  Object reference{{"datasetId", dataset_id}, {"tableId", table_id}};
  if (!options_.project_id.empty()) reference.add("projectId", options_.project_id);
  resource.set("tableReference", std::move(reference));
  Value made = request("POST", {"datasets", dataset_id, "tables"}, {}, Value(std::move(resource)), exists_ok ? conflict : 0);
  return made.is_null() ? get_table(dataset_id, table_id) : made;
}

Value BigQueryHook::update_table(std::string_view dataset_id, std::string_view table_id, const Object& table_resource) const {
  return request("PATCH", {"datasets", dataset_id, "tables", table_id}, {}, Value(table_resource), 0);
}

void BigQueryHook::delete_table(std::string_view dataset_id, std::string_view table_id, bool not_found_ok) const {
  (void)request("DELETE", {"datasets", dataset_id, "tables", table_id}, {}, {}, not_found_ok ? not_found : 0);
}

// ---- datasets ---------------------------------------------------------------------------------------------------------------

bool BigQueryHook::dataset_exists(std::string_view dataset_id) const {
  return !request("GET", {"datasets", dataset_id}, {}, {}, not_found).is_null();
}

Value BigQueryHook::create_empty_dataset(std::string_view dataset_id, const Object& dataset_reference, bool exists_ok) const {
  Object resource = dataset_reference;
  Object reference{{"datasetId", dataset_id}};
  if (!options_.project_id.empty()) reference.add("projectId", options_.project_id);
  resource.set("datasetReference", std::move(reference));
  if (!options_.location.empty() && !resource.contains("location")) resource.set("location", options_.location);
  Value made = request("POST", {"datasets"}, {}, Value(std::move(resource)), exists_ok ? conflict : 0);
  return made.is_null() ? get_dataset(dataset_id) : made;
}

Value BigQueryHook::get_dataset(std::string_view dataset_id) const {
  return request("GET", {"datasets", dataset_id}, {}, {}, 0);
}

Value BigQueryHook::update_dataset(std::string_view dataset_id, const Object& dataset_resource) const {
  return request("PATCH", {"datasets", dataset_id}, {}, Value(dataset_resource), 0);
}

void BigQueryHook::delete_dataset(std::string_view dataset_id, bool delete_contents) const {
  (void)request("DELETE", {"datasets", dataset_id}, delete_contents ? Object{{"deleteContents", "true"}} : Object{}, {},
                not_found);
}

std::vector<std::string> BigQueryHook::ids(const Array& path, std::string_view list, std::string_view reference,
                                           std::string_view id) const {
  std::vector<std::string> all;
  Object query;
  for (;;) {
    const Value page = request("GET", path, query, {}, 0);
    if (const Value* items = page.get(list); items != nullptr && items->is_array()) {
      for (const Value& item : items->as_array()) all.push_back(item.get_value(reference).get_string(id));
    }
    const std::string next = page.get_string("nextPageToken");
    if (next.empty()) return all;
    query.set("pageToken", next);
  }
}

std::vector<std::string> BigQueryHook::get_datasets_list() const {
  return ids({"datasets"}, "datasets", "datasetReference", "datasetId");
}

std::vector<std::string> BigQueryHook::get_dataset_tables(std::string_view dataset_id) const {
  return ids({"datasets", dataset_id, "tables"}, "tables", "tableReference", "tableId");
}

}  // namespace venturi::inline sdk
