// A DAG file with operators and sensors of its own; own_test.cpp tests them.
#include <venturi/dag.h>
#include <venturi/own_notifier.h>
#include <venturi/own_operator.h>
#include <venturi/own_sensor.h>
using namespace venturi;
using namespace std::chrono_literals;

struct Archive {
  std::string table;
  Field<std::int64_t> days = 30;
  std::string execute(const Context& context) const {
    context.log().info("archiving ", table, " after ", *days);
    return table;
  }
};
VENTURI_STRUCT(Archive, table, days);
VENTURI_TEMPLATE_FIELDS(Archive, table);

struct LoadSql {
  static constexpr std::string_view template_ext[] = {".sql"};
  std::string sql;
  std::string execute(const Context&) const { return sql; }
};
VENTURI_STRUCT(LoadSql, sql);
VENTURI_TEMPLATE_FIELDS(LoadSql, sql);

struct Page {
  std::string text;
  void notify(const CallbackContext& context) const { context.log().warning(text, ": ", context.error()); }
};
VENTURI_STRUCT(Page, text);
VENTURI_TEMPLATE_FIELDS(Page, text);

std::int64_t keep() {
  return 90;
}
bool is_open(const Context& context) {
  return context.get_variable("shop", "closed") == "open";
}
SensorTask<std::int64_t> counts(std::int64_t to) {
  for (std::int64_t n = 0; n < to; ++n) co_await 1h;
  co_return to;
}

VENTURI_DAG(own) {
  dag.add("archive", Archive{.table = "orders_{{ ds_nodash }}", .days = dag.task<keep>()});
  dag.add("load", LoadSql{.sql = "load.sql"});
  dag.sensor<is_open>({.poke_interval = 10min, .timeout = 2h});
  dag.sensor<is_open>("rescheduled", {.timeout = 2h, .mode = SensorMode::reschedule, .soft_fail = true});
  dag.sensor<is_open>("at_once", {.poke_interval = 0s, .timeout = 1min});
  dag.sensor<counts>()(24);
  dag.task("fails", [] { throw std::runtime_error("the disk is full"); }, {.on_failure_callback = Page{.text = "{{ ti }}"}});
}
