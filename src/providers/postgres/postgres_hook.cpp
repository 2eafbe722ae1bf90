#include "providers/postgres/postgres_hook.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "operators/outcome.h"
#include "providers/postgres/pg_pool.h"
#include "providers/postgres/sql_parameters.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::HookCall;
using operators::HookSession;
using operators::TaskFailed;
using operators::TaskFailedForGood;

// So much of a result goes with one answer.
constexpr std::size_t page_bytes = 512UL << 10U;

using Pool = std::shared_ptr<PgPool>;

PgOptions options_of(const Value& arguments) {
  return {.database = arguments.get_string("database"), .options = arguments.get_string("options")};
}

Value page_body(PgPage page, std::int64_t more, bool is_first) {
  Object body;
  if (is_first || more == 0) {
    body.add("has_rows", page.has_rows);
    body.add("columns", Array(page.columns.begin(), page.columns.end()));
    body.add("types", Array(page.types.begin(), page.types.end()));
    body.add("affected", page.affected);
  }
  if (page.is_copy) body.add("data", std::move(page.copy));
  body.add("rows", std::move(page.rows));
  body.add("more", more);
  return body;
}

// The connection of a transaction, which must not be in the middle of a reading; otherwise a free one.
asio::awaitable<PgUse> connection_for(HookSession& task, Pool pool, HookCall call) {
  const std::int64_t transaction = call.arguments.get_int("transaction");
  if (transaction == 0) co_return co_await pool->take(task, call.conn_id, options_of(call.arguments));
  const PgUse& use = pool->find(transaction, "transaction");
  if (use.reading != 0) {
    throw TaskFailed(
        "the rows of an earlier statement of this transaction are still being read: read them to their end first, or take them "
        "at "
        "once (get_records, query)");
  }
  co_return PgUse{.session = use.session, .key = use.key, .transaction = transaction, .forms = {}};
}

void statement_is_over(const Pool& pool, const PgUse& use) {
  if (use.transaction == 0) return pool->give_back(use);
  try {
    pool->find(use.transaction, "transaction").reading = 0;
  } catch (const TaskFailed&) {
    return;  // it ended meanwhile
  }
}

// A connection that is still in a transaction which no begin() began has no owner who could end it.
void check_left_open(const PgUse& use) {
  if (use.transaction != 0 || !(use.session->in_transaction() || use.session->has_failed_transaction())) return;
  throw TaskFailedForGood("the statement left a transaction open, which is rolled back: use transaction() of the hook");
}

NumberedSql statement_in(const Value& arguments) {
  const std::string sql = arguments.get_string("sql");
  if (sql.find('\0') != std::string::npos) throw TaskFailedForGood("the statement has a zero byte in it");
  if (sql.find_first_not_of(" \t\r\n") == std::string::npos) throw TaskFailedForGood("the statement is empty");
  const Value* parameters = arguments.get("parameters");
  const bool none = parameters == nullptr || (parameters->is_array() && parameters->as_array().empty()) ||
                    (parameters->is_object() && parameters->as_object().empty());
  if (none) return {sql, {}};  // as psycopg: a % is a % then
  return numbered_sql(sql, *parameters);
}

