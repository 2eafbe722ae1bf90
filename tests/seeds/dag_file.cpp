#include "seeds/dag_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace venturi::seeds {

using namespace std::chrono_literals;

namespace {

Value typed(std::string type, Value var) {
  return Object{{"__type", std::move(type)}, {"__var", std::move(var)}};
}

double seconds_since_1970(Time t) {
  return to_seconds(t.time_since_epoch());
}

Object asset(int number) {
  const std::string name = fmt::format("asset_{}", number);
  return {{"name", name}, {"uri", "file://" + name}, {"group", "asset"}, {"extra", Object{}}};
}

Object alias(int number) {
  return {{"name", fmt::format("alias_{}", number)}, {"group", "asset"}};
}

}  // namespace

AssetKey asset_through_an_alias(LaunchToken token) {
  const std::string name = fmt::format("asset_{}", token.sequence % (most_assets + 1));
  return {name, "file://" + name};
}

std::optional<std::string> partition_by_chance(std::uint64_t number) {
  if (number % 2 == 0) return std::nullopt;
  return fmt::format("p{}", number % 3);
}

DagFile::DagFile(Random& random, int number, Time start)
    : random_(random), dag_id_(fmt::format("dag_{}", number)), start_(start), kind_(), is_patient_(random.one_in(5)) {
  switch (random_.below(10)) {
    case 0:
    case 1:
      kind_ = Kind::by_hand;
      break;
    case 2:
    case 3:
    case 4:
    case 5:
      kind_ = Kind::by_time;
      break;
    case 6:
      kind_ = Kind::continuous;
      break;
    case 7:
    case 8:
      kind_ = Kind::by_assets;
      break;
    default:
      kind_ = Kind::by_assets_or_time;
  }
  change();
}

void DagFile::change() {
  Object dag{{"dag_id", dag_id_},
             {"timezone", "UTC"},
             {"timetable", timetable()},
             {"start_date", seconds_since_1970(start_ - random_.up_to(30min))},
             {"catchup", random_.one_in(2)},
             {"is_paused_upon_creation", random_.one_in(8)},
             {"max_active_runs", random_.between(1, 3)},
             {"max_active_tasks", random_.between(1, 4)},
             {"fail_fast", random_.one_in(10)}};
  // What waits for a failed task of the run before waits for ever.
  if (is_patient_ || random_.one_in(8)) dag.add("dagrun_timeout", random_.between(60, 900));
  if (!is_retired_ && random_.one_in(6)) dag.add("max_consecutive_failed_dag_runs", random_.between(1, 3));
  if (random_.one_in(4)) dag.add(random_.one_in(2) ? "has_on_failure_callback" : "has_on_success_callback", true);
  Value tasks_of_it = tasks(dag);
  dag.add("tasks", std::move(tasks_of_it));
  auto read = read_serialized_dag(Object{{"__version", 3}, {"dag", std::move(dag)}});
  if (!read) throw std::runtime_error("a DAG by chance is none: " + read.error().text());
  read->version_id = fmt::format("{}_v{}", dag_id_, ++version_);
  read->relative_fileloc = dag_id_ + ".cpp";
  read->fileloc = "/dags/" + dag_id_ + ".cpp";
  read->program = "/cache/" + dag_id_;
  dag_ = std::make_shared<const Dag>(std::move(*read));
}

void DagFile::retire() {
  kind_ = Kind::by_hand;
  is_retired_ = true;
  change();
}

// ---- when it runs --------------------------------------------------------------------------------------------------------

