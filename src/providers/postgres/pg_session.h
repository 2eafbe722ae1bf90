// A connection to PostgreSQL in the operator host: coroutines over libpq's non-blocking calls. Nothing here blocks the loop,
// names of hosts included, and every wait ends when its try is cancelled; the server is then asked to cancel, too.
#pragma once

#include <libpq-fe.h>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
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

  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] std::string literal(const std::string& text);
  [[nodiscard]] const std::string& where() const { return parameters_.where; }
  [[nodiscard]] std::string server_version() const;

 private:
  PgSession(PgParameters parameters, operators::TryLog& log);
  boost::asio::awaitable<void> connect();
  boost::asio::awaitable<void> resolve_hosts();
  boost::asio::awaitable<void> poll_until_connected();
  boost::asio::awaitable<void> send(std::string sql);
  boost::asio::awaitable<void> wait_for_result();
  boost::asio::awaitable<SqlResult> read_results(Fetch fetch, ResultMemory& memory, TimeText times);
  [[noreturn]] void fail(std::string message) const;
  static void on_notice(void* self, const PGresult* notice);

  PgParameters parameters_;
  operators::TryLog& log_;
  std::shared_ptr<PgSocket> socket_;
  PgConn connection_;
  int notices_ = 0;
};

}  // namespace venturi::providers
