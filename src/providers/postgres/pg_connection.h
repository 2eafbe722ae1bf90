// A connection to PostgreSQL by libpq that never waits longer than it should: every wait ends when the mover is stopped, and
// then the server is asked to cancel what it does.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "operators/outcome.h"
#include "operators/stop_signal.h"
#include "operators/try_log.h"
#include "providers/postgres/pg_error.h"
#include "providers/postgres/pg_parameters.h"

namespace venturi::providers {

// An error of the server's, with what it says beside its text.
class PgServerError : public operators::TaskFailed {
 public:
  PgServerError(const std::string& text, std::string sqlstate_, std::string context_)
      : TaskFailed(text), sqlstate(std::move(sqlstate_)), context(std::move(context_)) {}
  std::string sqlstate, context;
};

// Text goes from any type into any other that reads it; binary is cheaper for both servers, and keeps to the same types.
enum class CopyFormat : std::uint8_t { text, binary };
// Behind COPY ... TO STDOUT or FROM STDIN.
[[nodiscard]] constexpr std::string_view words_of(CopyFormat format) {
  return format == CopyFormat::binary ? " (FORMAT binary)" : "";
}

class PgConnection {
 public:
  // Throws TaskFailed saying where and why, never with the password; Stopped. Notices go to the log, which outlives it.
  PgConnection(PgParameters parameters, const operators::StopSignal& stop, operators::TryLog& log);
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  // The result of one statement; of several, the last one's. Throws PgServerError for an error of the server's.
  [[nodiscard]] PgResult execute(const std::string& sql);
  // Names and types of the columns that a statement returns, without running it.
  [[nodiscard]] PgResult describe(const std::string& sql);

  // Begins COPY ... TO STDOUT.
  void begin_copy(const std::string& sql);
  // The next message of a COPY: in the text format a row with its line feed; empty at the end. Good until the next call.
  [[nodiscard]] std::string_view next_row();

  // Begins COPY ... FROM STDIN. Between that and its end only put() may be called; who leaves it there closes the connection,
  // and with it the transaction.
  void begin_copy_in(const std::string& sql);
  // Bytes of the copied data, not necessarily whole rows.
  void put(std::string_view bytes);
  // Returns the number of rows. An error of the data comes out here: the server tells it when it has read all of it.
  std::int64_t end_copy_in();

  // `text` as a literal of SQL, and as a name.
  [[nodiscard]] std::string literal(const std::string& text);
  [[nodiscard]] std::string quoted_name(const std::string& name);
  [[nodiscard]] const std::string& where() const { return parameters_.where; }
  [[nodiscard]] std::string server_version() const;
  [[nodiscard]] int server_number() const;  // 150018 for 15.18

 private:
  struct Freer {
    void operator()(char* memory) const { ::PQfreemem(memory); }
  };
  using Clock = std::chrono::steady_clock;

  void connect();
  // Until the socket is ready: poll's events, 0 where `until` came first. Throws Stopped, after the server was asked to cancel.
  short wait(short events, Clock::time_point until = Clock::time_point::max());
  void flush();
  void send_copied();
  [[nodiscard]] PgResult get_result();
  void send(bool sent, const char* doing);
  void check(const PGresult* result, ExecStatusType wanted) const;
  void cancel();
  [[noreturn]] void fail(std::string message) const;
  static void on_notice(void* self, const PGresult* notice);

  PgParameters parameters_;
  const operators::StopSignal& stop_;
  operators::TryLog& log_;
  PgConn connection_;
  std::unique_ptr<char, Freer> row_;
  std::string copied_;  // put() and not sent yet
  int notices_ = 0;
};

}  // namespace venturi::providers
