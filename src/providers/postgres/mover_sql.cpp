#include "providers/postgres/mover_sql.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/json.h"
#include "operators/outcome.h"
#include "providers/postgres/sql_parameters.h"
#include "providers/postgres/sql_split.h"

namespace venturi::providers {
namespace {

using operators::Argument;
using operators::Arguments;
using operators::ArgumentType;
using operators::MoverTry;
using operators::TaskFailedForGood;
using operators::templated;

// How Airflow's hook sends rows: here that is decided otherwise.
constexpr std::array<std::string_view, 3> of_no_matter = {"executemany", "fast_executemany", "autocommit"};

std::vector<std::string> names_in(std::string_view what, const Value& value) {
  if (value.is_string()) return {value.as_string()};
  std::vector<std::string> names;
  if (value.is_array() && std::ranges::all_of(value.as_array(), &Value::is_string)) {
    for (const Value& name : value.as_array()) names.push_back(name.as_string());
    return names;
  }
  throw TaskFailedForGood(fmt::format("{} must be the name of a column, or a list of names", what));
}

}  // namespace

std::vector<Argument> with_pg_arguments(std::vector<Argument> own) {
  std::vector<Argument> all = {templated({"conn_id", ArgumentType::string}), templated({"database", ArgumentType::string}),
                               templated({"hook_params", ArgumentType::object})};
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

PgConnection connect_to(MoverTry& t, const std::string& conn_id, const PgOptions& options) {
  return {pg_parameters(t.connection(conn_id), t.log, options), t.stop, t.log};
}

PgConnection connect_to(MoverTry& t, const Arguments& arguments) {
  return connect_to(t, arguments.string("conn_id", "postgres_default"), pg_options(arguments, t.log));
}

std::string query_of(PgConnection& connection, const Arguments& arguments) {
  std::string sql = without_last_semicolon(arguments.string("sql"));
  const Value* given = arguments.find("parameters");
  if (given == nullptr) return sql;
  Value parameters = *given;
  if (parameters.is_string()) {
    auto parsed = parse_json(parameters.as_string());
    if (!parsed) throw TaskFailedForGood("the argument parameters is a text, but no JSON: " + parsed.error().text());
    parameters = *std::move(parsed);
  }
  return with_parameters(sql, parameters, [&connection](const std::string& text) { return connection.literal(text); });
}

std::vector<std::string> statements_in(const Arguments& arguments, std::string_view name) {
  const Value* given = arguments.find(name);
  if (given == nullptr) return {};
  std::vector<std::string> statements;
  if (given->is_string()) {
    statements.push_back(given->as_string());
  } else if (given->is_array() && std::ranges::all_of(given->as_array(), &Value::is_string)) {
    for (const Value& statement : given->as_array()) statements.push_back(statement.as_string());
  } else {
    throw TaskFailedForGood(fmt::format("the argument {} must be a string or a list of strings", name));
  }
  std::erase_if(statements, [](const std::string& statement) { return split_statements(statement).empty(); });
  return statements;
}

InsertArgs insert_args_of(const Arguments& arguments, operators::TryLog& log) {
  InsertArgs args;
  const Value* given = arguments.find("insert_args");
  if (given == nullptr) return args;
  Upsert upsert;
  bool replace = false;
  for (const auto& [name, value] : given->as_object()) {
    const std::string what = "insert_args: " + name;
    if (name == "replace") {
      if (!value.is_bool()) throw TaskFailedForGood(what + " must be true or false");
      replace = value.as_bool();
    } else if (name == "replace_index") {
      upsert.key = names_in(what, value);
    } else if (name == "replace_target") {
      if (!value.is_null()) upsert.update = names_in(what, value);
    } else if (name == "commit_every") {
      if (!value.is_int() || value.as_int() < 0) throw TaskFailedForGood(what + " must be a number of rows, or 0");
      args.commit_every = value.as_int();
    } else if (name == "target_fields") {
      args.target_fields = names_in(what, value);
    } else if (std::ranges::find(of_no_matter, name) == of_no_matter.end()) {
      log.warning(what + " means nothing here and is left out");
    }
  }
  if (replace) args.upsert = std::move(upsert);
  return args;
}

}  // namespace venturi::providers
