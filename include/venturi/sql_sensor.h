// SqlSensor of Airflow's common-sql package: waits until a query says so; and one that waits for NOTIFY. Not part of
// venturi/sql.h, which needs no sensors.
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

// Venturi's own: waits until NOTIFY sends something on a channel of PostgreSQL's. Its value is the payload. It listens all the
// time, so it has no mode: give deferrable, and it holds no slot meanwhile.
struct PostgresNotificationSensor {
  std::string task_id{};
  Field<std::string> channel{};  // required; at most 63 bytes
  Field<std::string> payload{};  // only this text counts
  // A query whose first value has to be true as well (as Python's bool() sees it). It is also asked at the beginning and every
  // poke_interval, so that nothing is missed that was sent before: "SELECT 1 FROM loads WHERE day = '{{ ds }}'".
  Field<std::string> sql{};
  Field<std::string> conn_id{};  // postgres_default
  Field<std::string> database{};
  Field<Value> hook_params{};
  Option<bool> deferrable{};                                // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};  // poke_interval: also how often the connection is looked after
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = std::string;
};

namespace detail {
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const PostgresNotificationSensor& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const SqlSensor& op, const TaskOptions& options);
}  // namespace detail

}  // namespace venturi::inline sdk
