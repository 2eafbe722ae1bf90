// What the SQL operators have in common: their connection, statements with parameters, first rows, and how a check fails.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>

#include "operators/arguments.h"
#include "operators/operator_try.h"
#include "providers/postgres/pg_session.h"

namespace venturi::providers {

using SessionPtr = std::shared_ptr<PgSession>;

// The session that the arguments conn_id, database and hook_params (or however that one is called) say.
[[nodiscard]] boost::asio::awaitable<SessionPtr> open_session(operators::OperatorTry& t, operators::Arguments arguments,
                                                              std::string_view hook_params = "hook_params");

// The statement with the argument `parameters` in it. As text they are read as JSON: a template may have made them.
[[nodiscard]] std::string statement_of(PgSession& session, const std::string& sql, const operators::Arguments& arguments);

// The first row of a query, values with Python's texts of time; nothing where there is none.
[[nodiscard]] boost::asio::awaitable<std::optional<Array>> first_row(operators::OperatorTry& t, SessionPtr session,
                                                                     std::string sql);

// Throws TaskFailed, TaskFailedForGood where the argument retry_on_failure is false.
[[noreturn]] void fail_check(const operators::Arguments& arguments, const std::string& text);
[[noreturn]] void fail_without_rows(const operators::Arguments& arguments, const std::string& sql);

// A number, or a text that is one.
[[nodiscard]] std::optional<double> number_in(const Value& value);
// y, yes, t, true, on, 1 and their opposites, in any case.
[[nodiscard]] std::optional<bool> boolean_in(std::string_view text);

}  // namespace venturi::providers
