#include "lanes/yaml/keys.h"

#include <algorithm>
#include <array>
#include <utility>

namespace venturi::lanes::yaml {
namespace {

using enum KeyKind;

constexpr auto of_file = std::to_array<Key>({
    {"dags", dags, "Several DAGs: their ids, each with what it is; or a list with dag_id in each"},
    {"default_args", default_args, "For the tasks of all DAGs of the file"},
});

constexpr auto of_dag = std::to_array<Key>({
    {"dag_id", id, "Its id; without it the file's name"},
    {"schedule", schedule,
     "A cron expression, a preset such as \"@daily\", a time span such as 6h, a timetable, or nothing: manual runs only"},
    {"start_date", date, "No run is scheduled for a time before it"},
    {"end_date", date, "No run is scheduled for a time after it"},
    {"timezone", text, "Of the schedule, and of dates without an offset: a name such as Europe/Berlin; UTC"},
    {"catchup", flag, "true: a run for each interval since start_date; false"},
    {"tags", texts, "To find it by"},
    {"description", text, "One line"},
    {"doc_md", text, "Markdown"},
    {"max_active_runs", integer, "Runs at once; [core] max_active_runs_per_dag", 1},
    {"max_active_tasks", integer, "Task instances of a run at once; [core] max_active_tasks_per_dag", 1},
    {"max_consecutive_failed_dag_runs", integer,
     "So many failed runs in a row pause it; [core] max_consecutive_failed_dag_runs_per_dag"},
    {"dagrun_timeout", duration, "A run that takes longer fails; none"},
    {"fail_fast", flag, "true: the first task that fails ends the run; false"},
    {"rerun_with_latest_version", flag,
     "true: what is cleared runs by the DAG as it is now, and not as its run began; [core] rerun_with_latest_version"},
    {"is_paused_upon_creation", flag, "Whether it begins paused; [core] dags_are_paused_at_creation"},
    {"default_args", default_args, "For all of its tasks that do not say otherwise: options, and arguments of their operators"},
    {"params", params, "Values that a run may replace"},
    {"template_searchpath", texts,
     "Folders in which files that arguments name (load.sql) are looked for, after that of the DAG file"},
    {"on_success_callback", callbacks, "Notifiers for a run that succeeded"},
    {"on_failure_callback", callbacks, "Notifiers for a run that failed"},
    {"deadline", deadlines, "Whom to tell when a run has not succeeded in time; one, or a list"},
    {"tasks", tasks, "Its tasks: their ids, each with what it is; or a list with task_id in each"},
    {"task_groups", task_groups, "Groups of tasks: their ids, each with what is in it; or a list with group_id in each"},
});

constexpr auto of_group = std::to_array<Key>({
    {"group_id", id, "Its id, in a list of groups"},
    {"tooltip", text, "What it is for"},
    {"prefix_group_id", flag, "false: the ids of what is in it do not begin with its own; true"},
    {"default_args", default_args, "For the tasks in it, before those of the DAG"},
    {"upstream", steps, "Tasks and groups that run before it"},
    {"downstream", steps, "Tasks and groups that run after it"},
    {"expand", expand, "Lists, by name, that all of it is mapped over; {item: name} stands for the item in its tasks"},
    {"tasks", tasks, "The tasks in it"},
    {"task_groups", task_groups, "The groups in it"},
});

constexpr auto of_deadline = std::to_array<Key>({
    {"name", text, "What the message calls it"},
    {"reference", deadline_reference, "From when the interval counts; dagrun_queued_at"},
    {"datetime", date, "Of fixed_datetime"},
    {"max_runs", integer, "Of average_runtime: of so many runs at most; 10", 1},
    {"min_runs", integer, "Of average_runtime: with fewer runs there is no deadline; max_runs", 1},
    {"interval", duration, "How long a run has from then on; 0"},
    {"callback", callbacks, "Notifiers for a deadline that was missed"},
});

constexpr auto of_asset = std::to_array<Key>({
    {"uri", text, "What it is: s3://lake/orders; its name"},
    {"name", text, "What it is known by; its uri"},
    {"group", text, "What it belongs to; asset"},
    {"extra", partial, "What else is to be known of it"},
    {"watchers", watchers,
     "In schedules: what makes events of it, {name: inbox, trigger: FileDeleteTrigger, filepath: /in/orders.csv}"},
});

constexpr auto of_asset_alias = std::to_array<Key>({
    {"alias", text, "Its name: it stands for the assets that tasks in C++ add to it"},
    {"group", text, "What it belongs to; asset"},
});

constexpr auto of_options = std::to_array<Key>({
    {"owner", text, "Who is responsible; airflow"},
    {"retries", integer, "Tries after the first one; 0"},
    {"retry_delay", duration, "Between two tries; 5m"},
    {"retry_exponential_backoff", number, "The factor by which the delay grows from try to try; 0: it does not"},
    {"max_retry_delay", duration, "The longest delay between two tries; none"},
    {"retries_on_loss", integer, "Tries after one that was lost with its worker (Venturi's own); 0"},
    {"execution_timeout", duration, "A try that takes longer fails; none"},
    {"trigger_rule", trigger_rule, "When it runs, by how its upstreams ended; all_success"},
    {"start_date", date, "Runs with a logical date before it have no such task"},
    {"end_date", date, "Runs with a logical date after it have no such task"},
    {"depends_on_past", flag, "true: only after its success, or skip, in the run before; false"},
    {"ignore_first_depends_on_past", flag, "true: not where no run before had it; false"},
    {"wait_for_downstream", flag, "true: as depends_on_past, and for the tasks directly below it too; false"},
    {"max_active_tis_per_dag", integer, "Of its instances that run at once, in all runs; no limit", 1},
    {"max_active_tis_per_dagrun", integer, "Of its instances that run at once, in one run; no limit", 1},
    {"pool", text, "The pool that its slots are taken from; default_pool"},
    {"pool_slots", integer, "How many; 1", 1},
    {"priority_weight", integer, "Which of those that wait goes first; 1", -1'000'000'000},
    {"weight_rule", weight_rule, "What the weight adds up; downstream"},
    {"queue", text, "The queue of its workers; default"},
    {"doc_md", text, "Markdown"},
    {"map_index_template", text, "A name for each instance of a mapped task, as a template"},
    {"do_xcom_push", flag, "false: its result is no XCom; true"},
    {"params", params, "Values beside those of the DAG, that a run may replace"},
    {"outlets", assets, "Assets that it makes: each of its successes is an event of them"},
    {"inlets", inlets, "Assets that it reads"},
    {"on_success_callback", callbacks, "Notifiers for a success"},
    {"on_failure_callback", callbacks, "Notifiers for a failure"},
    {"on_retry_callback", callbacks, "Notifiers for a try that failed and will be followed by another"},
    {"on_skipped_callback", callbacks, "Notifiers for a task that skips itself"},
});

constexpr auto of_task = std::to_array<Key>({
    {"task_id", id, "Its id, in a list of tasks"},
    {"operator", operator_name, "What it does: a built-in operator or sensor"},
    {"upstream", steps, "Tasks and groups that run before it"},
    {"downstream", steps, "Tasks and groups that run after it"},
    {"partial", partial, "Arguments that all instances of a mapped task have: as if they stood beside it"},
    {"expand", expand, "Arguments that it is mapped over: a list for each, or {xcom: task}"},
    {"expand_kwargs", expand_kwargs, "A list of mappings, or {xcom: task}: each instance takes the arguments of one"},
    {"as_setup", flag, "true: it makes something for the tasks behind it"},
    {"as_teardown", teardown,
     "true, the setups whose work it removes, or {setups: ..., on_failure_fail_dagrun: ...}: it runs whatever became of the "
     "tasks "
     "between"},
});

constexpr auto advice = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"schedule_interval", "Airflow 3 calls it `schedule`"},
    {"timetable", "write it as `schedule: {timetable: ...}`"},
    {"depends_on", "write `upstream`, or `downstream` in the other task"},
    {"dependencies", "write `upstream`, or `downstream` in the other task"},
    {"upstream_task_ids", "write `upstream`"},
    {"downstream_task_ids", "write `downstream`"},
    {"after", "write `upstream`"},
    {"needs", "write `upstream`"},
    {"task_group_name", "put the task below `task_groups: {NAME: {tasks: ...}}`"},
    {"is_setup", "write `as_setup`"},
    {"is_teardown", "write `as_teardown`"},
    {"setup", "write `as_setup`"},
    {"teardown", "write `as_teardown`"},
    {"doc", "write `doc_md`"},
    {"concurrency", "Airflow 3 calls it `max_active_tasks`"},
    {"fail_stop", "Airflow 3 calls it `fail_fast`"},
    {"user_defined_macros", "macros of one's own need code: write the DAG in C++"},
    {"python_callable", "functions need code: write the DAG in C++, or use an operator"},
    {"on_execute_callback", "it takes functions, which need code: write the DAG in C++"},
    {"email", "write `on_failure_callback: {notifier: SmtpNotifier, to: ...}`"},
    {"email_on_failure", "write `on_failure_callback: {notifier: SmtpNotifier, to: ...}`"},
    {"email_on_retry", "write `on_retry_callback: {notifier: SmtpNotifier, to: ...}`"},
    {"sla", "Airflow 3 has none: write `execution_timeout` or `dagrun_timeout`"},
    {"provide_context", "it is not needed: templates know the context"},
    {"zip", "put the lists side by side in `expand_kwargs`"},
});

