#include "providers/postgres/pg_pool.h"

#include <fmt/format.h>

#include "operators/outcome.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailed;

constexpr int most_connections = 16;

// A server that computes does not look whether its client is still there, unless it is told to (PostgreSQL 14 and later): a
// statement must not go on for hours after its task and this process are gone.
constexpr const char* look_for_client =
    "SELECT set_config('client_connection_check_interval', '1000', false) "
    "WHERE current_setting('client_connection_check_interval', true) = '0'";

}  // namespace

asio::awaitable<PgUse> PgPool::take(operators::HookSession& task, std::string conn_id, PgOptions options) {
  const std::string key = conn_id + '\0' + options.database + '\0' + options.options;
  std::vector<PgSessionPtr>& free = free_[key];
  while (!free.empty()) {
    PgUse use{.session = std::move(free.back()), .key = key, .forms = {}};
    free.pop_back();
    if (use.session->is_idle()) co_return use;
    --connections_;  // the server closed it meanwhile
  }
  if (connections_ >= most_connections) {
    throw TaskFailed(
        fmt::format("this task has {} connections to PostgreSQL in use: read rows to their end, and end transactions, before "
                    "it begins more",
                    connections_));
  }
  const Connection connection =
      co_await (source != nullptr ? source(task, std::move(conn_id)) : task.host.connection(std::move(conn_id)));
  ++connections_;
  try {
    PgUse use{
        .session = co_await PgSession::open(pg_parameters(connection, task.log, options), task.log), .key = key, .forms = {}};
    task.log.info(fmt::format("connected to {}, version {}", use.session->where(), use.session->server_version()));
    try {
      co_await use.session->execute(look_for_client);
    } catch (const TaskFailed&) {
      task.log.info("the server does not look whether its client is still there (client_connection_check_interval)");
    }
    co_return use;
  } catch (...) {
    --connections_;
    throw;
  }
}

void PgPool::give_back(const PgUse& use) {
  if (use.session->is_idle())
    free_[use.key].push_back(use.session);
  else
    --connections_;
}

std::int64_t PgPool::keep(PgUse use) {
  kept_.emplace(++last_, std::move(use));
  return last_;
}

PgUse& PgPool::find(std::int64_t number, std::string_view what) {
  const auto found = kept_.find(number);
  if (found != kept_.end()) return found->second;
  throw TaskFailed(fmt::format("the {} is over, or was lost with the operator host that had its connection", what));
}

}  // namespace venturi::providers
