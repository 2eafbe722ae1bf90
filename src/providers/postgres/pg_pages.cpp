// A session's results page by page: the server is read from only as far as somebody takes rows, so that memory does not grow
// with them; TCP holds the server back meanwhile.
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <charconv>
#include <cstdlib>
#include <exception>

#include <fmt/format.h>

#include "operators/hook_session.h"
#include "operators/outcome.h"
#include "providers/postgres/copy_text.h"
#include "providers/postgres/pg_cancel.h"
#include "providers/postgres/pg_session.h"
#include "providers/postgres/pg_socket.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds patience_with_cancel{600};
constexpr std::chrono::milliseconds turn_of_pages{5};
constexpr std::size_t rows_between_looks = 64;  // at the clock

constexpr Oid type_json = 114, type_jsonb = 3802;

enum class Form : std::uint8_t { usual, text, real };

Form form_of(const PgForms& forms, const char* column) {
  const Value* wanted = forms.find("*");
  if (wanted == nullptr) wanted = forms.find(column);
  if (wanted == nullptr || !wanted->is_string()) return Form::usual;
  return wanted->as_string() == "text" ? Form::text : wanted->as_string() == "real" ? Form::real : Form::usual;
}

Value cell(Oid type, std::string_view text, Form form) {
  if (form == Form::real) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return number;
  }
  if (form == Form::text && (type == type_json || type == type_jsonb)) return text;
  Value value = pg_value(type, text);
  return form == Form::text && !value.is_string() ? Value(text) : value;
}

Value row_in(const PGresult* result, const std::vector<Form>& forms) {
  const int fields = ::PQnfields(result);
  Array values;
  values.reserve(static_cast<std::size_t>(fields));
  for (int f = 0; f < fields; ++f) {
    if (::PQgetisnull(result, 0, f) != 0) {
      values.emplace_back();
      continue;
    }
    const std::string_view text(::PQgetvalue(result, 0, f), static_cast<std::size_t>(::PQgetlength(result, 0, f)));
    values.push_back(cell(::PQftype(result, f), text, forms[static_cast<std::size_t>(f)]));
  }
  return values;
}

void describe_columns(PgPage& page, const PGresult* result) {
  page.has_rows = true;
  page.columns.clear();
  page.types.clear();
  for (int f = 0; f < ::PQnfields(result); ++f) {
    page.columns.emplace_back(::PQfname(result, f));
    page.types.emplace_back(to_string(column_type_of(::PQftype(result, f))));
  }
}

std::int64_t rows_affected(PGresult* result) {
  const char* count = ::PQcmdTuples(result);
  return *count == '\0' ? -1 : std::atoll(count);
}

}  // namespace

asio::awaitable<void> PgSession::begin_pages(std::string sql, PgValues values) {
  copying_out_ = false;
  int sent = 0;
  if (values.texts.empty()) {
    sent = ::PQsendQuery(connection_.get(), sql.c_str());
  } else {
    std::vector<const char*> texts;
    for (const auto& text : values.texts) texts.push_back(text ? text->c_str() : nullptr);
    sent = ::PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(texts.size()), values.types.data(),
                               texts.data(), nullptr, nullptr, 0);
  }
  if (sent == 0 || ::PQsetSingleRowMode(connection_.get()) == 0)
    fail(fmt::format("the statement could not be sent: {}", ::PQerrorMessage(connection_.get())));
  co_await flush();
}

asio::awaitable<PgPage> PgSession::next_page(PgForms forms, std::size_t most_bytes) {
  std::exception_ptr cancelled;
  PgPage page;
  try {
    page = co_await read_page(std::move(forms), most_bytes);
  } catch (const boost::system::system_error&) {
    cancelled = std::current_exception();
  }
  if (!cancelled) co_return page;
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await request_cancel(connection_.get(), patience_with_cancel);
  std::rethrow_exception(cancelled);
}

