#include "providers/postgres/pg_session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdlib>
#include <exception>

#include <fmt/format.h>

#include "operators/outcome.h"
#include "providers/postgres/pg_cancel.h"
#include "providers/postgres/pg_socket.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds cancel_patience{600};
constexpr std::chrono::milliseconds turn{5};  // how long rows are taken before others get theirs
constexpr std::size_t budget_step = 256UL << 10U;
constexpr int most_session_notices = 1000;  // of one session in the log

constexpr std::size_t slack = 2UL << 20U;  // of what is read before a row: rows come in blocks

// Of tcp_info what the kernel has behind the members that the library knows (linux/tcp.h).
struct LongTcpInfo {
  tcp_info known;
  std::uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
};
static_assert(sizeof(tcp_info) == 104);

// What was read from a connection since it was made, and perhaps what comes just now; 0 for one that is not TCP.
std::int64_t bytes_read(int socket) {
  LongTcpInfo info{};
  socklen_t size = sizeof info;
  int waiting = 0;
  if (::ioctl(socket, FIONREAD, &waiting) != 0) return 0;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || size < sizeof info) return 0;
  return static_cast<std::int64_t>(info.bytes_received) - waiting;
}

std::string mebibytes(std::size_t bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1UL << 20U));
}

Array row_of(const PGresult* result, int row, TimeText times) {
  const int fields = ::PQnfields(result);
  Array values;
  values.reserve(static_cast<std::size_t>(fields));
  for (int f = 0; f < fields; ++f) {
    if (::PQgetisnull(result, row, f) != 0) {
      values.emplace_back();
      continue;
    }
    const std::string_view text(::PQgetvalue(result, row, f), static_cast<std::size_t>(::PQgetlength(result, row, f)));
    values.push_back(pg_value(::PQftype(result, f), text, times));
  }
  return values;
}

std::vector<std::string> column_names(const PGresult* result) {
  std::vector<std::string> columns;
  for (int f = 0; f < ::PQnfields(result); ++f) columns.emplace_back(::PQfname(result, f));
  return columns;
}

std::int64_t affected_by(PGresult* result) {
  const char* count = ::PQcmdTuples(result);
  return *count == '\0' ? -1 : std::atoll(count);
}

// The result of the statement that is being read; the last one remains.
class ResultReader {
 public:
  ResultReader(Fetch fetch, ResultMemory& memory, TimeText times) : fetch_(fetch), memory_(memory), times_(times) {}

  // Throws TaskFailedForGood for what no operator of statements can do.
  void take(PGresult* result) {
    switch (::PQresultStatus(result)) {
      case PGRES_SINGLE_TUPLE:
        begin_rows(result);
        return take_row(result);
      case PGRES_TUPLES_OK:
        begin_rows(result);
        result_.affected = affected_by(result);
        in_rows_ = false;
        return;
      case PGRES_COMMAND_OK:
      case PGRES_EMPTY_QUERY:
        result_ = {};
        result_.affected = affected_by(result);
        return;
      case PGRES_COPY_IN:
      case PGRES_COPY_OUT:
      case PGRES_COPY_BOTH:
        throw TaskFailedForGood(
            "COPY with STDIN or STDOUT cannot be run here: use FileToPostgresOperator, PostgresToFileOperator or "
            "PostgresToCsvOperator");
      default:
        if (error_.empty()) error_ = error_text(result);
        return;
    }
  }
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] SqlResult result() && { return std::move(result_); }

 private:
  void begin_rows(const PGresult* result) {
    if (in_rows_) return;
    in_rows_ = true;
    result_ = {.has_rows = true, .columns = column_names(result), .rows = {}, .affected = -1};
  }
  void take_row(const PGresult* result) {
    if (fetch_ == Fetch::none || (fetch_ == Fetch::one && !result_.rows.empty())) return;
    Value row(row_of(result, 0, times_));
    memory_.add(operators::bytes_of(row), result_.rows.size());
    result_.rows.push_back(std::move(row));
  }

  Fetch fetch_;
  ResultMemory& memory_;
  TimeText times_;
  SqlResult result_;
  std::string error_;
  bool in_rows_ = false;
};

}  // namespace

