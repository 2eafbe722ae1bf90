// Datasets and tables: made, changed, looked at, deleted.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/percent.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/google/bigquery.h"
#include "providers/google/bigquery_client.h"
#include "providers/google/gcs_client.h"
#include "providers/google/gcs_json.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using operators::TaskSkipped;

// The argument if_exists: what becomes of a try whose dataset or table is there already.
enum class IfExists : std::uint8_t { ignore, log, fail, skip };
IfExists if_exists(const Arguments& arguments) {
  const std::string word = arguments.string("if_exists", "log");
  if (word == "ignore") return IfExists::ignore;
  if (word == "log") return IfExists::log;
  if (word == "fail") return IfExists::fail;
  if (word == "skip") return IfExists::skip;
  throw TaskFailedForGood(fmt::format("the argument if_exists must be ignore, log, fail or skip, not '{}'", word));
}
void is_there_already(OperatorTry& t, IfExists choice, const std::string& what) {
  const std::string text = what + " already exists.";
  if (choice == IfExists::fail) throw TaskFailed(text);
  if (choice == IfExists::skip) throw TaskSkipped(text);
  if (choice == IfExists::log) t.log.info(text);
}

// A resource of an argument, with its reference filled up: what it names itself comes first, as in Airflow.
Object with_reference(Object resource, std::string_view name, const Object& otherwise) {
  Value* given = resource.find(name);
  Object reference = given != nullptr && given->is_object() ? given->as_object() : Object();
  for (const auto& [key, value] : otherwise) {
    if (reference.find(key) == nullptr) reference.set(key, value);
  }
  resource.set(std::string(name), std::move(reference));
  return resource;
}
std::string named_in(const Object& resource, std::string_view reference, std::string_view key) {
  const Value* found = resource.find(reference);
  return found == nullptr || !found->is_object() ? "" : found->get_string(key);
}

Object object_of(const Arguments& arguments, std::string_view name) {
  const Value* given = arguments.find(name);
  return given == nullptr ? Object() : given->as_object();
}

// Of a resource the members that `fields` names, all of it where it names none.
Object changes_of(const Arguments& arguments, std::string_view resource_name) {
  Object resource = object_of(arguments, resource_name);
  const std::vector<std::string> fields = arguments.string_list("fields");
  if (fields.empty()) return resource;
  Object changes;
  for (const std::string& field : fields) {
    const Value* value = resource.find(field);
    if (value == nullptr) throw TaskFailedForGood(fmt::format("fields names {}, which {} does not have", field, resource_name));
    changes.set(field, *value);
  }
  return changes;
}

BigQueryTable table_of(const BigQuery& bigquery, const Arguments& arguments, const Object& resource) {
  BigQueryTable table{.project = bigquery.project,
                      .dataset = arguments.string("dataset_id", named_in(resource, "tableReference", "datasetId")),
                      .table = arguments.string("table_id", named_in(resource, "tableReference", "tableId"))};
  if (table.dataset.empty() || table.table.empty())
    throw TaskFailedForGood("which table? Give dataset_id and table_id, or both in the resource's tableReference");
  return table;
}

// ---- a schema and what is to change in it -----------------------------------------------------------------------------------

Array merged(const Array& schema, const Array& updates);

void update_field(Object& field, const Object& update) {
  for (const auto& [key, value] : update) {
    const Value* inner = field.find(key);
    if (key == "fields" && inner != nullptr && inner->is_array() && value.is_array())
      field.set(key, merged(inner->as_array(), value.as_array()));
    else
      field.set(key, value);
  }
}

// Fields that are there are changed, new ones come behind them.
Array merged(const Array& schema, const Array& updates) {
  Array fields = schema;
  for (const Value& update : updates) {
    if (!update.is_object() || update.get_string("name").empty())
      throw TaskFailedForGood("schema_fields_updates: each must be an object with name");
    const auto found =
        std::ranges::find_if(fields, [&](const Value& f) { return f.get_string("name") == update.get_string("name"); });
    if (found == fields.end())
      fields.push_back(update);
    else
      update_field(found->as_object(), update.as_object());
  }
  return fields;
}

