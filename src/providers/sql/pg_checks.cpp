// The checks over PostgreSQL's protocol.
#include <memory>
#include <utility>

#include "providers/sql/sql.h"
#include "providers/sql/sql_checks.h"
#include "providers/sql/sql_try.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;

class PgDatabase : public CheckedDatabase {
 public:
  PgDatabase(OperatorTry& t, Arguments arguments) : t_(t), arguments_(std::move(arguments)) {}

  asio::awaitable<std::optional<Array>> first_row(std::string sql) override {
    if (!session_) session_ = co_await open_session(t_, arguments_);
    co_return co_await providers::first_row(t_, session_, std::move(sql));
  }
  asio::awaitable<std::optional<Array>> first_row_with_parameters(std::string sql) override {
    if (!session_) session_ = co_await open_session(t_, arguments_);
    const std::string statement = statement_of(*session_, sql, arguments_);
    co_return co_await providers::first_row(t_, session_, statement);
  }

 private:
  OperatorTry& t_;
  Arguments arguments_;
  SessionPtr session_;
};

template <auto Check>
asio::awaitable<Value> ask_by(OperatorTry& t, Arguments arguments) {
  auto database = std::make_shared<PgDatabase>(t, arguments);
  return Check(t, std::move(arguments), std::move(database));
}

}  // namespace

asio::awaitable<Value> run_sql_check(OperatorTry& t, Arguments arguments) {
  return ask_by<check_sql>(t, std::move(arguments));
}
asio::awaitable<Value> run_value_check(OperatorTry& t, Arguments arguments) {
  return ask_by<check_value>(t, std::move(arguments));
}
asio::awaitable<Value> run_interval_check(OperatorTry& t, Arguments arguments) {
  return ask_by<check_interval>(t, std::move(arguments));
}
asio::awaitable<Value> run_threshold_check(OperatorTry& t, Arguments arguments) {
  return ask_by<check_threshold>(t, std::move(arguments));
}
asio::awaitable<Value> run_column_check(OperatorTry& t, Arguments arguments) {
  return ask_by<check_column>(t, std::move(arguments));
}
asio::awaitable<Value> run_table_check(OperatorTry& t, Arguments arguments) {
  return ask_by<check_table>(t, std::move(arguments));
}

}  // namespace venturi::providers
