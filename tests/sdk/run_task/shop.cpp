// A DAG file; shop_test.cpp tests its tasks.
#include <venturi/dag.h>
#include <venturi/lazy_xcoms.h>
#include <algorithm>
using namespace venturi;

struct Order {
  std::optional<std::int64_t> id;
};
VENTURI_STRUCT(Order, id);

std::vector<int> numbers() {
  return {};
}
int limited_sum(const Context& context, const std::vector<int>& list) {
  int sum = 0;
  for (const int n : list) sum += n;
  const auto limit = context.params().get_int("limit");
  context.log().info("sum ", sum, " ", context.get_variable("unit", "EUR"));
  if (context.get_connection("shop").password != "geheim") fail_task("a wrong password");
  context.xcom_push("raw", sum);
  context.set_variable("last", std::to_string(sum));
  return static_cast<int>(std::min<std::int64_t>(sum, limit));
}
RunFile no_rows(const Context& context) {
  RunFileWriter file = context.create_run_file("rows", columns_of<Order>());
  file.int64(7);
  file.end_row();
  return file.finish();
}
std::int64_t sum_of_ids(const RunFile& rows) {
  std::int64_t sum = 0;
  for (const Order& row : rows.rows<Order>()) sum += row.id.value_or(0);
  return sum;
}

const Asset stock{"s3://stock"};
const AssetAlias files{"files"};
std::string read_events(const Context& context) {
  std::string text = context.triggering_asset_events().at(0).source_run_id;
  for (const AssetEvent& event : context.inlet_events(files, {.ascending = false, .limit = 1})) text += " " + event.asset.uri;
  context.outlet_events(stock).set_extra(Object{{"read", text}});
  return text;
}
std::int64_t sum_of_all(const LazyXComSequence<std::int64_t>& all) {
  std::int64_t sum = static_cast<std::int64_t>(all.size()) * 1000;
  for (const std::int64_t n : all) sum += n;
  return sum;
}

VENTURI_DAG(shop, {.params = {{"limit", 10}}}) {
  dag.task<limited_sum>()(dag.task<numbers>());
  dag.task<sum_of_ids>()(dag.task<no_rows>());
  dag.task<read_events>({.outlets = {stock}, .inlets = {files}});
  dag.task<sum_of_all>()(dag.task("same", [](int n) { return n; })(expand({1, 2})));
  dag.task("flaky", [](const Context& context) { throw std::runtime_error("try " + std::to_string(context.try_number())); });
  dag.task("lazy", [](const Context& context) { skip_task(context.logical_date() ? "a holiday" : "no date"); });
  dag.branch("way", [] { return std::string("left"); }) >> Tasks{dag.empty("left"), dag.empty("right")};
}
