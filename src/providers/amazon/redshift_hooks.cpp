// The hooks of Redshift of tasks.
//
//   redshift_data   execute{sql, parameters, client_token, ...} ─▶ {id, session_id, rows, statements}     waits where it is
//   told to
//                   query{sql, ..., most, as} ─▶ {columns, rows, more}    statement_rows{id, most, as} ─▶ the same
//                   rows{more, as} ─▶ the page after it                   describe{id}, cancel{id}
//   redshift        cluster{cluster_identifier} ─▶ {status, ...}          snapshot{snapshot_identifier}
//                   request{action, form}                                 of the Query API, whose answer nobody reads
//   redshift_sql    those of `postgres`, over a connection of type redshift, iam included
//
// What goes on with a result is in `more`: nothing of it is kept here.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/random.h"
#include "operators/hook_session.h"
#include "operators/memory_budget.h"
#include "operators/outcome.h"
#include "providers/amazon/aws_try.h"
#include "providers/amazon/redshift.h"
#include "providers/amazon/redshift_api.h"
#include "providers/amazon/redshift_data.h"
#include "providers/postgres/postgres_hook.h"

namespace venturi::providers {
namespace redshift_calls {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::HookCall;
using operators::HookSession;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using Data = std::shared_ptr<RedshiftData>;

// ---- the Data API -----------------------------------------------------------------------------------------------------------

RedshiftQuery query_of(const Value& call) {
  Arguments arguments(redshift_data_arguments(), Value(Object{}));
  for (const auto& argument : redshift_data_arguments()) {
    if (const Value* given = call.get(argument.name)) arguments.set(argument.name, *given);
  }
  arguments.check();
  RedshiftQuery query = redshift_query(call.at("sql"), arguments);
  if (const Value* parameters = call.get("parameters"); parameters != nullptr && !parameters->as_array().empty())
    query.target.set("Parameters", redshift_parameters(*parameters));
  return query;
}

asio::awaitable<Value> execute(HookSession&, Data data, HookCall call) {
  const Value described = co_await data->run(query_of(call.arguments));
  Array statements;
  if (const Value* parts = described.get("SubStatements"); parts != nullptr && parts->is_array()) {
    for (const Value& part : parts->as_array()) statements.push_back(part.at("Id"));
  }
  co_return Object{{"id", described.get_string("Id")},
                   {"session_id", data->session_id()},
                   {"rows", described.get_int("ResultRows", -1)},
                   {"statements", std::move(statements)}};
}

// {"longValue": 1} and the like, as `form` ("text", "real" or nothing) wants it.
Value cell_of(const Value& cell, const std::string& form) {
  if (!cell.is_object() || cell.as_object().empty() || cell.get_bool("isNull")) return {};
  Value value = cell.as_object().begin()->second;
  if (form == "text" && !value.is_string()) return to_json(value);
  if (form != "real" || !value.is_string()) return value;
  char* end = nullptr;  // NUMERIC comes as text
  const double number = std::strtod(value.as_string().c_str(), &end);
  return *end == '\0' && !value.as_string().empty() ? Value(number) : value;
}

Array names_in(const Value& page, const Value& place) {
  if (const Value* known = place.get("columns")) return known->as_array();
  Array names;
  if (const Value* columns = page.get("ColumnMetadata"); columns != nullptr && columns->is_array()) {
    for (const Value& column : columns->as_array()) names.push_back(column.at("name"));
  }
  return names;
}

// Of `place`: what a page is asked for by.
asio::awaitable<Value> page(HookSession& session, Data data, Value place, Value as) {
  const Value its = co_await data->result_page(place.get_string("id"), place.get_string("token"));
  const std::int64_t most = place.get_int("most");
  const Array columns = names_in(its, place);
  Array rows;
  if (const Value* records = its.get("Records"); records != nullptr && records->is_array()) {
    for (const Value& record : records->as_array()) {
      if (static_cast<std::int64_t>(rows.size()) == most) break;
      session.memory.take(operators::bytes_of(record), "the rows");
      Array cells;
      for (std::size_t i = 0; i < record.as_array().size(); ++i) {
        const std::string form = i < columns.size() ? as.get_string(columns[i].as_string(), as.get_string("*")) : std::string();
        cells.push_back(cell_of(record.as_array()[i], form));
      }
      rows.emplace_back(std::move(cells));
    }
  }
  const std::int64_t left = most - static_cast<std::int64_t>(rows.size());
  const std::string next = its.get_string("NextToken");
  Value more;
  if (!next.empty() && left > 0)
    more = Object{{"id", place.get_string("id")}, {"token", next}, {"most", left}, {"columns", columns}};
  co_return Object{{"columns", columns}, {"rows", std::move(rows)}, {"more", std::move(more)}};
}

Value place_of(const std::string& id, const Value& arguments) {
  const std::int64_t most = arguments.get_int("most");
  return Object{{"id", id}, {"most", most > 0 ? most : std::numeric_limits<std::int64_t>::max()}};
}

asio::awaitable<Value> query(HookSession& session, Data data, HookCall call) {
  RedshiftQuery its = query_of(call.arguments);
  its.waits = true;
  const Value described = co_await data->run(std::move(its));
  const std::string id = described.get_string("Id");
  if (!described.get_bool("HasResultSet"))
    throw TaskFailedForGood("the statement returns no rows: use run() or execute_query() for its effect");
  co_return co_await page(session, data, place_of(id, call.arguments), call.arguments.get_value("as"));
}

asio::awaitable<Value> statement_rows(HookSession& session, Data data, HookCall call) {
  co_return co_await page(session, data, place_of(call.arguments.get_string("id"), call.arguments),
                          call.arguments.get_value("as"));
}

asio::awaitable<Value> rows(HookSession& session, Data data, HookCall call) {
  co_return co_await page(session, data, call.arguments.at("more"), call.arguments.get_value("as"));
}

asio::awaitable<Value> describe(HookSession&, Data data, HookCall call) {
  co_return co_await data->ask("DescribeStatement", Object{{"Id", call.arguments.at("id")}});
}

asio::awaitable<Value> cancel(HookSession&, Data data, HookCall call) {
  co_return co_await data->ask("CancelStatement", Object{{"Id", call.arguments.at("id")}});
}

struct DataMethod {
  std::string_view name;
  asio::awaitable<Value> (*call)(HookSession&, Data, HookCall);
};
constexpr std::array<DataMethod, 6> data_methods{{{"execute", execute},
                                                  {"query", query},
                                                  {"statement_rows", statement_rows},
                                                  {"rows", rows},
                                                  {"describe", describe},
                                                  {"cancel", cancel}}};

// ---- clusters ---------------------------------------------------------------------------------------------------------------

using Api = std::shared_ptr<RedshiftApi>;

asio::awaitable<Value> cluster(Api api, HookCall call) {
  const auto facts = co_await api->cluster(call.arguments.get_string("cluster_identifier"));
  if (!facts) co_return Object{{"status", cluster_not_found}};
  co_return Object{
      {"status", facts->status},           {"node_type", facts->node_type}, {"master_username", facts->master_username},
      {"create_time", facts->create_time}, {"address", facts->address},     {"port", std::atoi(facts->port.c_str())}};
}

asio::awaitable<Value> snapshot(Api api, HookCall call) {
  const auto facts = co_await api->snapshot(call.arguments.get_string("snapshot_identifier"));
  if (!facts) co_return Object{{"status", ""}};
  co_return Object{{"status", facts->status}, {"cluster_identifier", facts->cluster_identifier}};
}

asio::awaitable<Value> request(Api api, HookCall call) {
  net::QueryItems form{{"Action", call.arguments.get_string("action")}};
  for (const auto& [name, value] : call.arguments.at("form").as_object())
    form.emplace_back(name, value.is_string() ? value.as_string() : to_json(value));
  (void)co_await api->call(std::move(form));
  co_return nullptr;
}

struct ClusterMethod {
  std::string_view name;
  asio::awaitable<Value> (*call)(Api, HookCall);
};
constexpr std::array<ClusterMethod, 3> cluster_methods{{{"cluster", cluster}, {"snapshot", snapshot}, {"request", request}}};

asio::awaitable<Connection> connection_with_login(HookSession& session, std::string conn_id) {
  co_return co_await with_iam_login(session, co_await session.host.connection(std::move(conn_id)));
}

[[noreturn]] void fail_without_method(std::string_view hook, const std::string& method) {
  throw TaskFailed(fmt::format("the hook {} has no method '{}'; the DAG's program may be newer than the worker", hook, method));
}

}  // namespace
}  // namespace redshift_calls

