// One DAG with everything that a description can hold.
#include <venturi/dag.h>

#include <map>

using namespace venturi;
using namespace std::chrono_literals;

namespace {

struct Counts {
  std::int64_t bad = 0, all = 0;
  std::map<std::string, std::int64_t> by_status;
};
VENTURI_STRUCT(Counts, bad, all, by_status);

Counts count(const RunFile&) {
  return {};
}
std::string choose(std::int64_t bad) {
  return bad > 0 ? "mail" : "quiet";
}
bool is_workday(const Context& context) {
  return context.run_type() == "scheduled";
}
void tell(const CallbackContext& context) {
  context.log().warning(context.error());
}

}  // namespace

VENTURI_DAG(
    described,
    {.schedule = "30 5 * * 1-5",
     .start_date = "2026-01-01",
     .timezone = "Europe/Moscow",
     .catchup = true,
     .tags = {"etl"},
     .description = "all of it",
     .max_active_runs = 2,
     .max_active_tasks = 4,
     .dagrun_timeout = 2h,
     .is_paused_upon_creation = false,
     .default_args = {.owner = "team", .retries = 2, .retry_delay = 30s, .on_failure_callback = email_to("ops@example.com")},
     .params = {{"limit", 10}},
     .template_searchpath = {"sql"},
     .on_failure_callback = tell}) {
  auto circuit = dag.short_circuit<is_workday>({.retries = 0});
  auto rows = dag.add(CsvToFileOperator{.task_id = "read", .path = "/data/orders.csv", .columns = {{"id", ColumnType::int64}}},
                      {.execution_timeout = 10min, .pool = "files", .pool_slots = 2});
  auto counts = dag.task<count>({.retry_exponential_backoff = 2, .max_retry_delay = 5min, .retries_on_loss = 1})(rows);
  auto branch = dag.branch<choose>()(counts.get(&Counts::bad));
  auto mail =
      dag.add(EmailOperator{.task_id = "mail", .to = {"a@example.com"}, .subject = "orders", .text_content = "see there"},
              {.on_failure_callback = {tell, email_to("b@example.com")}});
  auto quiet = dag.empty("quiet");
  auto end =
      dag.add(BashOperator{.task_id = "end", .bash_command = "true"}, {.trigger_rule = TriggerRule::none_failed_min_one_success,
                                                                       .priority_weight = 5,
                                                                       .weight_rule = WeightRule::absolute,
                                                                       .queue = "slow"});
  circuit >> rows;
  branch >> Tasks{mail, quiet} >> end;
}
