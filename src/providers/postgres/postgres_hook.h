// The hook `postgres` of tasks: statements over connections that the try keeps in the host.
//
//   run{sql, parameters, fetch, as, ...}       {columns, rows, affected, more}      `more`: the number of a reading that goes
//   on next{reading} ─▶ {rows, more}              drop{reading} begin{isolation, read_only} ─▶ {transaction}
//   commit{transaction}       rollback{transaction} copy_in{sql} ─▶ {copy}    put{copy, data}    end{copy, error} ─▶ {affected}
//   copy_out{sql} ─▶ {data, more}              next{reading} ─▶ {data, more}
//
// `database` and `options` go with each, as with the operators; with `transaction` a statement runs in that one, otherwise by
// itself, over a connection that is free. A statement waits; the memory that it takes is that of a page.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "operators/hook_session.h"
#include "operators/registry.h"
#include "providers/postgres/pg_pool.h"

namespace venturi::providers {

[[nodiscard]] boost::asio::awaitable<Value> call_postgres(operators::HookSession& session, operators::HookCall call);

// The same for what speaks PostgreSQL's protocol and gets its login elsewhere: the hook `name`.
[[nodiscard]] boost::asio::awaitable<Value> call_statements(operators::HookSession& session, operators::HookCall call,
                                                            std::string_view name, PgConnectionSource source);

}  // namespace venturi::providers
