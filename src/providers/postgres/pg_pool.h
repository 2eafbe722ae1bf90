// The connections to PostgreSQL that a task has in the host, and what goes on over each.
//
//   free ──take()──▶ a statement ──give_back()──▶ free
//                      ├─ its rows are read in pages: a reading ──to its end, or dropped──▶ free
//                      └─ BEGIN: a transaction ──COMMIT, ROLLBACK──▶ free
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "operators/hook_session.h"
#include "providers/postgres/pg_session.h"

namespace venturi::providers {

using PgSessionPtr = std::shared_ptr<PgSession>;

// A connection that is somebody's.
struct PgUse {
  PgSessionPtr session;
  std::string key;               // which free ones it belongs to
  std::int64_t transaction = 0;  // of a reading: the transaction that it is in; 0: none
  std::int64_t reading = 0;      // of a transaction: what is being read in it; 0: nothing
  PgForms forms;                 // of a reading
  bool is_copy = false;
};

// Gives the connection of that conn_id, ready to log in with.
using PgConnectionSource = boost::asio::awaitable<Connection> (*)(operators::HookSession& task, std::string conn_id);

class PgPool {
 public:
  PgConnectionSource source = nullptr;  // null: as it is stored
  // A free connection, or a new one. Throws TaskFailed.
  [[nodiscard]] boost::asio::awaitable<PgUse> take(operators::HookSession& task, std::string conn_id, PgOptions options);
  // Free again, where the server's side is; closed otherwise.
  void give_back(const PgUse& use);

  // Readings and transactions have numbers of one sequence.
  std::int64_t keep(PgUse use);
  // Throws TaskFailed where there is none such (any more).
  [[nodiscard]] PgUse& find(std::int64_t number, std::string_view what);
  void forget(std::int64_t number) { kept_.erase(number); }

 private:
  std::map<std::string, std::vector<PgSessionPtr>> free_;
  std::map<std::int64_t, PgUse> kept_;
  std::int64_t last_ = 0;
  int connections_ = 0;
};

}  // namespace venturi::providers
