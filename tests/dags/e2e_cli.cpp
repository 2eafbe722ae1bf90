// DAGs for the tests of the command line.
#include <venturi/dag.h>

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

using namespace venturi;
using namespace std::chrono_literals;

namespace {

std::int64_t number(const Context& context) {
  context.log().info("the number comes from params", {{"number", context.params().at("number")}});
  return context.params().at("number").as_int();
}
void tell(const Context& context, std::int64_t n) {
  context.log().info("the number is ", n, ", the date ", *context.logical_date());
}

void boom() {
  std::abort();
}
void fails(const Context& context) {
  for (int i = 1; i <= 30; ++i) context.log().info("line ", i);
  throw std::runtime_error("on purpose");
}
void quiet() {}

void at_second_try(const Context& context) {
  if (context.try_number() == 1) throw std::runtime_error("not at the first try");
}

[[noreturn]] void hang(const Context& context) {
  context.log().info("hanging");
  for (;;) ::pause();
}

void asks(const Context& context) {
  const Connection connection = context.get_connection("test_db");
  context.log().info("the host is ", connection.host, ", the limit ", context.get_variable("limit"));
  context.log().info("the password is ", connection.password);
}

}  // namespace

VENTURI_DAG(
    numbers,
    {.schedule = "@daily", .start_date = "2026-01-01", .catchup = true, .tags = {"one", "two"}, .params = {{"number", 21}}}) {
  auto n = dag.task<number>();
  dag.task<tell>()(n);
}
VENTURI_DAG(crash, {}) {
  auto first = dag.task<boom>();
  auto after = dag.task<quiet>("after");
  auto other = dag.task<quiet>("other");
  first >> after;
  (void)other;
}
VENTURI_DAG(failing, {}) {
  dag.task<fails>();
}
VENTURI_DAG(retrying, {.default_args = {.retries = 1, .retry_delay = 0s}}) {
  dag.task<at_second_try>();
}
VENTURI_DAG(hanging, {.is_paused_upon_creation = false}) {
  dag.task<hang>();
}
VENTURI_DAG(asking, {}) {
  dag.task<asks>();
}
