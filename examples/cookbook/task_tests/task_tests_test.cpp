// Any test framework will do. Built with the DAG's own source and the SDK's archive:
//
//   g++ -std=c++20 task_tests.cpp task_tests_test.cpp -I$PREFIX/include $PREFIX/lib/libventuri.a -o tests && ./tests
#include <venturi/test.h>

#include <cstdio>
using namespace venturi;

int failures = 0;
void check(bool holds, const char* what) {
  if (!holds) std::printf("FAILED: %s\n", what);
  failures += holds ? 0 : 1;
}

int main() {
  // [test]
  const test::Outcome outcome = test::run_task("task_tests", "limited_sum",
                                               {.params = {{"limit", 5}},
                                                .variables = {{"cookbook_unit", "USD"}},
                                                .xcoms = {test::xcom("numbers", std::vector<int>{4, 4})}});
  check(outcome.state == "success", "it succeeds");
  check(outcome.result<int>() == 5, "the sum is limited");
  check(outcome.log.at(0) == "info: sum 8 USD", "it says so");
  // [end]
  return failures == 0 ? 0 : 1;
}