boost::asio::awaitable<Value> call_redshift_data(operators::HookSession& session, operators::HookCall call) {
  using redshift_calls::data_methods;
  const auto* const method = std::ranges::find(data_methods, call.method, &redshift_calls::DataMethod::name);
  if (method == data_methods.end()) redshift_calls::fail_without_method("redshift_data", call.method);
  std::string token = call.arguments.get_string("client_token");
  if (token.empty()) token = random_password(64);
  const auto data = std::make_shared<RedshiftData>(session, aws_source(call), std::move(token));
  try {
    co_return co_await method->call(session, data, std::move(call));
  } catch (const AwsRefused& refused) {
    throw failed_hook(refused);
  }
}

boost::asio::awaitable<Value> call_redshift(operators::HookSession& session, operators::HookCall call) {
  using redshift_calls::cluster_methods;
  const auto* const method = std::ranges::find(cluster_methods, call.method, &redshift_calls::ClusterMethod::name);
  if (method == cluster_methods.end()) redshift_calls::fail_without_method("redshift", call.method);
  try {
    AwsSettings settings = co_await settings_of_hook(session, call);
    co_return co_await method->call(std::make_shared<RedshiftApi>(session, std::move(settings)), std::move(call));
  } catch (const AwsRefused& refused) {
    throw failed_hook(refused);
  }
}

boost::asio::awaitable<Value> call_redshift_sql(operators::HookSession& session, operators::HookCall call) {
  return call_statements(session, std::move(call), "redshift_sql", redshift_calls::connection_with_login);
}

}  // namespace venturi::providers
