#include "providers/sql/sql_try.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "operators/outcome.h"
#include "providers/postgres/sql_parameters.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

}  // namespace

asio::awaitable<SessionPtr> open_session(OperatorTry& t, Arguments arguments, std::string_view hook_params) {
  const PgOptions options = pg_options(arguments, t.log, hook_params);
  const Connection connection = co_await t.host.connection(arguments.string("conn_id", "postgres_default"));
  SessionPtr session = co_await PgSession::open(pg_parameters(connection, t.log, options), t.log);
  t.log.info(fmt::format("connected to {}, version {}", session->where(), session->server_version()));
  co_return session;
}

std::string statement_of(PgSession& session, const std::string& sql, const Arguments& arguments) {
  if (sql.find('\0') != std::string::npos) throw TaskFailedForGood("the argument sql has a zero byte in it");
  const Value* given = arguments.find("parameters");
  if (given == nullptr) return sql;
  Value parameters = *given;
  if (parameters.is_string()) {
    auto parsed = parse_json(parameters.as_string());
    if (!parsed) throw TaskFailedForGood("the argument parameters is a text, but no JSON: " + parsed.error().text());
    parameters = *std::move(parsed);
  }
  // As psycopg: without parameters a % in the statement is a %.
  if ((parameters.is_array() && parameters.as_array().empty()) || (parameters.is_object() && parameters.as_object().empty()))
    return sql;
  return with_parameters(sql, parameters, [&session](const std::string& text) { return session.literal(text); });
}

asio::awaitable<std::optional<Array>> first_row(OperatorTry& t, SessionPtr session, std::string sql) {
  ResultMemory memory(t.memory);
  SqlResult result = co_await session->run(std::move(sql), Fetch::one, memory, TimeText::python);
  if (result.rows.empty()) co_return std::nullopt;
  co_return std::move(result.rows.front().as_array());
}

void fail_check(const Arguments& arguments, const std::string& text) {
  if (arguments.boolean("retry_on_failure", true)) throw TaskFailed(text);
  throw TaskFailedForGood(text);
}

void fail_without_rows(const Arguments& arguments, const std::string& sql) {
  fail_check(arguments, "The following query returned zero rows: " + sql);
}

std::optional<double> number_in(const Value& value) {
  if (value.is_bool()) return value.as_bool() ? 1 : 0;
  if (value.is_number()) return value.as_double();
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = trim(value.as_string());
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<bool> boolean_in(std::string_view text) {
  std::string word(text);
  std::ranges::transform(word, word.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  for (const char* yes : {"y", "yes", "t", "true", "on", "1"}) {
    if (word == yes) return true;
  }
  for (const char* no : {"n", "no", "f", "false", "off", "0"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

}  // namespace venturi::providers