asio::awaitable<PgPage> PgSession::read_page(PgForms wanted, std::size_t most_bytes) {
  PgPage page;
  std::vector<Form> forms;
  std::string error, sqlstate;
  std::size_t bytes = 0;
  bool statement_ended = false;
  auto turn_ends = Clock::now() + turn_of_pages;
  while (bytes < most_bytes) {
    if (copying_out_) {
      if (co_await read_copy(page, most_bytes)) co_return page;
      copying_out_ = false;
    }
    if (::PQisBusy(connection_.get()) != 0) {
      co_await wait_for_result();
      turn_ends = Clock::now() + turn_of_pages;
    }
    const PgResult result(::PQgetResult(connection_.get()));
    if (!result) {
      page.is_last = true;
      break;
    }
    switch (::PQresultStatus(result.get())) {
      case PGRES_SINGLE_TUPLE: {
        if (forms.empty()) {
          page.rows.clear();  // of a statement before it
          describe_columns(page, result.get());
          for (const std::string& column : page.columns) forms.push_back(form_of(wanted, column.c_str()));
        }
        Value row = row_in(result.get(), forms);
        bytes += operators::bytes_of(row);
        page.rows.push_back(std::move(row));
        break;
      }
      case PGRES_TUPLES_OK:  // the end of a statement's rows; of several statements the last one's count
        if (forms.empty() && statement_ended) page.rows.clear();
        statement_ended = true;
        describe_columns(page, result.get());
        page.affected = rows_affected(result.get());
        forms.clear();
        break;
      case PGRES_COMMAND_OK:
      case PGRES_EMPTY_QUERY: {
        const bool was_copy = page.is_copy;
        PgPage copied = std::move(page);
        page = {};
        page.is_copy = was_copy;
        page.copy = std::move(copied.copy);
        page.copy_ends = std::move(copied.copy_ends);
        statement_ended = true;
        page.affected = rows_affected(result.get());
        break;
      }
      case PGRES_COPY_IN:
        page.wants_copy = true;
        co_return page;
      case PGRES_COPY_OUT:
        copying_out_ = true;
        continue;
      default:
        if (error.empty()) {
          error = error_text(result.get());
          sqlstate = field_of(result.get(), PG_DIAG_SQLSTATE);
        }
    }
    if (Clock::now() < turn_ends) continue;
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    turn_ends = Clock::now() + turn_of_pages;
  }
  if (!error.empty()) {
    const std::string message = tidy(std::move(error));
    throw operators::HookFailed(fmt::format("{}: {}{}", parameters_.where, message, hint_for(message)),
                                Object{{"sqlstate", sqlstate}});
  }
  co_return page;
}

// True: the page is full, and there may be more.
asio::awaitable<bool> PgSession::read_copy(PgPage& page, std::size_t most_bytes) {
  page.is_copy = true;
  auto turn_ends = Clock::now() + turn_of_pages;
  std::int64_t received = bytes_received();
  while (page.copy.size() < most_bytes) {
    char* bytes = nullptr;
    const int length = ::PQgetCopyData(connection_.get(), &bytes, 1);
    if (length > 0) {
      page.copy.append(bytes, static_cast<std::size_t>(length));
      ::PQfreemem(bytes);
      page.copy_ends.push_back(static_cast<std::uint32_t>(page.copy.size()));
      received = 0;
      if (page.copy_ends.size() % rows_between_looks != 0 || Clock::now() < turn_ends) continue;
      co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
      turn_ends = Clock::now() + turn_of_pages;
      continue;
    }
    if (length < 0) co_return false;  // its result says how it ended
    if (received == 0) received = bytes_received();
    co_await socket_->wait(true);
    if (::PQconsumeInput(connection_.get()) == 0) co_return false;
    check_row(received);
  }
  co_return true;
}

asio::awaitable<void> PgSession::read_to_end() {
  for (PgPage page; !page.is_last && !page.wants_copy;) page = co_await read_page({}, 1UL << 20U);
}

asio::awaitable<void> PgSession::drop_pages(bool in_transaction) {
  if (!in_transaction) co_await request_cancel(connection_.get(), patience_with_cancel);
  try {
    co_await read_to_end();
  } catch (const operators::TaskFailed&) {
    co_return;  // that it was cancelled
  }
}

asio::awaitable<void> PgSession::put_copy(std::string bytes) {
  for (;;) {
    const int put = ::PQputCopyData(connection_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (put < 0) co_return;  // the server said why: the result tells
    if (put > 0) break;
    co_await socket_->wait(false);
  }
  co_await flush();
}

asio::awaitable<void> PgSession::end_copy(std::string error) {
  for (;;) {
    const int put = ::PQputCopyEnd(connection_.get(), error.empty() ? nullptr : error.c_str());
    if (put < 0) co_return;
    if (put > 0) break;
    co_await socket_->wait(false);
  }
  co_await flush();
}

bool PgSession::is_idle() const {
  return ::PQstatus(connection_.get()) == CONNECTION_OK && ::PQtransactionStatus(connection_.get()) == PQTRANS_IDLE &&
         ::PQconsumeInput(connection_.get()) != 0 && ::PQstatus(connection_.get()) == CONNECTION_OK;
}

bool PgSession::has_failed_transaction() const {
  return ::PQtransactionStatus(connection_.get()) == PQTRANS_INERROR;
}

}  // namespace venturi::providers