void ResultMemory::add(std::size_t bytes, std::size_t rows) {
  used_ += bytes;
  if (used_ > limit) {
    throw TaskFailedForGood(fmt::format(
        "the result is too large: {} after {} rows, and an operator may take {}; write large results into a file of the run "
        "(PostgresToFileOperator)",
        mebibytes(used_), rows, mebibytes(limit)));
  }
  while (taken_ < used_) {
    budget_.take(budget_step, "the result");
    taken_ += budget_step;
  }
}

asio::awaitable<void> PgSocket::wait(bool to_read) {
  if (timed_out) co_return;
  error_code waited;
  co_await descriptor.async_wait(
      to_read ? asio::posix::stream_descriptor::wait_read : asio::posix::stream_descriptor::wait_write,
      asio::redirect_error(asio::use_awaitable, waited));
  if (waited && !timed_out) throw boost::system::system_error(waited);
}

asio::awaitable<bool> PgSocket::wait_to_read(std::chrono::milliseconds patience) {
  enum class State : std::uint8_t { waiting, over, ended };
  const auto state = std::make_shared<State>(State::waiting);
  asio::steady_timer alarm(co_await asio::this_coro::executor, patience);
  alarm.async_wait([this, state](const error_code& error) {
    if (error || *state != State::waiting) return;
    *state = State::over;
    error_code ignored;
    descriptor.cancel(ignored);
  });
  error_code waited;
  co_await descriptor.async_wait(asio::posix::stream_descriptor::wait_read, asio::redirect_error(asio::use_awaitable, waited));
  if (waited && *state == State::over) co_return false;
  *state = State::ended;
  if (waited) throw boost::system::system_error(waited);
  co_return true;
}

PgSession::PgSession(PgParameters parameters, operators::TryLog& log) : parameters_(std::move(parameters)), log_(log) {}

PgSession::~PgSession() {
  if (socket_) socket_->timer.cancel();
}

void PgSession::fail(std::string message) const {
  message = tidy(std::move(message));
  throw TaskFailed(fmt::format("{}: {}{}", parameters_.where, message, hint_for(message)));
}

void PgSession::on_notice(void* self, const PGresult* notice) {
  auto& session = *static_cast<PgSession*>(self);
  if (field_of(notice, PG_DIAG_SEVERITY_NONLOCALIZED) == "FATAL") session.last_words_ = error_text(notice);
  if (!session.parameters_.log_notices || ++session.notices_ > most_session_notices) return;
  if (is_warning(notice))
    session.log_.warning(notice_text(notice));
  else
    session.log_.info(notice_text(notice));
  if (session.notices_ == most_session_notices) session.log_.warning("further notices of the server are left out");
}

asio::awaitable<void> PgSession::send(std::string sql) {
  if (::PQsendQuery(connection_.get(), sql.c_str()) == 0 || ::PQsetSingleRowMode(connection_.get()) == 0)
    fail(fmt::format("the statement could not be sent: {}", ::PQerrorMessage(connection_.get())));
  co_await flush();
}

asio::awaitable<void> PgSession::flush() {
  for (int left = 0; (left = ::PQflush(connection_.get())) != 0;) {
    if (left < 0) co_return;  // the server may have said why: reading tells
    co_await socket_->wait(false);
  }
}

std::int64_t PgSession::bytes_received() const {
  return bytes_read(::PQsocket(connection_.get()));
}

void PgSession::check_row(std::int64_t received_before) const {
  if (bytes_received() - received_before > static_cast<std::int64_t>(ResultMemory::limit + slack)) {
    throw TaskFailedForGood(
        fmt::format("the result has a row of more than {0}, and an operator may take {0}", mebibytes(ResultMemory::limit)));
  }
}

// Until the next result is there, or the connection is broken, which is a result, too.
asio::awaitable<void> PgSession::wait_for_result() {
  const std::int64_t before = bytes_received();
  while (::PQisBusy(connection_.get()) != 0) {
    co_await socket_->wait(true);
    if (::PQconsumeInput(connection_.get()) == 0) co_return;
    check_row(before);
  }
}

