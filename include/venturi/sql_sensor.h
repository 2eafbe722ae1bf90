// SqlSensor of Airflow's common-sql package: waits until a query says so. Not part of venturi/sql.h, which needs no sensors.
//
//   auto loaded = dag.add(SqlSensor{.task_id = "loaded", .conn_id = "shop", .sql = "SELECT count(*) FROM orders WHERE day =
//   %s",
//                                   .parameters = {"{{ ds }}"}, .success = Object{{"geq_to", 1000}}, .poke_interval = 5min});
#pragma once

#include <cstdint>
#include <string>

#include "venturi/sensors.h"
#include "venturi/sql.h"

namespace venturi::inline sdk {

// `success` and `failure` are comparisons of a value of the first row: equal_to, greater_than, geq_to, less_than, leq_to and
// tolerance (0.1: 10 %). Without `success` it waits until the value is true: not null, 0, false or empty.
struct SqlSensor {
  std::string task_id{};
  Field<std::string> conn_id{};    // required
  Field<std::string> sql{};        // required
  Field<Parameters> parameters{};  // of %s and %(name)s
  Field<Value> success{};          // Object{{"geq_to", 1000}}
  Field<Value> failure{};          // fails where the value passes these; looked at first
  Field<std::int64_t> selector{};  // 0: which column of the row
  Field<bool> fail_on_empty{};     // false; true: fails where the query returns no row
  Field<Value> hook_params{};
  Option<bool> deferrable{};  // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = void;
};

namespace detail {
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const SqlSensor& op, const TaskOptions& options);
}  // namespace detail

}  // namespace venturi::inline sdk
