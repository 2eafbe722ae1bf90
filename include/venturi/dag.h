// DAG files in C++. This header is all that one includes:
//
//   #include <venturi/dag.h>
//   using namespace venturi;
//   using namespace std::chrono_literals;
//
//   std::int64_t extract() { return 21; }
//   std::int64_t twice(std::int64_t n) { return 2 * n; }
//
//   VENTURI_DAG(example, {.schedule = "@daily", .start_date = "2026-01-01", .default_args = {.retries = 2, .retry_delay =
//   30s}}) {
//     auto number = dag.task<extract>();                  // the function's name is the task's id
//     auto result = dag.task<twice>({.retries = 4})(number);
//     dag.add(BashOperator{.task_id = "tell", .bash_command = "echo done"}) << result;
//   }
//
// What a function returns is an XCom and the argument of the next one; the compiler checks that they fit. Compiled and linked
// with libventuri.a the file is a program that describes its DAGs, and runs their tasks: in Venturi's DAGs folder, where the
// .cpp may lie as well, and under a stock Airflow 3.3 as an executable bundle.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "venturi/callback.h"
#include "venturi/context.h"
#include "venturi/deadline.h"
#include "venturi/mapped_group.h"
#include "venturi/owned.h"
#include "venturi/params.h"
#include "venturi/partition.h"
#include "venturi/schedule.h"
#include "venturi/task_group.h"
#include "venturi/task_options.h"

namespace venturi::inline sdk {

// In Airflow's words; designated in this order.
struct DagOptions {
  Schedule schedule{};     // none: manual runs only
  Date start_date{};       // none
  Date end_date{};         // none
  std::string timezone{};  // "UTC"; of the schedule, and of dates without an offset
  bool catchup = false;    // true: a run for each interval since start_date
  std::vector<std::string> tags{};
  std::string description{};
  std::string doc_md{};
  Option<int> max_active_runs{};                  // [core] max_active_runs_per_dag: 16
  Option<int> max_active_tasks{};                 // of one run; [core] max_active_tasks_per_dag: 16
  Option<int> max_consecutive_failed_dag_runs{};  // pauses the DAG; [core] max_consecutive_failed_dag_runs_per_dag: 0, never
  Option<Duration> dagrun_timeout{};              // none
  bool fail_fast = false;                         // true: the first failure ends the run
  Option<bool> is_paused_upon_creation{};         // as the server is configured
  Option<bool> rerun_with_latest_version{};       // what is cleared runs by the DAG as it is now; as the server is configured
  TaskOptions default_args{};                     // for all tasks that do not say otherwise
  Params params{};                                // a run's conf replaces them
  // Where files that templated fields name ("load.sql") are looked for, after the folder of the DAG's own file. Relative
  // folders lie in that one.
  std::vector<std::string> template_searchpath{};
  Callbacks on_success_callback{};
  Callbacks on_failure_callback{};
  std::vector<DeadlineAlert> deadline{};  // venturi/deadline.h

  ~DagOptions();
};

namespace detail {
struct DagNode;
}

class Dag : public TaskGroup {
 public:
  explicit Dag(detail::DagNode& node);
  [[nodiscard]] const std::string& dag_id() const;
};

// All DAGs of a program, for those that are made in a loop:
//
//   VENTURI_DAGS(bag) {
//     for (const std::string table : {"orders", "customers"}) {
//       Dag dag = bag.add("load_" + table, {.schedule = "@hourly"});
//       dag.task("load", [table](const Context& context) { context.log().info("loading ", table); });
//     }
//   }
class DagBag {
 public:
  DagBag();
  ~DagBag();
  DagBag(const DagBag&) = delete;
  DagBag& operator=(const DagBag&) = delete;

  Dag add(std::string_view dag_id, const DagOptions& options = {});

  struct State;
  [[nodiscard]] State& state() const { return *state_; }

 private:
  detail::Owned<State> state_;
};

namespace detail {
// One for each VENTURI_DAG and VENTURI_DAGS, put together by the linker: nothing runs before main().
struct Declaration {
  const char* dag_id;  // nullptr for VENTURI_DAGS
  void (*make)(DagBag& bag);
  const char* file;
  int line;
};
}  // namespace detail

}  // namespace venturi::inline sdk

#define VENTURI_DETAIL_JOIN2(a, b) a##b
#define VENTURI_DETAIL_JOIN(a, b) VENTURI_DETAIL_JOIN2(a, b)
#define VENTURI_DETAIL_DECLARE(name, dag_id, make)                                                               \
  [[gnu::section("venturi_dags"), gnu::used, gnu::retain]] static constexpr ::venturi::detail::Declaration name{ \
      dag_id, make, __FILE__, __LINE__};

// NOLINTBEGIN(bugprone-macro-parentheses): a name stands where none are allowed
// VENTURI_DAG(dag_id, {options}) { dag.task<...>... }
#define VENTURI_DAG(id, ...)                                                        \
  static void venturi_dag_##id(::venturi::Dag dag);                                 \
  static void venturi_make_##id(::venturi::DagBag& bag) {                           \
    venturi_dag_##id(bag.add(#id __VA_OPT__(, ::venturi::DagOptions __VA_ARGS__))); \
  }                                                                                 \
  VENTURI_DETAIL_DECLARE(venturi_declaration_##id, #id, venturi_make_##id)          \
  static void venturi_dag_##id([[maybe_unused]] ::venturi::Dag dag)

// VENTURI_DAGS(bag) { for (...) { Dag dag = bag.add(...); ... } }
#define VENTURI_DAGS(bag)                                                              \
  static void VENTURI_DETAIL_JOIN(venturi_dags_, __LINE__)(::venturi::DagBag & bag);   \
  VENTURI_DETAIL_DECLARE(VENTURI_DETAIL_JOIN(venturi_declaration_, __LINE__), nullptr, \
                         VENTURI_DETAIL_JOIN(venturi_dags_, __LINE__))                 \
  static void VENTURI_DETAIL_JOIN(venturi_dags_, __LINE__)([[maybe_unused]] ::venturi::DagBag & bag)
// NOLINTEND(bugprone-macro-parentheses)
