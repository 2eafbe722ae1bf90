#include "providers/postgres/pg_connection.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

#include "base/errno_error.h"
#include "operators/outcome.h"
#include "operators/task_messages.h"

namespace venturi::providers {
namespace {

using operators::TaskFailed;

// Of Airflow's own (its PostgresHook takes them out, too), and what is fixed below.
constexpr std::array<std::string_view, 12> not_for_libpq = {"iam",
                                                            "redshift",
                                                            "cursor",
                                                            "cluster-identifier",
                                                            "workgroup-name",
                                                            "aws_conn_id",
                                                            "session_duration",
                                                            "sqlalchemy_scheme",
                                                            "sqlalchemy_query",
                                                            "enable_log_db_messages",
                                                            "client_encoding",
                                                            "connect_timeout"};

bool libpq_knows(std::string_view keyword) {
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> all(::PQconndefaults(), ::PQconninfoFree);
  for (const PQconninfoOption* option = all.get(); option != nullptr && option->keyword != nullptr; ++option) {
    if (keyword == option->keyword) return true;
  }
  return false;
}

// libpq's messages end with a line feed, and may have several lines.
std::string tidy(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

std::string hint_for(const std::string& message) {
  const auto has = [&](std::string_view words) { return message.find(words) != std::string::npos; };
  if (has("Connection refused")) return " (does the server run, and is the port right?)";
  if (has("password authentication failed") || has("no password supplied"))
    return " (check login and password of the connection)";
  if (has("could not translate host name")) return " (check the host of the connection)";
  return {};
}

std::string text_of(const Value& value) {
  return value.is_string() ? value.as_string() : to_json(value);
}

}  // namespace

PgParameters pg_parameters(const Connection& connection, operators::TryLog& log) {
  PgParameters parameters;
  const std::string host = connection.host.value_or(""), database = connection.schema.value_or("");
  const std::string port = connection.port ? std::to_string(*connection.port) : "5432", user = connection.login.value_or("");
  const auto add = [&](std::string keyword, std::string value) {
    parameters.keywords.emplace_back(std::move(keyword), std::move(value));
  };
  if (!host.empty()) add("host", host);
  add("port", port);
  if (!database.empty()) add("dbname", database);
  if (!user.empty()) add("user", user);
  if (connection.password) add("password", *connection.password);
  for (const auto& [keyword, value] : operators::extra_of(connection)) {
    if (keyword == "connect_timeout" && !value.is_null()) {
      const std::string text = text_of(value);
      int seconds = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
      if (error != std::errc() || end != text.data() + text.size() || seconds < 0) {
        throw TaskFailed(fmt::format("connection {}, extra: connect_timeout must be a number of seconds", connection.conn_id));
      }
      parameters.connect_timeout = std::chrono::seconds(seconds);
    }
    if (std::ranges::find(not_for_libpq, keyword) != not_for_libpq.end() || value.is_null()) continue;
    if (!libpq_knows(keyword)) {
      log.warning(fmt::format("connection {}, extra: {} means nothing to libpq and is left out", connection.conn_id, keyword));
      continue;
    }
    add(keyword, text_of(value));
  }
  add("client_encoding", "UTF8");
  add("fallback_application_name", "venturi");
  const bool has_gss = std::ranges::any_of(parameters.keywords, [](const auto& k) { return k.first == "gssencmode"; });
  if (!has_gss) add("gssencmode", "disable");  // else libpq loads Kerberos to ask for a ticket
  parameters.where =
      fmt::format("PostgreSQL at {}:{}{}{} (connection {})", host.empty() ? "the local socket" : host, port,
                  database.empty() ? "" : ", database " + database, user.empty() ? "" : ", as " + user, connection.conn_id);
  return parameters;
}

PgConnection::PgConnection(PgParameters parameters, const operators::StopSignal& stop)
    : parameters_(std::move(parameters)), stop_(stop) {
  connect();
}

void PgConnection::fail(std::string message) const {
  message = tidy(std::move(message));
  throw TaskFailed(fmt::format("{}: {}{}", parameters_.where, message, hint_for(message)));
}

void PgConnection::connect() {
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : parameters_.keywords) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  const auto limit = parameters_.connect_timeout;
  const auto until = limit.count() == 0 ? Clock::time_point::max() : Clock::now() + limit;
  connection_.reset(::PQconnectStartParams(keywords.data(), values.data(), 0));
  if (!connection_) throw std::bad_alloc();
  for (PostgresPollingStatusType state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;
       state = ::PQconnectPoll(connection_.get())) {
    if (::PQstatus(connection_.get()) == CONNECTION_BAD || state == PGRES_POLLING_FAILED)
      fail(::PQerrorMessage(connection_.get()));
    if (!wait(state == PGRES_POLLING_READING ? POLLIN : POLLOUT, until)) {
      fail(fmt::format("no answer within {:g} s (connect_timeout)", static_cast<double>(limit.count()) / 1000));
    }
  }
  // What makes texts of values the same everywhere.
  (void)execute("SET datestyle TO 'ISO'; SET timezone TO 'UTC'; SET bytea_output TO 'hex'; SET extra_float_digits TO 1");
}

bool PgConnection::wait(short events, Clock::time_point until) {
  for (;;) {
    pollfd ready[2] = {{::PQsocket(connection_.get()), events, 0}, {stop_.fd(), POLLIN, 0}};
    int patience = -1;
    if (until != Clock::time_point::max()) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
      if (left <= 0) return false;
      patience = static_cast<int>(std::min<std::int64_t>(left + 1, 60'000));
    }
    const int n = ::poll(ready, 2, patience);
    if (n < 0 && errno != EINTR) throw errno_error("poll");
    if ((ready[1].revents & POLLIN) != 0) {
      cancel();
      throw operators::Stopped();
    }
    if (n > 0 && ready[0].revents != 0) return true;
  }
}

// The server may be at work for long; without this it would notice our end only with the next row. The worker gives us 5 s.
void PgConnection::cancel() {
  if (::PQstatus(connection_.get()) != CONNECTION_OK || ::PQtransactionStatus(connection_.get()) != PQTRANS_ACTIVE) return;
  const std::unique_ptr<PGcancel, void (*)(PGcancel*)> handle(::PQgetCancel(connection_.get()), ::PQfreeCancel);
  char error[256];
  if (handle) (void)::PQcancel(handle.get(), error, sizeof error);
}

void PgConnection::send(bool sent, const char* doing) {
  if (!sent) fail(fmt::format("{}: {}", doing, ::PQerrorMessage(connection_.get())));
}

PgResult PgConnection::get_result() {
  while (::PQisBusy(connection_.get()) != 0) {
    wait(POLLIN);
    if (::PQconsumeInput(connection_.get()) == 0) fail(::PQerrorMessage(connection_.get()));
  }
  return PgResult(::PQgetResult(connection_.get()));
}

void PgConnection::check(const PGresult* result, ExecStatusType wanted) const {
  const ExecStatusType status = ::PQresultStatus(result);
  if (status == wanted || (wanted == PGRES_COMMAND_OK && (status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY))) return;
  const std::string message = tidy(::PQresultErrorMessage(result));
  fail(message.empty() ? "it answered otherwise than expected" : message);
}

PgResult PgConnection::execute(const std::string& sql) {
  send(::PQsendQuery(connection_.get(), sql.c_str()) != 0, "the statement could not be sent");
  PgResult last;
  while (PgResult result = get_result()) {
    check(result.get(), PGRES_COMMAND_OK);
    last = std::move(result);
  }
  return last;
}

PgResult PgConnection::describe(const std::string& sql) {
  send(::PQsendPrepare(connection_.get(), "", sql.c_str(), 0, nullptr) != 0, "the statement could not be sent");
  while (const PgResult result = get_result()) check(result.get(), PGRES_COMMAND_OK);
  send(::PQsendDescribePrepared(connection_.get(), "") != 0, "the statement could not be sent");
  PgResult description;
  while (PgResult result = get_result()) {
    check(result.get(), PGRES_COMMAND_OK);
    description = std::move(result);
  }
  return description;
}

void PgConnection::begin_copy(const std::string& sql) {
  send(::PQsendQuery(connection_.get(), sql.c_str()) != 0, "the statement could not be sent");
  const PgResult result = get_result();
  check(result.get(), PGRES_COPY_OUT);
}

std::string_view PgConnection::next_row() {
  for (;;) {
    char* row = nullptr;
    const int n = ::PQgetCopyData(connection_.get(), &row, 1);
    row_.reset(row);
    if (n > 0) return {row, static_cast<std::size_t>(n)};
    if (n == 0) {
      wait(POLLIN);
      if (::PQconsumeInput(connection_.get()) == 0) fail(::PQerrorMessage(connection_.get()));
      continue;
    }
    if (n == -2) fail(::PQerrorMessage(connection_.get()));
    while (const PgResult result = get_result()) check(result.get(), PGRES_COMMAND_OK);
    return {};
  }
}

std::string PgConnection::literal(const std::string& text) {
  const std::unique_ptr<char, Freer> quoted(::PQescapeLiteral(connection_.get(), text.data(), text.size()));
  if (!quoted) fail(::PQerrorMessage(connection_.get()));
  return quoted.get();
}

std::string PgConnection::server_version() const {
  const char* version = ::PQparameterStatus(connection_.get(), "server_version");
  return version == nullptr ? "unknown" : version;
}

}  // namespace venturi::providers
