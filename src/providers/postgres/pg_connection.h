// A connection to PostgreSQL by libpq that never waits longer than it should: every wait ends when the mover is stopped, and
// then the server is asked to cancel what it does.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/connection.h"
#include "operators/stop_signal.h"
#include "operators/try_log.h"

namespace venturi::providers {

struct PgParameters {
  std::vector<std::pair<std::string, std::string>> keywords;  // of libpq, the password among them
  std::chrono::milliseconds connect_timeout{10'000};          // 0: none
  std::string where;                                          // "PostgreSQL at h:5432, database d, as u (connection c)"
};

// Keywords that libpq does not know are told in the log and left out. Throws TaskFailed where extra is wrong.
[[nodiscard]] PgParameters pg_parameters(const Connection& connection, operators::TryLog& log);

struct PgResultDeleter {
  void operator()(PGresult* result) const { ::PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, PgResultDeleter>;

class PgConnection {
 public:
  // Throws TaskFailed saying where and why, never with the password; Stopped.
  PgConnection(PgParameters parameters, const operators::StopSignal& stop);
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  // The result of one statement; of several, the last one's. Throws TaskFailed for an error of the server's.
  [[nodiscard]] PgResult execute(const std::string& sql);
  // Names and types of the columns that a statement returns, without running it.
  [[nodiscard]] PgResult describe(const std::string& sql);

  // Begins COPY ... TO STDOUT.
  void begin_copy(const std::string& sql);
  // The next row as COPY's text format has it, with its line feed; empty at the end. Good until the next call.
  [[nodiscard]] std::string_view next_row();

  // `text` as a literal of SQL.
  [[nodiscard]] std::string literal(const std::string& text);
  [[nodiscard]] const std::string& where() const { return parameters_.where; }
  [[nodiscard]] std::string server_version() const;

 private:
  struct Closer {
    void operator()(PGconn* connection) const { ::PQfinish(connection); }
  };
  struct Freer {
    void operator()(char* memory) const { ::PQfreemem(memory); }
  };
  using Clock = std::chrono::steady_clock;

  void connect();
  // Until the socket is ready. Throws Stopped, after the server was asked to cancel. False where `until` came first.
  bool wait(short events, Clock::time_point until = Clock::time_point::max());
  [[nodiscard]] PgResult get_result();
  void send(bool sent, const char* doing);
  void check(const PGresult* result, ExecStatusType wanted) const;
  void cancel();
  [[noreturn]] void fail(std::string message) const;

  PgParameters parameters_;
  const operators::StopSignal& stop_;
  std::unique_ptr<PGconn, Closer> connection_;
  std::unique_ptr<char, Freer> row_;
};

}  // namespace venturi::providers