// They need rights of their own even where nothing changes in them.
void remove_policy_tags(Array& fields) {
  for (Value& field : fields) {
    Object& object = field.as_object();
    (void)object.erase("policyTags");
    if (Value* inner = object.find("fields"); inner != nullptr && inner->is_array()) remove_policy_tags(inner->as_array());
  }
}

}  // namespace

// ---- datasets
// -----------------------------------------------------------------------------------------------------------------

asio::awaitable<Value> run_bigquery_create_dataset(OperatorTry& t, Arguments arguments) {
  const IfExists choice = if_exists(arguments);
  const auto bigquery = co_await BigQuery::make(t, arguments);
  Object resource = object_of(arguments, "dataset_reference");
  const std::string named = arguments.string("dataset_id");
  resource = with_reference(std::move(resource), "datasetReference", {{"datasetId", named}, {"projectId", bigquery->project}});
  const std::string dataset = named_in(resource, "datasetReference", "datasetId");
  const std::string project = named_in(resource, "datasetReference", "projectId");
  if (dataset.empty()) throw TaskFailedForGood("which dataset? Give dataset_id, or datasetReference in dataset_reference");
  if (!bigquery->location.empty() && resource.find("location") == nullptr) resource.set("location", bigquery->location);
  const std::string shown = project + "." + dataset;
  const auto created = co_await bigquery->create(percent_encoded(project) + "/datasets", std::move(resource), shown);
  if (created) {
    t.log.info("Created dataset " + shown);
    co_return *created;
  }
  is_there_already(t, choice, "Dataset " + shown);
  co_return co_await bigquery->get(path_of_dataset(project, dataset), {}, shown);
}

asio::awaitable<Value> run_bigquery_get_dataset(OperatorTry& t, Arguments arguments) {
  const auto bigquery = co_await BigQuery::make(t, arguments);
  const std::string dataset = arguments.string("dataset_id");
  co_return co_await bigquery->get(path_of_dataset(bigquery->project, dataset), {}, bigquery->project + "." + dataset);
}

asio::awaitable<Value> run_bigquery_get_dataset_tables(OperatorTry& t, Arguments arguments) {
  const auto bigquery = co_await BigQuery::make(t, arguments);
  const std::string dataset = arguments.string("dataset_id"), shown = bigquery->project + "." + dataset;
  const std::int64_t most = arguments.integer("max_results", -1);
  Array references;
  std::string token;
  do {
    net::QueryItems query;
    if (!token.empty()) query.emplace_back("pageToken", token);
    const Value page =
        co_await bigquery->get(path_of_dataset(bigquery->project, dataset) + "/tables", query, "tables of " + shown);
    if (const Value* tables = page.get("tables"); tables != nullptr && tables->is_array()) {
      for (const Value& table : tables->as_array()) {
        if (most < 0 || static_cast<std::int64_t>(references.size()) < most) references.push_back(table.at("tableReference"));
      }
    }
    token = page.get_string("nextPageToken");
  } while (!token.empty() && (most < 0 || static_cast<std::int64_t>(references.size()) < most));
  co_return references;
}

asio::awaitable<Value> run_bigquery_update_dataset(OperatorTry& t, Arguments arguments) {
  Object changes = changes_of(arguments, "dataset_resource");
  const auto bigquery = co_await BigQuery::make(t, arguments);
  const std::string dataset =
      arguments.string("dataset_id", named_in(object_of(arguments, "dataset_resource"), "datasetReference", "datasetId"));
  if (dataset.empty()) throw TaskFailedForGood("which dataset? Give dataset_id, or datasetReference in dataset_resource");
  co_return co_await bigquery->call("PATCH", path_of_dataset(bigquery->project, dataset), {}, Value(std::move(changes)),
                                    bigquery->project + "." + dataset);
}

asio::awaitable<Value> run_bigquery_delete_dataset(OperatorTry& t, Arguments arguments) {
  const auto bigquery = co_await BigQuery::make(t, arguments);
  const std::string dataset = arguments.string("dataset_id"), shown = bigquery->project + "." + dataset;
  net::QueryItems query;
  if (arguments.boolean("delete_contents", false)) query.emplace_back("deleteContents", "true");
  const bool was_there = co_await bigquery->remove(path_of_dataset(bigquery->project, dataset), std::move(query), shown);
  t.log.info(fmt::format("Dataset {} {}", shown, was_there ? "was deleted" : "does not exist"));
  co_return Value();
}

