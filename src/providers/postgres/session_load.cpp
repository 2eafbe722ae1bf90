#include "providers/postgres/session_load.h"

#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "operators/outcome.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;

constexpr std::size_t load_page_bytes = 1UL << 20U;
constexpr std::size_t put_at_once = 256UL << 10U;

asio::awaitable<Array> rows_of(std::shared_ptr<PgSession> session, std::string sql) {
  operators::HostMemory host{load_page_bytes, 0};
  operators::MemoryBudget budget(host, load_page_bytes);
  ResultMemory memory(budget);
  SqlResult result = co_await session->run(std::move(sql), Fetch::all, memory);
  co_return std::move(result.rows);
}

}  // namespace

asio::awaitable<std::vector<TableColumn>> columns_of_table(std::shared_ptr<PgSession> session, std::string table) {
  const Array rows = co_await rows_of(session, columns_query(session->literal(table), session->server_number()));
  std::vector<TableColumn> columns;
  for (const Value& row : rows)
    columns.push_back({row.as_array().at(0).as_string(), static_cast<unsigned>(row.as_array().at(1).as_int())});
  co_return columns;
}

SessionLoad::SessionLoad(std::shared_ptr<PgSession> session, LoadOptions options)
    : session_(std::move(session)), options_(std::move(options)) {}

SqlQuoting SessionLoad::quoting() const {
  return [session = session_](const std::string& name) { return session->quoted_name(name); };
}

asio::awaitable<void> SessionLoad::begin(std::string format) {
  co_await session_->execute("BEGIN");
  for (const std::string& statement : options_.before) co_await session_->execute(statement);
  if (options_.columns.empty() && options_.upsert) {
    const std::vector<TableColumn> all = co_await columns_of_table(session_, options_.table);
    for (const TableColumn& column : all) options_.columns.push_back(column.name);
  }
  columns_ = name_list(quoting(), options_.columns);
  if (options_.truncate) co_await session_->execute("TRUNCATE " + options_.table);
  if (options_.upsert) {
    if (options_.upsert->key.empty()) {
      const Array key = co_await rows_of(session_, primary_key_query(session_->literal(options_.table)));
      for (const Value& row : key) options_.upsert->key.push_back(row.as_array().at(0).as_string());
    }
    conflict_ = conflict_clause(quoting(), options_.table, options_.columns, *options_.upsert);
    co_await session_->execute(temporary_table(options_.table, columns_));
  }
  co_await session_->begin_pages(copy_target(options_, columns_) + format, {});
  const PgPage page = co_await session_->next_page({}, load_page_bytes);
  if (!page.wants_copy) throw operators::TaskFailed(session_->where() + ": the server takes no rows by COPY");
  is_copying_ = true;
}

asio::awaitable<void> SessionLoad::put(std::string bytes) {
  if (bytes.size() <= put_at_once) co_return co_await session_->put_copy(std::move(bytes));
  // libpq keeps what the server has not taken yet.
  for (std::size_t at = 0; at < bytes.size(); at += put_at_once) co_await session_->put_copy(bytes.substr(at, put_at_once));
}

asio::awaitable<std::int64_t> SessionLoad::commit() {
  co_await session_->end_copy();
  is_copying_ = false;
  PgPage page;
  while (!page.is_last) {
    PgPage next = co_await session_->next_page({}, load_page_bytes);
    if (next.affected < 0) next.affected = page.affected;
    page = std::move(next);
  }
  const std::int64_t rows = page.affected;
  if (options_.upsert) co_await session_->execute(merge_statement(quoting(), options_, columns_, conflict_));
  for (const std::string& statement : options_.after) co_await session_->execute(statement);
  co_await session_->execute("COMMIT");
  co_return rows;
}

asio::awaitable<void> SessionLoad::roll_back() {
  if (std::exchange(is_copying_, false)) {
    co_await session_->end_copy("taken back");
    co_await session_->drop_pages(true);
  }
  co_await session_->execute("ROLLBACK");
}

}  // namespace venturi::providers
