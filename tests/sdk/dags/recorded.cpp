// Its tasks were run once under a stock Airflow; what that said is in tests/sdk/recorded.
#include <venturi/dag.h>

using namespace venturi;
using namespace std::chrono_literals;

namespace {

std::int64_t produce(const Context& context) {
  context.log().info("producing");
  return 21;
}
std::int64_t consume(const Context& context, std::int64_t number) {
  const Connection shop = context.get_connection("shop");
  const std::string unit = context.get_variable("unit");
  const std::string missing = context.get_variable("missing", "none");
  context.xcom_push("where", shop.host + ":" + std::to_string(shop.port.value_or(0)) + ", " + unit + ", " + missing);
  return 2 * number;
}
void fail() {
  fail_task("a bad file");
}
void stumble() {
  throw std::runtime_error("the disk is full");
}
void skip() {
  skip_task("nothing to do");
}
std::string choose() {
  return "left";
}

}  // namespace

VENTURI_DAG(recorded) {
  dag.task<consume>()(dag.task<produce>());
  dag.task<fail>();
  dag.task<stumble>({.retries = 1, .execution_timeout = 1h});
  dag.task<skip>();
  dag.branch<choose>() >> Tasks{dag.empty("left"), dag.empty("right")};
}
