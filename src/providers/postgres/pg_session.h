// A connection to PostgreSQL in the operator host: coroutines over libpq's non-blocking calls. Nothing here blocks the loop,
// names of hosts included, and every wait ends when its try is cancelled; the server is then asked to cancel, too.
#pragma once

#include <libpq-fe.h>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "operators/memory_budget.h"
#include "operators/try_log.h"
#include "providers/postgres/pg_error.h"
#include "providers/postgres/pg_parameters.h"
#include "providers/postgres/pg_value.h"
#include "venturi/value.h"

namespace venturi::providers {

struct PgSocket;

// Values that the server binds to $1, $2, ...; the types are those of psycopg: what Python's would be.
struct PgValues {
  // Throws TaskFailedForGood for what has no form in SQL.
  static PgValues of(const Array& values);
  std::vector<std::optional<std::string>> texts;
  std::vector<Oid> types;
};

// How columns are wanted, where not as pg_value() makes them: "text" (numeric with all its digits, JSON as it stands) or "real"
// (numbers alone), by the column's name; "*" for all.
using PgForms = Object;

struct PgPage {
  bool has_rows = false;  // the statement is of a kind that returns rows, be it none
  bool is_last = false;
  bool wants_copy = false;  // it is COPY ... FROM STDIN: put_copy()
  bool is_copy = false;     // it is COPY ... TO STDOUT: `copy` has a part of it
  std::vector<std::string> columns;
  std::vector<std::string> types;  // the columns' as run files have them
  Array rows;                      // each a list
  std::string copy;
  std::vector<std::uint32_t> copy_ends;  // where in it each row ends
  std::int64_t affected = -1;            // with the last page
};

// A column that a statement gives.
struct PgField {
  std::string name;
  Oid type = 0;
};

// What NOTIFY sent.
struct PgNotification {
  std::string channel, payload;
};

enum class Fetch : std::uint8_t { all, one, none };

// Of a statement; of several in one text, the last one's.
struct SqlResult {
  bool has_rows = false;  // whether it is of a kind that returns rows, be it none
  std::vector<std::string> columns;
  Array rows;                  // each a list; only the first with Fetch::one
  std::int64_t affected = -1;  // rows; -1 where that makes no sense
};

// What results hold in memory, counted in the try's budget and in their own limit until the end.
class ResultMemory {
 public:
  // An XCom holds 1 MiB unless that is configured otherwise; what is far larger would only hold the loop up.
  static constexpr std::size_t limit = 16UL << 20U;

  explicit ResultMemory(operators::MemoryBudget& budget) : budget_(budget) {}
  ~ResultMemory() { budget_.release(taken_); }
  ResultMemory(const ResultMemory&) = delete;
  ResultMemory& operator=(const ResultMemory&) = delete;

  // Throws TaskFailedForGood naming what there is and the limit; `rows` so far.
  void add(std::size_t bytes, std::size_t rows);

 private:
  operators::MemoryBudget& budget_;
  std::size_t used_ = 0, taken_ = 0;
};

class PgSession {
 public:
  // Throws TaskFailed saying where and why, never with the password. The log outlives the session.
  [[nodiscard]] static boost::asio::awaitable<std::shared_ptr<PgSession>> open(PgParameters parameters, operators::TryLog& log);
  PgSession(const PgSession&) = delete;
  PgSession& operator=(const PgSession&) = delete;
  ~PgSession();

  // Runs a statement, or several in one text (one transaction, then). `memory` outlives the call. Throws TaskFailed for an
  // error of the server's, with its SQLSTATE, detail, hint and the line of the statement.
  [[nodiscard]] boost::asio::awaitable<SqlResult> run(std::string sql, Fetch fetch, ResultMemory& memory,
                                                      TimeText times = TimeText::iso);
  // The same for its effect.
  [[nodiscard]] boost::asio::awaitable<void> execute(std::string sql);

  // Names and types of the columns that one statement returns, without running it. Throws TaskFailed as run() does.
  [[nodiscard]] boost::asio::awaitable<std::vector<PgField>> describe(std::string sql);

  // The next one of the channels that LISTEN named; nothing where none comes within that time. Throws TaskFailed where the
  // connection breaks.
  [[nodiscard]] boost::asio::awaitable<std::optional<PgNotification>> next_notification(std::chrono::milliseconds patience);

  // A statement whose rows are taken page by page (pg_pages.cpp): begin_pages(), then next_page() until it says that it was the
  // last. Nothing else may be run before. Without values the text may have several statements.
  [[nodiscard]] boost::asio::awaitable<void> begin_pages(std::string sql, PgValues values);
  [[nodiscard]] boost::asio::awaitable<PgPage> next_page(PgForms forms, std::size_t most_bytes);
  // Rows that nobody wants any more: the statement is cancelled, or, in a transaction, read to its end.
  [[nodiscard]] boost::asio::awaitable<void> drop_pages(bool in_transaction);
  // COPY ... FROM STDIN, begun by begin_pages(): its bytes, and its end, after which next_page() gives the result. An `error`
  // ends it in vain.
  [[nodiscard]] boost::asio::awaitable<void> put_copy(std::string bytes);
  [[nodiscard]] boost::asio::awaitable<void> end_copy(std::string error = {});

  // Takes statements, outside of a transaction: fit for whoever comes next.
  [[nodiscard]] bool is_idle() const;
  [[nodiscard]] bool has_failed_transaction() const;
  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] std::string literal(const std::string& text);
  [[nodiscard]] std::string quoted_name(const std::string& name);
  [[nodiscard]] const std::string& where() const { return parameters_.where; }
  [[nodiscard]] std::string server_version() const;
  [[nodiscard]] int server_number() const;  // 150018 for 15.18

 private:
  PgSession(PgParameters parameters, operators::TryLog& log);
  boost::asio::awaitable<void> connect();
  boost::asio::awaitable<void> resolve_hosts();
  boost::asio::awaitable<void> poll_until_connected();
  boost::asio::awaitable<void> send(std::string sql);
  boost::asio::awaitable<void> flush();
  boost::asio::awaitable<PgPage> read_page(PgForms forms, std::size_t most_bytes);
  boost::asio::awaitable<bool> read_copy(PgPage& page, std::size_t most_bytes);
  boost::asio::awaitable<void> read_to_end();
  boost::asio::awaitable<void> wait_for_result();
  [[nodiscard]] std::int64_t bytes_received() const;
  // libpq keeps a row until it is whole. Throws TaskFailedForGood for one that is longer than an operator may hold.
  void check_row(std::int64_t received_before) const;
  boost::asio::awaitable<SqlResult> read_results(Fetch fetch, ResultMemory& memory, TimeText times);
  [[noreturn]] void fail(std::string message) const;
  static void on_notice(void* self, const PGresult* notice);

  PgParameters parameters_;
  operators::TryLog& log_;
  std::shared_ptr<PgSocket> socket_;
  PgConn connection_;
  int notices_ = 0;
  std::string last_words_;  // of a server that ended the connection while nothing was asked
  bool copying_out_ = false;
};

}  // namespace venturi::providers
