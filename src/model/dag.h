// The one DAG model, whatever lane a DAG came from: read from Airflow's serialized DAG (format version 3), which is also
// what the store keeps and the API shows.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/state.h"
#include "model/task_list.h"
#include "venturi/value.h"

namespace venturi {

// Which callbacks a task or DAG declares (kwargs has_on_*_callback of the serialized form).
struct Callbacks {
  bool on_execute = false, on_success = false, on_failure = false, on_retry = false, on_skipped = false;
  // Built-in notifiers as data, by event ("on_failure_callback", ...): run by the operator host. An array of
  // {"classpath": "venturi.notifiers.smtp.SmtpNotifier", "kwargs": {...}} per event; an empty object where there are none.
  Object notifiers;
  // True where anything, function or notifier, waits for this event ("failure", "success", "retry", "skipped").
  [[nodiscard]] bool wants(std::string_view event) const;
};

// A list that a mapped task goes over (Airflow's expand): an XCom, a constant, or lists that are joined. What is done with its
// items (Airflow's map) does not change its length.
struct MappedList {
  enum class Join : std::uint8_t {
    none,
    concat,       // one after the other
    zip,          // side by side, as long as the shortest
    zip_longest,  // ... as the longest (zip with a fillvalue)
  };
  std::optional<TaskIndex> task = {};  // whose XCom it is; nothing: a constant
  std::string key = {};
  std::int32_t length = 0;  // of the constant
  Join join = Join::none;   // other than none: of `parts`
  std::vector<MappedList> parts = {};

  // Calls `visit` for each XCom and constant in it, in order.
  template <class Visit>
  void for_each_source(const Visit& visit) const {
    if (join == Join::none) return visit(*this);
    for (const MappedList& part : parts) part.for_each_source(visit);
  }
};

// What an asset is known by.
struct AssetKey {
  std::string name, uri;
  friend bool operator==(const AssetKey&, const AssetKey&) = default;
  friend auto operator<=>(const AssetKey&, const AssetKey&) = default;
};
// An asset that a task makes (Airflow's outlets): its success is an event of it. Or one that it reads (inlets).
struct Outlet {
  AssetKey key;
  std::string group;
  Value extra;
};
// Through which a task comes to assets that it does not know before it runs.
struct OutletAlias {
  std::string name, group;
};

// Of a DAG's runs (Airflow's): one that has not succeeded `interval` after its reference is told of, once.
struct DeadlineAlert {
  enum class Reference : std::uint8_t {
    dagrun_queued_at,
    dagrun_logical_date,  // runs without one have no such deadline
    fixed_datetime,
    average_runtime,  // of the DAG's last runs, from when the run is queued
  };
  std::string name;
  Reference reference = Reference::dagrun_queued_at;
  std::optional<Time> datetime;               // of fixed_datetime
  std::int32_t max_runs = 10, min_runs = 10;  // of average_runtime: of so many runs at most; with fewer there is no deadline
  Duration interval{};
  bool has_function = false;
  Value notifiers = Array{};  // as those of Callbacks
};

struct Task {
  std::string task_id;
  std::string task_type;    // class name: "BashOperator", "EmptyOperator", "CppTask", ...
  std::string task_module;  // "_task_module"; code of the DAG's own program has "venturi.program"
  TriggerRule trigger_rule = TriggerRule::all_success;
  TaskList upstream, downstream;
  std::optional<std::uint32_t> edges_above, edges_below;  // all its upstreams, or downstreams, are one of Dag::edge_sets

  // Its axes: all their combinations, the last one fastest. Empty: it has one instance.
  std::vector<MappedList> mapped_over;
  // In a mapped task group (Airflow's @task_group .expand): which one of the DAG, whose lists are `mapped_over`. Instances of
  // its tasks with the same map_index belong together.
  std::optional<std::uint32_t> mapped_group;
  std::vector<TaskIndex> sizes;          // tasks that are mapped over this one and do not stand directly below it
  std::vector<std::string> mapped_keys;  // of its XComs: those that other tasks are mapped over
  [[nodiscard]] bool is_mapped() const { return !mapped_over.empty(); }
  [[nodiscard]] bool is_in_group_of(const Task& other) const { return mapped_group && mapped_group == other.mapped_group; }

  // Airflow's setup and teardown (as_setup, as_teardown).
  bool is_setup = false, is_teardown = false;
  bool on_failure_fail_dagrun = false;  // of a teardown: its failure fails the run
  std::vector<TaskIndex> setups;        // further above than directly: they have to succeed before it starts
  std::vector<TaskIndex> guarded;       // of a setup: the tasks that have it among their `setups`
  bool decides_run = true;              // the run ends as these do: leaves, looking through teardowns

