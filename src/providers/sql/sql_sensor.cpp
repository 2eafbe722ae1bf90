// SqlSensor: waits until the first row of a query says so.
//
//   sql, parameters   one query
//   selector          the column of the first row that counts, from 0 on: 0
//   success           comparisons (comparison.h) that it has to pass; without them it has to be true, as Python's bool() sees
//   it failure           comparisons; where it passes them the sensor fails. They are looked at first fail_on_empty     true:
//   no row is a failure, not "not yet"
#include <algorithm>

#include <fmt/format.h>

#include "operators/outcome.h"
#include "providers/sql/comparison.h"
#include "providers/sql/python_text.h"
#include "providers/sql/sql.h"
#include "providers/sql/sql_try.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::Poke;
using operators::TaskFailed;
using operators::TaskFailedForGood;

// Nullptr where it was not given.
const Value* comparisons_of(const Arguments& arguments, std::string_view name) {
  const Value* given = arguments.find(name);
  if (given == nullptr) return nullptr;
  for (const auto& [key, bound] : given->as_object()) {
    const bool known = key == "equal_to" || key == "tolerance" ||
                       std::ranges::find(comparisons, std::string_view(key), &Comparison::name) != comparisons.end();
    if (!known) {
      throw TaskFailedForGood(
          fmt::format("{} has '{}': it may have equal_to, greater_than, geq_to, less_than, leq_to and tolerance", name, key));
    }
  }
  if (given->as_object().empty())
    throw TaskFailedForGood(fmt::format("{} is empty: leave it out, or give {{\"equal_to\": ...}}", name));
  return given;
}

}  // namespace

asio::awaitable<Poke> poke_sql(OperatorTry& t, const Arguments& arguments) {
  const Value* success = comparisons_of(arguments, "success");
  const Value* failure = comparisons_of(arguments, "failure");
  const std::int64_t column = arguments.integer("selector", 0);
  const SessionPtr session = co_await open_session(t, arguments);
  const std::string sql = arguments.string("sql");
  const Value* parameters = arguments.find("parameters");
  t.log.info(fmt::format("Poking: {} (with parameters {})", sql, parameters == nullptr ? "None" : python_repr(*parameters)));
  const std::string statement = statement_of(*session, sql, arguments);
  const std::optional<Array> row = co_await first_row(t, session, statement);
  if (!row) {
    if (arguments.boolean("fail_on_empty", false)) throw TaskFailed("No rows returned, raising as per fail_on_empty flag");
    co_return Poke{};
  }
  if (column < 0 || column >= static_cast<std::int64_t>(row->size())) {
    throw TaskFailedForGood(fmt::format("the argument selector is {}, and the query returns {} columns: it counts them from 0",
                                        column, row->size()));
  }
  const Value& condition = (*row)[static_cast<std::size_t>(column)];
  if (failure != nullptr && passes_check(*failure, condition, false)) {
    throw TaskFailed(
        fmt::format("Failure criteria met: {} passes failure = {}", python_repr(condition), python_repr(*failure)));
  }
  const bool done = success != nullptr ? passes_check(*success, condition, false) : python_bool(condition);
  co_return Poke{done, {}};
}

}  // namespace venturi::providers