constexpr auto trigger_rules = std::to_array<std::string_view>(
    {"all_success", "all_failed", "all_done", "all_done_min_one_success", "all_done_setup_success", "one_success", "one_failed",
     "one_done", "none_failed", "none_skipped", "none_failed_min_one_success", "always", "all_skipped"});
constexpr auto deadline_references =
    std::to_array<std::string_view>({"dagrun_queued_at", "dagrun_logical_date", "fixed_datetime", "average_runtime"});
constexpr auto weight_rules = std::to_array<std::string_view>({"downstream", "upstream", "absolute"});

}  // namespace

std::span<const Key> dag_keys() {
  return of_dag;
}
std::span<const Key> group_keys() {
  return of_group;
}
std::span<const Key> option_keys() {
  return of_options;
}
std::span<const Key> deadline_keys() {
  return of_deadline;
}
std::span<const Key> asset_keys() {
  return of_asset;
}
std::span<const Key> asset_alias_keys() {
  return of_asset_alias;
}
std::span<const Key> task_keys() {
  return of_task;
}
std::span<const Key> file_keys() {
  return of_file;
}

const Key* find_key(std::span<const Key> keys, std::string_view name) {
  const auto found = std::ranges::find(keys, name, &Key::name);
  return found == keys.end() ? nullptr : &*found;
}

void add_names(std::vector<std::string>& names, std::span<const Key> keys) {
  for (const Key& key : keys) names.emplace_back(key.name);
}

std::string_view advice_for(std::string_view unknown_key) {
  const auto found = std::ranges::find(advice, unknown_key, &std::pair<std::string_view, std::string_view>::first);
  return found == advice.end() ? std::string_view() : found->second;
}

std::span<const std::string_view> trigger_rule_words() {
  return trigger_rules;
}
std::span<const std::string_view> weight_rule_words() {
  return weight_rules;
}
std::span<const std::string_view> deadline_reference_words() {
  return deadline_references;
}

}  // namespace venturi::lanes::yaml
