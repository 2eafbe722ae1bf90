// How a connection of Venturi's becomes libpq's keywords.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/connection.h"
#include "operators/arguments.h"
#include "operators/try_log.h"

namespace venturi::providers {

// What an operator says about its connection, beside the connection itself.
struct PgOptions {
  std::string database;     // instead of the connection's schema
  std::string options;      // "-c search_path=staging -c statement_timeout=60000"; instead of the connection's
  bool log_notices = true;  // what the server says on its own goes to the log
};
// The arguments `database` and `hook_params` (an object with `options` and `enable_log_db_messages`); other hook_params are
// told in the log and left out. Throws TaskFailedForGood where one is of a wrong type.
[[nodiscard]] PgOptions pg_options(const operators::Arguments& arguments, operators::TryLog& log,
                                   std::string_view hook_params = "hook_params");

struct PgParameters {
  std::vector<std::pair<std::string, std::string>> keywords;  // of libpq, the password among them
  std::chrono::milliseconds connect_timeout{10'000};          // 0: none
  std::string where;                                          // "PostgreSQL at h:5432, database d, as u (connection c)"
  bool log_notices = true;

  // nullptr where the keyword was not given.
  [[nodiscard]] const std::string* find(std::string_view keyword) const;
  void set(std::string_view keyword, std::string value);
};

// Keywords that libpq does not know are told in the log and left out. Throws TaskFailed where extra is wrong, TaskFailedForGood
// where the connection is of a type that does not speak PostgreSQL's protocol.
[[nodiscard]] PgParameters pg_parameters(const Connection& connection, operators::TryLog& log, const PgOptions& options = {});

}  // namespace venturi::providers
