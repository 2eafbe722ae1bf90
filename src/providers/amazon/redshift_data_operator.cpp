// RedshiftDataOperator.
//
//   sql                one statement, or a list of them, which are one transaction
//   return_sql_result  false: the XCom is the list of the statements' ids; true: of their results
//   redshift_data_arguments() has the others
#include <memory>
#include <utility>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/amazon/aws_try.h"
#include "providers/amazon/redshift.h"
#include "providers/amazon/redshift_data.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;

struct Part {
  std::string id;
  bool has_result = false;
};

// Of a list the statements in it, otherwise the one.
std::vector<Part> parts_of(const Value& description) {
  std::vector<Part> parts;
  if (const Value* all = description.get("SubStatements"); all != nullptr && all->is_array()) {
    for (const Value& part : all->as_array()) parts.push_back({part.get_string("Id"), part.get_bool("HasResultSet")});
  }
  if (parts.empty()) parts.push_back({description.get_string("Id"), description.get_bool("HasResultSet")});
  return parts;
}

}  // namespace

asio::awaitable<Value> run_redshift_data(OperatorTry& t, Arguments arguments) {
  RedshiftQuery query = redshift_query(*arguments.find("sql"), arguments);
  if (const Value* parameters = arguments.find("parameters")) query.target.set("Parameters", redshift_parameters(*parameters));
  query.is_deferrable = query.waits && arguments.boolean("deferrable", false);
  const bool returns_result = arguments.boolean("return_sql_result", false);
  t.log.info("Executing statement: " + (query.sql.is_string() ? query.sql.as_string() : to_json(query.sql)));
  RedshiftData data(t, aws_source(arguments));
  arguments.forget();
  const Value description = co_await data.run(std::move(query));
  if (const Value* rows = description.get("ResultRows"); rows != nullptr && rows->is_int() && rows->as_int() >= 0)
    t.log.info("Processed " + std::to_string(rows->as_int()) + " rows");
  Array output;
  for (const Part& part : parts_of(description)) {
    if (!returns_result)
      output.emplace_back(part.id);
    else
      output.push_back(part.has_result ? co_await data.result(part.id) : Value());
  }
  data.forget_statement();
  co_return output;
}

}  // namespace venturi::providers