Value DagFile::timetable() {
  const auto by_time = [&] {
    const std::string expression = fmt::format("*/{} * * * *", random_.one_of(std::array{3, 5, 10, 20}));
    const Object cron{{"expression", expression}, {"timezone", "UTC"}, {"interval", 0.0}, {"run_immediately", false}};
    const Object delta{{"delta", random_.between(3, 15) * 60}, {"interval", 0.0}};
    switch (random_.below(5)) {
      case 4:  // of the program's own, which Server::answer() plays
        return typed("venturi.program.ByChance", Object{{"minutes", random_.between(3, 15)}, {"_summary", "by chance"}});
      case 0:
        return typed("airflow.timetables.trigger.CronTriggerTimetable", cron);
      case 1:
        return typed("airflow.timetables.trigger.DeltaTriggerTimetable", delta);
      case 2:
        return typed("airflow.timetables.interval.DeltaDataIntervalTimetable", delta);
      default:
        return typed("airflow.timetables.interval.CronDataIntervalTimetable", cron);
    }
  };
  switch (kind_) {
    case Kind::by_hand:
      return typed("airflow.timetables.simple.NullTimetable", Object{});
    case Kind::by_time:
      return by_time();
    case Kind::continuous:
      return typed("airflow.timetables.simple.ContinuousTimetable", Object{});
    case Kind::by_assets:
      if (random_.one_in(3))
        return typed("airflow.timetables.simple.PartitionedAssetTimetable", Object{{"asset_condition", condition()}});
      return typed("airflow.timetables.simple.AssetTriggeredTimetable", Object{{"asset_condition", condition()}});
    case Kind::by_assets_or_time:
      return typed("airflow.timetables.assets.AssetOrTimeSchedule",
                   Object{{"asset_condition", condition()}, {"timetable", by_time()}});
  }
  return {};
}

// One asset or alias, all or any of some, or an AND of ORs.
Value DagFile::condition() {
  const auto leaf = [&] {
    const bool is_alias = random_.one_in(4);
    Object one = is_alias ? alias(random_.below(most_aliases)) : asset(random_.below(most_assets));
    one.set("__type", is_alias ? "asset_alias" : "asset");
    return Value(std::move(one));
  };
  const auto any_or_all = [&](auto make) {
    Array objects;
    for (int n = random_.between(1, 3); n > 0; --n) objects.push_back(make());
    return Value(Object{{"__type", random_.one_in(2) ? "asset_all" : "asset_any"}, {"objects", std::move(objects)}});
  };
  switch (random_.below(3)) {
    case 0:
      return leaf();
    case 1:
      return any_or_all(leaf);
    default:
      return any_or_all([&] { return any_or_all(leaf); });
  }
}

// ---- its tasks -----------------------------------------------------------------------------------------------------------

Value DagFile::tasks(Object& dag) {
  const int count = random_.between(1, 7);
  std::vector<Object> all;
  std::vector<Array> downstream(static_cast<std::size_t>(count));
  const int first_of_group = random_.one_in(4) ? random_.between(1, 5) : count;
  const int last_of_group = first_of_group + random_.below(3);
  Object children;
  Value lists_of_group;
  for (int i = 0; i < count; ++i) {
    const std::string task_id = fmt::format("t{}", i);
    Object task{
        {"task_id", task_id}, {"task_type", "CppTask"}, {"_task_module", "venturi.program"}, {"weight_rule", "absolute"}};
    std::vector<int> upstream;
    for (int j = 0; j < i; ++j) {
      if (!random_.one_in(3)) continue;
      upstream.push_back(j);
      downstream[static_cast<std::size_t>(j)].push_back(task_id);
    }
    if (random_.one_in(6)) task.set("weight_rule", "venturi.program.ByChance");  // which Server::answer() plays
    add_limits(task);
    // Runs of a @continuous DAG follow each other at once: one that takes no time would be followed for ever.
    const bool takes_time = i == 0 && kind_ == Kind::continuous;
    auto rule = static_cast<TriggerRule>(
        takes_time || !random_.one_in(3) ? 0 : random_.below(static_cast<int>(TriggerRule::all_skipped) + 1));
    const bool is_in_group = i >= first_of_group && i <= last_of_group;
    if (is_in_group && rule == TriggerRule::always) rule = TriggerRule::all_done;
    const bool is_setup = !is_in_group && random_.one_in(10), is_teardown = !is_setup && random_.one_in(10);
    if (is_setup) task.add("is_setup", true);
    if (is_teardown) {
      task.add("is_teardown", true);
      rule = TriggerRule::all_done_setup_success;
    }
    task.add("trigger_rule", to_string(rule));
    if (!takes_time && random_.one_in(8)) {
      task.set("task_type", "EmptyOperator");
      task.set("_task_module", "venturi.operators.empty");
    }
    if (is_in_group) {
      if (i == first_of_group) {
        Object first;
        add_mapping(first, upstream);
        lists_of_group = first.at("expand_input");
      }
      children.add(task_id, Array{"operator", task_id});
    } else if (!takes_time && random_.one_in(5)) {
      add_mapping(task, upstream);
    }
    Array outlets;
    if (random_.one_in(4)) outlets.push_back(typed("asset", asset(random_.below(most_assets))));
    if (random_.one_in(6)) outlets.push_back(typed("asset_alias", alias(random_.below(most_aliases))));
    if (!outlets.empty()) task.add("outlets", std::move(outlets));
    all.push_back(std::move(task));
  }
  if (!children.empty()) {
    Object group{{"_group_id", "g"}, {"children", std::move(children)}, {"is_mapped", true}, {"expand_input", lists_of_group}};
    dag.add("task_group",
            Object{{"_group_id", nullptr}, {"children", Object{{"g", Array{"taskgroup", Value(std::move(group))}}}}});
  }
  Array list;
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].add("downstream_task_ids", std::move(downstream[i]));
    list.push_back(typed("operator", std::move(all[i])));
  }
  return list;
}

