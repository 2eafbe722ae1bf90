// A DAG whose tasks have unit tests: task_tests_test.cpp runs them in milliseconds, without a server.
#include <venturi/dag.h>

#include <algorithm>
using namespace venturi;

std::vector<int> numbers() { return {1, 2, 3}; }
int limited_sum(const Context& context, const std::vector<int>& list) {
  int sum = 0;
  for (const int n : list) sum += n;
  context.log().info("sum ", sum, " ", context.get_variable("cookbook_unit", "EUR"));
  return std::min(sum, static_cast<int>(context.params().get_int("limit")));
}

VENTURI_DAG(task_tests, {.params = {{"limit", 10}}}) { dag.task<limited_sum>()(dag.task<numbers>()); }
