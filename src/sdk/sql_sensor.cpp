#include "venturi/sql_sensor.h"

#include "sdk/sensor_fields.h"

namespace venturi::inline sdk::detail {

TaskNode& add_operator(GroupNode& group, const SqlSensor& op, const TaskOptions& options) {
  OperatorFields fields(group, "SqlSensor", op.task_id, options);
  fields.required("conn_id", op.conn_id)
      .required("sql", op.sql)
      .field("parameters", op.parameters)
      .field("success", op.success)
      .field("failure", op.failure)
      .field("selector", op.selector)
      .field("fail_on_empty", op.fail_on_empty)
      .field("hook_params", op.hook_params)
      .templates({"sql", "hook_params", "parameters", "conn_id"}, {".hql", ".sql"});
  return add_sensor_fields(fields, op);
}

TaskNode& add_operator(GroupNode& group, const PostgresNotificationSensor& op, const TaskOptions& options) {
  OperatorFields fields(group, "PostgresNotificationSensor", op.task_id, options);
  fields.required("channel", op.channel)
      .field("payload", op.payload)
      .field("sql", op.sql)
      .field("conn_id", op.conn_id)
      .field("database", op.database)
      .field("hook_params", op.hook_params)
      .templates({"conn_id", "database", "hook_params", "channel", "payload", "sql"}, {".sql"});
  return add_sensor_fields(fields, op);
}

}  // namespace venturi::inline sdk::detail
