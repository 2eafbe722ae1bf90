// Made-up answers of stores of objects, and of warehouses.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "sdk/test_hooks.h"

namespace venturi::inline sdk::internal {
namespace {

std::string object_url(const std::string& hook, const Value& arguments, const char* name) {
  const std::string bucket = arguments.get_string("bucket");
  std::string object = arguments.get_string(name);
  if (bucket.empty()) return object;  // a URL already
  return (hook == "gcs" ? "gs://" : "s3://") + bucket + (object.empty() ? "" : "/" + object);
}

std::string text_of_sql(const Value& sql) {
  if (!sql.is_array()) return sql.is_string() ? sql.as_string() : "";
  std::string text;
  for (const Value& one : sql.as_array()) text += (text.empty() ? "" : "; ") + one.as_string();
  return text;
}

std::string what_of_warehouse(const std::string& method, const Value& arguments) {
  if (const Value* configuration = arguments.get("configuration")) {
    const std::string sql = configuration->get_value("query").get_string("query");
    return sql.empty() ? to_json(*configuration) : sql;
  }
  if (const Value* sql = arguments.get("sql")) return text_of_sql(*sql);
  if (const Value* path = arguments.get("path")) {
    std::string text = arguments.get_string("verb") + " ";
    for (const Value& segment : path->as_array()) text += (text.ends_with(' ') ? "" : "/") + segment.as_string();
    return text;
  }
  std::string text = method;
  for (const char* name : {"action", "id", "job_id", "cluster_identifier", "snapshot_identifier", "dataset_id", "table_id"}) {
    if (const std::string value = arguments.get_string(name); !value.empty()) text += " " + value;
  }
  return text;
}

Answer page_of(const test::HookAnswer& made_up) {
  Value page = made_up.body;
  page.as_object().set("more", nullptr);
  return {std::move(page), {}};
}

Answer job_of(const Value& arguments, std::int64_t affected) {
  const std::string id = arguments.get_string("job_id", "made_up");
  Object resource{{"jobReference", Object{{"projectId", "made_up"}, {"jobId", id}, {"location", "US"}}},
                  {"configuration", arguments.get_value("configuration")},
                  {"statistics", Object{{"query", Object{{"numDmlAffectedRows", std::to_string(affected)}}}}},
                  {"status", Object{{"state", "DONE"}}}};
  return {Object{{"project_id", "made_up"}, {"job_id", id}, {"location", "US"}, {"resource", std::move(resource)}}, {}};
}

}  // namespace

std::string kind_of_answer(const std::string& hook) {
  return hook == "redshift_sql" ? "postgres" : hook;
}

std::string what_of_call(const std::string& hook, const std::string& method, const Value& arguments) {
  if (hook == "postgres" || hook == "redshift_sql") return arguments.get_string("sql");
  if (hook == "http") return arguments.get_string("method") + " " + arguments.get_string("endpoint");
  if (hook == "s3") return method + " " + object_url(hook, arguments, method == "list" ? "prefix" : "key");
  if (hook == "gcs") return method + " " + object_url(hook, arguments, method == "list" ? "prefix" : "object");
  if (hook == "bigquery" || hook.starts_with("redshift")) return what_of_warehouse(method, arguments);
  return arguments.get_string("subject");
}

const test::HookAnswer* MadeUpHooks::find_failure(const test::HookCall& call) {
  for (const test::HookAnswer& made_up : answers_) {
    if (made_up.error.empty() || made_up.hook != call.hook || call.what.find(made_up.match) == std::string::npos) continue;
    int& used = used_[&made_up];
    if (made_up.times != 0 && used >= made_up.times) continue;
    ++used;
    return &made_up;
  }
  return nullptr;
}

// ---- objects ----------------------------------------------------------------------------------------------------------------

Answer MadeUpHooks::listed(const test::HookCall& call) const {
  const std::string delimiter = call.arguments.get_string("delimiter"), prefix = call.arguments.get_string("prefix");
  const std::string bucket = (call.hook == "gcs" ? "gs://" : "s3://") + call.arguments.get_string("bucket") + "/";
  Array objects, prefixes;
  for (const test::HookAnswer& made_up : answers_) {
    if (made_up.hook != call.hook || !made_up.error.empty() || !made_up.match.starts_with(bucket + prefix)) continue;
    const std::string name = made_up.match.substr(bucket.size());
    const std::size_t end = delimiter.empty() ? std::string::npos : name.find(delimiter, prefix.size());
    if (end == std::string::npos) {
      objects.push_back(Object{{"key", name},
                               {"name", name},
                               {"size", made_up.body.as_string().size()},
                               {"last_modified", "2026-01-01T00:00:00Z"},
                               {"updated", "2026-01-01T00:00:00Z"},
                               {"etag", "\"made-up\""}});
    } else if (Value below(name.substr(0, end + delimiter.size()));
               std::find(prefixes.begin(), prefixes.end(), below) == prefixes.end()) {
      prefixes.push_back(std::move(below));
    }
  }
  return {Object{{"objects", std::move(objects)}, {"prefixes", std::move(prefixes)}, {"next", ""}}, {}};
}

Answer MadeUpHooks::objects(const test::HookCall& call) {
  if (const test::HookAnswer* failure = find_failure(call)) return failed_call(failure->error, failure->detail);
  const std::string& method = call.method;
  if (method == "list") return listed(call);
  if (method == "check_for_bucket") return {Object{{"found", true}}, {}};
  if (method == "create_bucket") return {Object{{"created", true}}, {}};
  if (method == "generate_presigned_url") return {Object{{"url", "https://made-up.example/" + call.what}}, {}};
  const std::string url = call.what.substr(method.size() + 1);
  const auto found = std::ranges::find_if(
      answers_, [&](const test::HookAnswer& made_up) { return made_up.hook == call.hook && made_up.match == url; });
  const bool is_there = found != answers_.end();
  if (method == "delete") return {Object{{"deleted", is_there}}, {}};
  if (method == "head_object" || method == "get_object") {
    if (!is_there) return {Object{{"found", false}}, {}};
    return {Object{{"found", true},
                   {"size", found->body.as_string().size()},
                   {"etag", "\"made-up\""},
                   {"last_modified", "2026-01-01T00:00:00Z"},
                   {"updated", "2026-01-01T00:00:00Z"},
                   {"metadata", Object{}}},
            {}};
  }
  if (method == "load_file" || method == "upload_file") {
    // What the task gave may be gone when the test looks.
    std::ifstream file(call.arguments.get_string("path"), std::ios::binary);
    calls_.back().arguments.as_object().set("data", std::string(std::istreambuf_iterator<char>(file), {}));
    return {Object{}, {}};
  }
  if (method != "read_key" && method != "download" && method != "download_file") return {Object{}, {}};
  if (!is_there) {
    const Object detail =
        call.hook == "gcs" ? Object{{"reason", "notFound"}, {"status", 404}} : Object{{"code", "NoSuchKey"}, {"status", 404}};
    return failed_call("there is no " + url + ": add test::object(\"" + url + "\", ...) to World::hooks", detail);
  }
  if (method != "download_file") return {Object{{"data", found->body}}, {}};
  const std::string path = call.arguments.get_string("path");
  std::ofstream(path, std::ios::binary) << found->body.as_string();
  return {Object{{"path", path}}, {}};
}

// ---- warehouses -------------------------------------------------------------------------------------------------------------

Answer MadeUpHooks::warehouse(const test::HookCall& call) {
  if (const test::HookAnswer* failure = find_failure(call)) return failed_call(failure->error, failure->detail);
  // SQL is answered as PostgresHook's is.
  test::HookCall as_sql = call;
  as_sql.hook = "postgres";
  const test::HookAnswer* sql = find(as_sql);
  if (sql != nullptr && !sql->error.empty()) return failed_call(sql->error, sql->detail);
  const std::string& method = call.method;
  const std::int64_t affected = sql == nullptr ? 0 : sql->body.get_int("affected");
  if (method == "job") return job_of(call.arguments, affected);
  if (method == "execute") {
    return {Object{{"id", "made_up"}, {"session_id", ""}, {"rows", sql == nullptr ? -1 : affected}, {"statements", Array{}}},
            {}};
  }
  if (sql != nullptr && sql->body.get("columns") != nullptr) return page_of(*sql);
  if (const test::HookAnswer* own = find(call)) {
    if (method != "request") return {own->body, {}};
    return {own->body.is_null() ? Object{{"refused", 404}} : Object{{"body", own->body}}, {}};  // null: it is not there
  }
  const bool reads = method == "query" || method.ends_with("_rows");
  if (method == "insert_all" || method == "cancel" ||
      (method == "request" && call.arguments.get_string("verb", "POST") != "GET"))
    return {Object{{"body", Object{}}}, {}};
  if (reads) return failed_call("no answer is made up for \"" + call.what + "\": add test::sql(\"...\", rows) to World::hooks");
  return failed_call("no answer is made up for " + call.what + ": add {.hook = \"" + call.hook + "\", .match = \"" + call.what +
                     "\", .body = ...} to World::hooks");
}

}  // namespace venturi::inline sdk::internal