void DagFile::add_limits(Object& task) {
  task.add("retries", random_.below(3));
  task.add("retries_on_loss", random_.below(2));
  task.add("retry_delay", random_.below(100));
  task.add("priority_weight", random_.between(1, 3));
  if (random_.one_in(3)) {
    task.add("pool", small_pool);
    task.add("pool_slots", random_.between(1, 2));
  }
  if (random_.one_in(6)) task.add("max_active_tis_per_dag", random_.between(1, 2));
  if (random_.one_in(6)) task.add("max_active_tis_per_dagrun", random_.between(1, 2));
  if (is_patient_ && random_.one_in(3)) {
    task.add("depends_on_past", true);
    task.add("wait_for_downstream", random_.one_in(2));
    task.add("ignore_first_depends_on_past", random_.one_in(2));
  }
  if (random_.one_in(6))
    task.add(random_.one_of(std::array{"has_on_failure_callback", "has_on_retry_callback", "has_on_success_callback"}), true);
}

// Over a constant, or what a task above it gives.
void DagFile::add_mapping(Object& task, const std::vector<int>& upstream) {
  Object lists;
  for (int axis = random_.between(1, 2); axis > 0; --axis) {
    const std::string name = fmt::format("x{}", axis);
    if (upstream.empty() || random_.one_in(3))
      lists.add(name, Array(static_cast<std::size_t>(random_.below(4)), Value(1)));
    else
      lists.add(name,
                typed("xcomref", Object{{"task_id", fmt::format("t{}", random_.one_of(upstream))}, {"key", "return_value"}}));
  }
  task.add("_is_mapped", true);
  task.add("_expand_input_attr", "expand_input");
  task.add("expand_input", Object{{"type", "dict-of-lists"}, {"value", typed("dict", std::move(lists))}});
}

// ---- in words ------------------------------------------------------------------------------------------------------------

std::string words(const Dag& dag) {
  const std::string type = dag.timetable.get_string("__type");
  std::string text =
      fmt::format("{}, {}, max_active_runs {}, max_active_tasks {}{}{}:", dag.version_id, type.substr(type.rfind('.') + 1),
                  dag.max_active_runs.value_or(0), dag.max_active_tasks.value_or(0), dag.catchup ? ", catchup" : "",
                  dag.fail_fast ? ", fail_fast" : "");
  for (const Task& task : dag.tasks) {
    text += fmt::format(" {}", task.task_id);
    if (task.is_mapped()) text += task.mapped_group ? "[group]" : "[]";
    if (!task.upstream.empty()) text += " after";
    for (const TaskIndex above : task.upstream) text += " " + dag.tasks[above].task_id;
    if (task.trigger_rule != TriggerRule::all_success) text += fmt::format(" by {}", to_string(task.trigger_rule));
    if (task.pool != "default_pool") text += fmt::format(" pool {} of {}", task.pool_slots, task.pool);
    if (task.max_active_tis_per_dag) text += fmt::format(" per_dag {}", *task.max_active_tis_per_dag);
    if (task.max_active_tis_per_dagrun) text += fmt::format(" per_dagrun {}", *task.max_active_tis_per_dagrun);
    for (const auto& [flag, name] :
         {std::pair(task.engine_ends_it(), "empty"), std::pair(task.is_setup, "setup"), std::pair(task.is_teardown, "teardown"),
          std::pair(task.depends_on_past, "depends_on_past"), std::pair(task.wait_for_downstream, "wait_for_downstream")}) {
      if (flag) text += fmt::format(" {}", name);
    }
    text += task.task_id == dag.tasks.back().task_id ? "" : ",";
  }
  return text;
}

}  // namespace venturi::seeds