// ---- tables
// -------------------------------------------------------------------------------------------------------------------

asio::awaitable<Value> run_bigquery_create_table(OperatorTry& t, Arguments arguments) {
  const IfExists choice = if_exists(arguments);
  Object resource = object_of(arguments, "table_resource");
  const auto bigquery = co_await BigQuery::make(t, arguments);
  const BigQueryTable table = table_of(*bigquery, arguments, resource);
  if (const std::string schema = arguments.string("gcs_schema_object"); !schema.empty()) {
    Value fields = co_await json_of_gcs(t, arguments, schema, arguments.string("google_cloud_storage_conn_id"));
    resource.set("schema", Object{{"fields", std::move(fields)}});
  }
  resource = with_reference(std::move(resource), "tableReference", table.reference().as_object());
  const auto created =
      co_await bigquery->create(path_of_dataset(table.project, table.dataset) + "/tables", std::move(resource), table.text());
  if (created) {
    t.log.info(fmt::format("Table {} created successfully", table.text()));
    co_return *created;
  }
  is_there_already(t, choice, "Table " + table.text());
  co_return co_await bigquery->get(path_of_table(table), {}, table.text());
}

asio::awaitable<Value> run_bigquery_update_table(OperatorTry& t, Arguments arguments) {
  Object changes = changes_of(arguments, "table_resource");
  const auto bigquery = co_await BigQuery::make(t, arguments);
  const BigQueryTable table = table_of(*bigquery, arguments, object_of(arguments, "table_resource"));
  co_return co_await bigquery->call("PATCH", path_of_table(table), {}, Value(std::move(changes)), table.text());
}

asio::awaitable<Value> run_bigquery_upsert_table(OperatorTry& t, Arguments arguments) {
  Object resource = object_of(arguments, "table_resource");
  const auto bigquery = co_await BigQuery::make(t, arguments);
  const BigQueryTable table = table_of(*bigquery, arguments, resource);
  resource = with_reference(std::move(resource), "tableReference", table.reference().as_object());
  // Whoever else makes it meanwhile: then it is updated.
  const auto created =
      co_await bigquery->create(path_of_dataset(table.project, table.dataset) + "/tables", resource, table.text());
  if (created) {
    t.log.info(fmt::format("Table {} did not exist: created", table.text()));
    co_return *created;
  }
  t.log.info(fmt::format("Table {} exists, updating", table.text()));
  co_return co_await bigquery->call("PATCH", path_of_table(table), {}, Value(std::move(resource)), table.text());
}

asio::awaitable<Value> run_bigquery_update_schema(OperatorTry& t, Arguments arguments) {
  const Value updates = *arguments.find("schema_fields_updates");
  const auto bigquery = co_await BigQuery::make(t, arguments);
  const BigQueryTable table = table_of(*bigquery, arguments, {});
  const Value resource = co_await bigquery->get(path_of_table(table), {}, table.text());
  const Value* schema = resource.get("schema");
  const Value* fields = schema == nullptr ? nullptr : schema->get("fields");
  Array changed = merged(fields == nullptr ? Array() : fields->as_array(), updates.as_array());
  if (!arguments.boolean("include_policy_tags", false)) remove_policy_tags(changed);
  Value changes = Object{{"schema", Object{{"fields", std::move(changed)}}}};
  co_return co_await bigquery->call("PATCH", path_of_table(table), {}, std::move(changes), "schema of " + table.text());
}

asio::awaitable<Value> run_bigquery_delete_table(OperatorTry& t, Arguments arguments) {
  const auto bigquery = co_await BigQuery::make(t, arguments);
  const BigQueryTable table =
      bigquery_table(arguments.string("deletion_dataset_table"), bigquery->project, "deletion_dataset_table");
  const bool was_there = co_await bigquery->remove(path_of_table(table), {}, table.text());
  if (!was_there && !arguments.boolean("ignore_if_missing", false))
    throw TaskFailed(
        fmt::format("BigQuery: there is no table {} to delete (ignore_if_missing: true takes that as deleted)", table.text()));
  t.log.info(fmt::format("Table {} {}", table.text(), was_there ? "was deleted" : "does not exist"));
  co_return Value();
}

}  // namespace venturi::providers
