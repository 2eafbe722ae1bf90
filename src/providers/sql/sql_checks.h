// Checks of Airflow's common-sql, of any database that gives rows: what speaks PostgreSQL's protocol, and warehouses whose
// operators check in the same words.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>

#include "operators/arguments.h"
#include "operators/operator_try.h"
#include "venturi/value.h"

namespace venturi::providers {

// Whom a check asks. It is connected to when it is asked first: arguments that are wrong are told before that.
class CheckedDatabase {
 public:
  CheckedDatabase() = default;
  CheckedDatabase(const CheckedDatabase&) = delete;
  CheckedDatabase& operator=(const CheckedDatabase&) = delete;
  virtual ~CheckedDatabase() = default;

  // The first row of a query, values with Python's texts of time; nothing where there is none.
  [[nodiscard]] virtual boost::asio::awaitable<std::optional<Array>> first_row(std::string sql) = 0;
  // The same of a query that the operator's parameters belong to.
  [[nodiscard]] virtual boost::asio::awaitable<std::optional<Array>> first_row_with_parameters(std::string sql) = 0;
};
using CheckedDatabasePtr = std::shared_ptr<CheckedDatabase>;

// Each returns its XCom: none. The arguments are those of the operator of that name.
[[nodiscard]] boost::asio::awaitable<Value> check_sql(operators::OperatorTry& t, operators::Arguments arguments,
                                                      CheckedDatabasePtr database);
[[nodiscard]] boost::asio::awaitable<Value> check_value(operators::OperatorTry& t, operators::Arguments arguments,
                                                        CheckedDatabasePtr database);
[[nodiscard]] boost::asio::awaitable<Value> check_interval(operators::OperatorTry& t, operators::Arguments arguments,
                                                           CheckedDatabasePtr database);
[[nodiscard]] boost::asio::awaitable<Value> check_threshold(operators::OperatorTry& t, operators::Arguments arguments,
                                                            CheckedDatabasePtr database);
[[nodiscard]] boost::asio::awaitable<Value> check_column(operators::OperatorTry& t, operators::Arguments arguments,
                                                         CheckedDatabasePtr database);
[[nodiscard]] boost::asio::awaitable<Value> check_table(operators::OperatorTry& t, operators::Arguments arguments,
                                                        CheckedDatabasePtr database);

}  // namespace venturi::providers