// The first page; what is behind it, where there is more, is a reading then.
asio::awaitable<Value> first_page(HookSession& task, Pool pool, PgUse use, HookCall call) {
  NumberedSql statement = statement_in(call.arguments);
  const bool only_one = call.arguments.get_string("fetch") == "one", none = call.arguments.get_string("fetch") == "none";
  const Value as = call.arguments.get_value("as");
  if (as.is_object()) use.forms = as.as_object();
  PgPage page;
  std::exception_ptr failed;
  try {
    co_await use.session->begin_pages(std::move(statement.sql), PgValues::of(statement.values));
    page = co_await use.session->next_page(use.forms, page_bytes);
    while ((only_one || none) && !page.is_last && !page.wants_copy) {
      PgPage next = co_await use.session->next_page({}, page_bytes);
      page.is_last = next.is_last;
      page.affected = next.affected;
    }
  } catch (...) {
    failed = std::current_exception();
  }
  if (page.wants_copy || (page.is_copy && call.method != "copy_out")) {
    co_await use.session->end_copy("COPY is run by load_csv and its like");
    co_await use.session->drop_pages(use.transaction != 0);
    statement_is_over(pool, use);
    throw TaskFailedForGood(
        "COPY with STDIN or STDOUT cannot be run like other statements: use load_csv, load_file, to_csv or to_file of the "
        "hook");
  }
  if (failed || page.is_last) statement_is_over(pool, use);
  if (failed) std::rethrow_exception(failed);
  if (none) page.rows.clear();
  if (only_one && page.rows.size() > 1) page.rows.resize(1);
  for (const Value& row : page.rows) task.memory.take(operators::bytes_of(row), "the result");
  if (page.is_last) {
    check_left_open(use);
    co_return page_body(std::move(page), 0, true);
  }
  const std::int64_t transaction = use.transaction, reading = pool->keep(std::move(use));
  if (transaction != 0) pool->find(transaction, "transaction").reading = reading;
  co_return page_body(std::move(page), reading, true);
}

asio::awaitable<Value> run(HookSession& task, Pool pool, HookCall call) {
  PgUse use = co_await connection_for(task, pool, call);
  co_return co_await first_page(task, pool, std::move(use), std::move(call));
}

asio::awaitable<Value> next(HookSession& task, Pool pool, HookCall call) {
  const std::int64_t reading = call.arguments.get_int("reading");
  const PgUse use = pool->find(reading, "reading of rows");
  PgPage page;
  std::exception_ptr failed;
  try {
    page = co_await use.session->next_page(use.forms, page_bytes);
  } catch (...) {
    failed = std::current_exception();
  }
  if (failed || page.is_last) {
    pool->forget(reading);
    statement_is_over(pool, use);
  }
  if (failed) std::rethrow_exception(failed);
  for (const Value& row : page.rows) task.memory.take(operators::bytes_of(row), "the result");
  const bool is_last = page.is_last;
  co_return page_body(std::move(page), is_last ? 0 : reading, false);
}

asio::awaitable<Value> drop(HookSession&, Pool pool, HookCall call) {
  const std::int64_t reading = call.arguments.get_int("reading");
  const PgUse use = pool->find(reading, "reading of rows");
  pool->forget(reading);
  co_await use.session->drop_pages(use.transaction != 0);
  statement_is_over(pool, use);
  co_return nullptr;
}

asio::awaitable<Value> begin(HookSession& task, Pool pool, HookCall call) {
  constexpr std::array levels{"read committed", "repeatable read", "serializable"};
  const std::string isolation = call.arguments.get_string("isolation");
  std::string sql = "BEGIN";
  if (!isolation.empty()) {
    if (std::ranges::find(levels, isolation) == levels.end())
      throw TaskFailedForGood("isolation must be read committed, repeatable read or serializable, not " + isolation);
    sql += " ISOLATION LEVEL " + isolation;
  }
  if (call.arguments.get_bool("read_only")) sql += " READ ONLY";
  PgUse use = co_await pool->take(task, call.conn_id, options_of(call.arguments));
  std::exception_ptr failed;
  try {
    co_await use.session->execute(sql);
  } catch (...) {
    failed = std::current_exception();
  }
  if (failed) {
    pool->give_back(use);
    std::rethrow_exception(failed);
  }
  co_return Object{{"transaction", pool->keep(std::move(use))}};
}

