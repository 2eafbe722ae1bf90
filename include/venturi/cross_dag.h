// Between DAGs: waiting for another one (Airflow's ExternalTaskSensor) and starting one (TriggerDagRunOperator). Not part of
// venturi/dag.h: include it beside that.
//
//   auto orders = dag.add(ExternalTaskSensor{.task_id = "orders", .external_dag_id = "load_orders", .external_task_id =
//   "merge",
//                                            .failed_states = {"failed", "upstream_failed"}, .execution_delta = 1h});
//   auto report = dag.add(TriggerDagRunOperator{.task_id = "report", .trigger_dag_id = "report", .conf = Object{{"day", "{{ ds
//   }}"}},
//                                               .wait_for_completion = true});
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "venturi/field.h"
#include "venturi/sensors.h"
#include "venturi/task_options.h"
#include "venturi/time.h"

namespace venturi::inline sdk {

// A run of another DAG, or tasks or a group of it, of this run's logical date or another one. At most one of
// external_task_id, external_task_ids and external_task_group_id; without them it waits for the run as a whole.
struct ExternalTaskSensor {
  std::string task_id{};
  Field<std::string> external_dag_id{};  // required
  Field<std::string> external_task_id{};
  Field<std::vector<std::string>> external_task_ids{};
  Field<std::string> external_task_group_id{};
  Field<std::vector<std::string>> allowed_states{};  // "success"
  Field<std::vector<std::string>> skipped_states{};  // none: states that skip this task
  Field<std::vector<std::string>> failed_states{};   // none: states that fail it
  Option<Duration> execution_delta{};                // how much earlier than this run's date; 0
  Field<std::vector<std::string>>
      execution_dates{};          // the dates themselves, instead: {"{{ ds }}", "{{ macros.ds_add(ds, -1) }}"}
  Field<bool> check_existence{};  // false; true: fails at once where there is no such DAG or task
  Option<bool> deferrable{};      // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = void;
};

// Says which task of another DAG stands behind this one: who clears it clears that one too, in the run of this logical date,
// and what is below it there, which may be a marker itself. It does nothing when it runs.
struct ExternalTaskMarker {
  std::string task_id{};
  Field<std::string> external_dag_id{};   // required
  Field<std::string> external_task_id{};  // required
  Field<std::string> logical_date{};      // "{{ logical_date.isoformat() }}"; of the run's own values alone
  Option<int> recursion_depth{};          // 10: of the first one that is met; through so many DAGs at most
  using Result = void;
};

// A run of another DAG. Where it is asked for twice, by a worker or server that was ended in between, there is one run. Its
// XCom trigger_run_id is the id of the run.
struct TriggerDagRunOperator {
  std::string task_id{};
  Field<std::string> trigger_dag_id{};               // required
  Field<std::string> trigger_run_id{};               // manual__<logical date>
  Field<Value> conf{};                               // an object
  Field<std::string> logical_date{};                 // now, or none where run_after is given; "None": the run has none
  Field<std::string> run_after{};                    // now: the run is queued until then; as in Airflow no template
  Field<bool> reset_dag_run{};                       // false; true: a run of this id that is there is cleared and runs again
  Field<bool> wait_for_completion{};                 // false
  Option<Duration> poke_interval{};                  // 60 s
  Field<std::vector<std::string>> allowed_states{};  // "success": how the run may end
  Field<std::vector<std::string>> failed_states{};   // "failed": how it may not
  Field<bool> skip_when_already_exists{};            // false: where there is a run of this id or date, it fails without a retry
  Field<bool> fail_when_dag_is_paused{};             // false
  Field<std::string> note{};                         // of the run, for people; as in Airflow no template
  Field<bool> deferrable{};                          // false; true: it waits for completion deferred, without a slot
  using Result = void;
};

namespace detail {
struct GroupNode;
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const ExternalTaskSensor& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const ExternalTaskMarker& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const TriggerDagRunOperator& op, const TaskOptions& options);
}  // namespace detail

}  // namespace venturi::inline sdk