  // Runs with a logical date outside have no instance of it; those of backfills may lie before the start. Not set: no bound.
  std::optional<Time> start_date, end_date;
  // Only after its success or skip in the DAG's run before (depends_on_past), and that of the tasks directly below it there.
  bool depends_on_past = false, wait_for_downstream = false;
  bool ignore_first_depends_on_past = false;
  std::optional<int> max_active_tis_per_dag, max_active_tis_per_dagrun;  // of its instances that are queued or running

  int retries = 0;
  int retries_on_loss = 0;  // budget of its own for tries that were lost with their worker; ours, not Airflow's
  Duration retry_delay{std::chrono::minutes(5)};
  double retry_exponential_backoff = 0;  // the factor; 0: none
  std::optional<Duration> max_retry_delay;

  bool light = false;  // of a program's function: it needs no process of its own (docs/light-tasks.md); ours, not Airflow's
  std::optional<Duration> execution_timeout;
  std::string pool = "default_pool";
  int pool_slots = 1;
  int priority_weight = 1;   // effective: the weight rule is already applied
  std::string weight_class;  // of a weight rule of the user's, which the program is asked about; empty: none
  std::string queue = "default";
  std::string owner = "airflow";
  Callbacks callbacks;
  std::vector<Outlet> outlets, inlets;
  std::vector<OutletAlias> outlet_aliases, inlet_aliases;
  bool has_templates = false;  // in one of its template_fields, or what it takes from a connection may be one
  Value serialized;            // the operator's "__var" object as described: arguments of built-in operators are read from it

  // EmptyOperator (or a class made from it) that nobody notices: no callback or notifier of its start or success, no outlets
  // or inlets. The engine ends it by itself, no worker sees it. The rule is that of Airflow's TaskInstance.is_schedulable.
  [[nodiscard]] bool engine_ends_it() const;
  // Runs in the DAG's own program, not in an operator host.
  [[nodiscard]] bool in_program() const { return task_module == "venturi.program"; }
};

// Each task above stands directly above each one below, and has nothing else below it; those below have nothing else above
// them, the same trigger rule, and nothing but that rule decides what becomes of them.
struct EdgeSet {
  TaskList upstream, downstream;
};

struct Dag {
  std::string dag_id;
  std::vector<Task> tasks;           // in topological order
  std::vector<Value> mapped_groups;  // "expand_input" of each, by Task::mapped_group
  Value timetable;                   // {"__type": "airflow.timetables...", "__var": {...}}, read by schedule/timetable.h
  std::string timezone = "UTC";
  std::optional<Time> start_date, end_date;
  bool catchup = false;
  // Nothing: [core] max_active_runs_per_dag and max_active_tasks_per_dag decide.
  std::optional<int> max_active_runs, max_active_tasks;
  std::optional<int> max_consecutive_failed_dag_runs;  // nothing: [core] max_consecutive_failed_dag_runs_per_dag decides
  bool fail_fast = false;
  std::optional<bool> is_paused_upon_creation;    // nothing: [core] dags_are_paused_at_creation decides
  std::optional<bool> rerun_with_latest_version;  // nothing: [core] rerun_with_latest_version decides
  std::optional<Duration> dagrun_timeout;
  std::vector<std::string> tags, template_searchpath;
  std::string description, owner;
  Callbacks callbacks;
  std::vector<DeadlineAlert> deadlines;

  // Where it came from.
  std::string bundle = "dags-folder";
  std::string relative_fileloc;  // within the bundle: the .cpp or the program, as users know it
  std::string fileloc;           // absolute
  std::string program;           // absolute path of the compiled program that runs its tasks
  std::string version_id;        // UUID of this serialized content
  Value serialized;              // {"__version": 3, "dag": {...}}

  std::vector<EdgeSet> edge_sets;     // for counting; the tasks' lists have these edges too
  std::vector<TaskIndex> by_task_id;  // the indices of all tasks, sorted by their ids: for find_task()

  [[nodiscard]] std::optional<TaskIndex> find_task(std::string_view task_id) const;
};

// Whether a text may be a template of Jinja's: "{{", "{%" or "{#" is in it.
[[nodiscard]] bool may_be_template(std::string_view text);
// In any of a field's strings.
[[nodiscard]] bool has_template(const Value& value);

// Airflow's rule for dag_id and task_id: 1 to 250 letters, digits, dashes, dots and underscores (ASCII).
[[nodiscard]] bool is_valid_id(std::string_view id);

// Reads {"__version": 3, "dag": {...}} as a lane described it and checks it: duplicate task ids, unknown downstream tasks,
// cycles (named with their path), unknown trigger rules and weight rules, pools of no size, a dag_id or task_id with characters
// that Airflow refuses, values of a wrong type. Absent keys have the defaults of Airflow's schema (serialization/schema.json),
// or those that the DAG brings along as "client_defaults". The timetable is taken as it is: schedule/timetable.h reads it.
// bundle, relative_fileloc, fileloc, program and version_id are the caller's to fill in.
[[nodiscard]] Result<Dag> read_serialized_dag(const Value& serialized);

}  // namespace venturi
