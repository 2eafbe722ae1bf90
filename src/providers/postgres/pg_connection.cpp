#include "providers/postgres/pg_connection.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "base/errno_error.h"

namespace venturi::providers {
namespace {

using operators::TaskFailed;

constexpr std::size_t copied_at_once = 64UL << 10U;
constexpr int most_notices = 1000;  // of one connection in the log

}  // namespace

PgConnection::PgConnection(PgParameters parameters, const operators::StopSignal& stop, operators::TryLog& log)
    : parameters_(std::move(parameters)), stop_(stop), log_(log) {
  connect();
}

void PgConnection::on_notice(void* self, const PGresult* notice) {
  auto& connection = *static_cast<PgConnection*>(self);
  if (!connection.parameters_.log_notices || ++connection.notices_ > most_notices) return;
  if (is_warning(notice))
    connection.log_.warning(notice_text(notice));
  else
    connection.log_.info(notice_text(notice));
  if (connection.notices_ == most_notices) connection.log_.warning("further notices of the server are left out");
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
    if (wait(state == PGRES_POLLING_READING ? POLLIN : POLLOUT, until) == 0) {
      fail(fmt::format("no answer within {:g} s (connect_timeout)", static_cast<double>(limit.count()) / 1000));
    }
  }
  ::PQsetNoticeReceiver(connection_.get(), &PgConnection::on_notice, this);
  // What makes texts of values the same everywhere.
  const char* hex = server_number() >= 90000 ? "; SET bytea_output TO 'hex'" : "";  // Redshift calls itself 8.0
  (void)execute(std::string("SET datestyle TO 'ISO'; SET timezone TO 'UTC'; SET extra_float_digits TO 1") + hex);
}

short PgConnection::wait(short events, Clock::time_point until) {
  for (;;) {
    pollfd ready[2] = {{::PQsocket(connection_.get()), events, 0}, {stop_.fd(), POLLIN, 0}};
    int patience = -1;
    if (until != Clock::time_point::max()) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
      if (left <= 0) return 0;
      patience = static_cast<int>(std::min<std::int64_t>(left + 1, 60'000));
    }
    const int n = ::poll(ready, 2, patience);
    if (n < 0 && errno != EINTR) throw errno_error("poll");
    if ((ready[1].revents & POLLIN) != 0) {
      cancel();
      throw operators::Stopped();
    }
    if (n > 0 && ready[0].revents != 0) return ready[0].revents;
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
  const std::string message = error_text(result);
  throw PgServerError(fmt::format("{}: {}{}", parameters_.where, message, hint_for(message)),
                      field_of(result, PG_DIAG_SQLSTATE), field_of(result, PG_DIAG_CONTEXT));
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

void PgConnection::begin_copy_in(const std::string& sql) {
  send(::PQsendQuery(connection_.get(), sql.c_str()) != 0, "the statement could not be sent");
  const PgResult result = get_result();
  check(result.get(), PGRES_COPY_IN);
  if (::PQsetnonblocking(connection_.get(), 1) != 0) fail(::PQerrorMessage(connection_.get()));
  copied_.clear();
  copied_.reserve(copied_at_once * 2);
}

// What the server says meanwhile is taken in, or both sides might wait for one another.
void PgConnection::flush() {
  for (int left = 0; (left = ::PQflush(connection_.get())) != 0;) {
    if (left < 0) fail(::PQerrorMessage(connection_.get()));
    if ((wait(POLLIN | POLLOUT) & POLLIN) != 0 && ::PQconsumeInput(connection_.get()) == 0)
      fail(::PQerrorMessage(connection_.get()));
  }
}

void PgConnection::send_copied() {
  stop_.check();
  send(::PQputCopyData(connection_.get(), copied_.data(), static_cast<int>(copied_.size())) == 1, "COPY");
  copied_.clear();
  flush();
}

void PgConnection::put(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t n = std::min(bytes.size(), copied_at_once);
    copied_ += bytes.substr(0, n);
    bytes.remove_prefix(n);
    if (copied_.size() >= copied_at_once) send_copied();
  }
}

std::int64_t PgConnection::end_copy_in() {
  if (!copied_.empty()) send_copied();
  send(::PQputCopyEnd(connection_.get(), nullptr) == 1, "COPY");
  flush();
  std::int64_t rows = 0;
  while (const PgResult result = get_result()) {
    check(result.get(), PGRES_COMMAND_OK);
    rows = std::atoll(::PQcmdTuples(result.get()));
  }
  ::PQsetnonblocking(connection_.get(), 0);
  return rows;
}

std::string PgConnection::quoted_name(const std::string& name) {
  const std::unique_ptr<char, Freer> quoted(::PQescapeIdentifier(connection_.get(), name.data(), name.size()));
  if (!quoted) fail(::PQerrorMessage(connection_.get()));
  return quoted.get();
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

int PgConnection::server_number() const {
  return ::PQserverVersion(connection_.get());
}

}  // namespace venturi::providers