asio::awaitable<SqlResult> PgSession::read_results(Fetch fetch, ResultMemory& memory, TimeText times) {
  ResultReader reader(fetch, memory, times);
  auto turn_ends = Clock::now() + turn;
  for (;;) {
    if (::PQisBusy(connection_.get()) != 0) {
      co_await wait_for_result();
      turn_ends = Clock::now() + turn;
    }
    const PgResult result(::PQgetResult(connection_.get()));
    if (!result) break;
    reader.take(result.get());
    if (Clock::now() < turn_ends) continue;
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    turn_ends = Clock::now() + turn;
  }
  if (!reader.error().empty()) fail(reader.error());
  co_return std::move(reader).result();
}

asio::awaitable<SqlResult> PgSession::run(std::string sql, Fetch fetch, ResultMemory& memory, TimeText times) {
  std::exception_ptr cancelled;
  SqlResult result;
  try {
    co_await send(std::move(sql));
    result = co_await read_results(fetch, memory, times);
  } catch (const boost::system::system_error&) {
    cancelled = std::current_exception();
  }
  if (!cancelled) co_return result;
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await request_cancel(connection_.get(), cancel_patience);
  std::rethrow_exception(cancelled);
}

asio::awaitable<void> PgSession::execute(std::string sql) {
  // Nothing is fetched, so nothing is counted.
  operators::HostMemory none{0, 0};
  operators::MemoryBudget budget(none, 0);
  ResultMemory memory(budget);
  (void)co_await run(std::move(sql), Fetch::none, memory);
}

asio::awaitable<std::vector<PgField>> PgSession::describe(std::string sql) {
  std::vector<PgField> fields;
  std::string error;
  for (const bool prepares : {true, false}) {
    const int sent = prepares ? ::PQsendPrepare(connection_.get(), "", sql.c_str(), 0, nullptr)
                              : ::PQsendDescribePrepared(connection_.get(), "");
    if (sent == 0) fail(fmt::format("the statement could not be sent: {}", ::PQerrorMessage(connection_.get())));
    co_await flush();
    for (;;) {
      co_await wait_for_result();
      const PgResult result(::PQgetResult(connection_.get()));
      if (!result) break;
      if (::PQresultStatus(result.get()) != PGRES_COMMAND_OK && error.empty()) error = error_text(result.get());
      for (int f = 0; f < ::PQnfields(result.get()); ++f)
        fields.push_back({::PQfname(result.get(), f), ::PQftype(result.get(), f)});
    }
    if (!error.empty()) fail(error);
  }
  co_return fields;
}

asio::awaitable<std::optional<PgNotification>> PgSession::next_notification(std::chrono::milliseconds patience) {
  const auto until = Clock::now() + patience;
  for (;;) {
    if (::PQconsumeInput(connection_.get()) == 0) fail(last_words_.empty() ? ::PQerrorMessage(connection_.get()) : last_words_);
    const std::unique_ptr<PGnotify, void (*)(PGnotify*)> come(::PQnotifies(connection_.get()),
                                                              [](PGnotify* memory) { ::PQfreemem(memory); });
    if (come) co_return PgNotification{come->relname, come->extra};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0 || !co_await socket_->wait_to_read(left)) co_return std::nullopt;
  }
}

std::string PgSession::quoted_name(const std::string& name) {
  const std::unique_ptr<char, void (*)(char*)> quoted(::PQescapeIdentifier(connection_.get(), name.data(), name.size()),
                                                      [](char* memory) { ::PQfreemem(memory); });
  if (!quoted) fail(::PQerrorMessage(connection_.get()));
  return quoted.get();
}

std::string PgSession::literal(const std::string& text) {
  const std::unique_ptr<char, void (*)(char*)> quoted(::PQescapeLiteral(connection_.get(), text.data(), text.size()),
                                                      [](char* memory) { ::PQfreemem(memory); });
  if (!quoted) fail(::PQerrorMessage(connection_.get()));
  return quoted.get();
}

bool PgSession::in_transaction() const {
  return ::PQtransactionStatus(connection_.get()) == PQTRANS_INTRANS;
}

std::string PgSession::server_version() const {
  const char* version = ::PQparameterStatus(connection_.get(), "server_version");
  return version == nullptr ? "unknown" : version;
}

int PgSession::server_number() const {
  return ::PQserverVersion(connection_.get());
}

}  // namespace venturi::providers