asio::awaitable<Value> end_transaction(HookSession&, Pool pool, HookCall call) {
  const std::int64_t number = call.arguments.get_int("transaction");
  PgUse use = pool->find(number, "transaction");
  if (use.reading != 0) {
    pool->forget(use.reading);
    co_await use.session->drop_pages(true);
  }
  const bool had_failed = use.session->has_failed_transaction();
  const bool commits = call.method == "commit";
  pool->forget(number);
  std::exception_ptr failed;
  try {
    co_await use.session->execute(commits && !had_failed ? "COMMIT" : "ROLLBACK");
  } catch (...) {
    failed = std::current_exception();
  }
  pool->give_back(use);
  if (failed) std::rethrow_exception(failed);
  if (commits && had_failed) {
    throw operators::HookFailed("the transaction cannot be committed: a statement in it failed, and it was rolled back",
                                Object{{"sqlstate", "25P02"}});
  }
  co_return nullptr;
}

asio::awaitable<Value> copy_in(HookSession& task, Pool pool, HookCall call) {
  PgUse use = co_await connection_for(task, pool, call);
  NumberedSql statement = statement_in(call.arguments);
  PgPage page;
  std::exception_ptr failed;
  try {
    co_await use.session->begin_pages(std::move(statement.sql), PgValues::of(statement.values));
    page = co_await use.session->next_page({}, page_bytes);
  } catch (...) {
    failed = std::current_exception();
  }
  if (!failed && page.wants_copy) {
    use.is_copy = true;
    const std::int64_t transaction = use.transaction, copy = pool->keep(std::move(use));
    if (transaction != 0) pool->find(transaction, "transaction").reading = copy;
    co_return Object{{"copy", copy}};
  }
  if (!failed && !page.is_last) co_await use.session->drop_pages(use.transaction != 0);
  statement_is_over(pool, use);
  if (failed) std::rethrow_exception(failed);
  throw TaskFailedForGood("the statement is no COPY ... FROM STDIN");
}

asio::awaitable<Value> put(HookSession&, Pool pool, HookCall call) {
  const PgUse use = pool->find(call.arguments.get_int("copy"), "COPY");
  co_await use.session->put_copy(call.arguments.at("data").as_string());
  co_return nullptr;
}

asio::awaitable<Value> end_of_copy(HookSession&, Pool pool, HookCall call) {
  const std::int64_t number = call.arguments.get_int("copy");
  const PgUse use = pool->find(number, "COPY");
  const std::string error = call.arguments.get_string("error");
  pool->forget(number);
  PgPage page;
  std::exception_ptr failed;
  try {
    co_await use.session->end_copy(error);
    while (!page.is_last) page = co_await use.session->next_page({}, page_bytes);
  } catch (...) {
    failed = std::current_exception();
  }
  statement_is_over(pool, use);
  if (failed && error.empty()) std::rethrow_exception(failed);
  co_return Object{{"affected", page.affected}};
}

struct Method {
  std::string_view name;
  asio::awaitable<Value> (*call)(HookSession&, Pool, HookCall);
};
constexpr std::array<Method, 10> methods{{{"run", run},
                                          {"next", next},
                                          {"drop", drop},
                                          {"begin", begin},
                                          {"commit", end_transaction},
                                          {"rollback", end_transaction},
                                          {"copy_in", copy_in},
                                          {"put", put},
                                          {"end", end_of_copy},
                                          {"copy_out", run}}};

}  // namespace

asio::awaitable<Value> call_postgres(HookSession& session, HookCall call) {
  return call_statements(session, std::move(call), "postgres", nullptr);
}

asio::awaitable<Value> call_statements(HookSession& session, HookCall call, std::string_view name, PgConnectionSource source) {
  const auto method = std::ranges::find(methods, call.method, &Method::name);
  if (method == methods.end()) {
    throw TaskFailed(
        fmt::format("the hook {} has no method '{}'; the DAG's program may be newer than the worker", name, call.method));
  }
  const auto pool = session.state<PgPool>(name);
  pool->source = source;
  co_return co_await method->call(session, pool, std::move(call));
}

}  // namespace venturi::providers
