#include "operators/task_messages.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/time.h"
#include "operators/outcome.h"

namespace venturi::operators {
namespace {

std::string now_text() {
  return format_time(std::chrono::floor<Duration>(std::chrono::system_clock::now()));
}

bool is_error(const Value& body, std::string_view error) {
  return body.get_string("type") == "ErrorResponse" && body.get_string("error") == error;
}

std::string error_text(const Value& error) {
  std::string text = error.get_string("error", error.get_string("type", "an error without a name"));
  const Value* detail = error.get("detail");
  if (detail == nullptr) return text;
  const std::string message = detail->get_string("message", detail->get_string("detail"));
  return text + ": " + (message.empty() ? to_json(*detail) : message);
}

std::optional<std::string> text_of(const Value& body, std::string_view key) {
  const Value* value = body.get(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->as_string();
}

std::optional<Time> time_of(const Value& body, std::string_view key) {
  const Value* value = body.get(key);
  return value != nullptr && value->is_string() ? parse_time(value->as_string()) : std::nullopt;
}

}  // namespace

TaskFacts::TaskFacts(const Value& details) {
  const Value& ti = details.at("ti");
  ti_id = ti.at("id").as_string();
  RunFacts of_run{.dag_id = ti.at("dag_id").as_string(), .run_id = ti.at("run_id").as_string()};
  task_id = ti.at("task_id").as_string();
  try_number = static_cast<int>(ti.get_int("try_number", 1));
  map_index = static_cast<int>(ti.get_int("map_index", -1));
  start_date = time_of(details, "start_date");
  const Value* context = details.get("ti_context");
  if (const Value* dag_run = context == nullptr ? nullptr : context->get("dag_run")) {
    of_run.logical_date = time_of(*dag_run, "logical_date");
    of_run.data_interval_end = time_of(*dag_run, "data_interval_end");
    of_run.run_after = time_of(*dag_run, "run_after");
  }
  run = std::make_shared<const RunFacts>(std::move(of_run));
  if (context == nullptr) return;
  should_retry = context->get_bool("should_retry");
  task_reschedule_count = context->get_int("task_reschedule_count");
  if (const Value* keys = context->get("xcom_keys_to_clear")) {
    for (const Value& key : keys->as_array()) xcoms_to_clear.push_back(key.as_string());
  }
}

Value get_xcom(const TaskFacts& facts, const XComRef& ref) {
  const char* type = ref.is_sequence ? "GetXComSequenceSlice" : "GetXCom";
  Object message{{"type", type},
                 {"key", ref.key},
                 {"dag_id", facts.run->dag_id},
                 {"run_id", facts.run->run_id},
                 {"task_id", ref.task_id},
                 {"max_bytes", most_xcom_bytes}};
  if (ref.is_sequence) {
    for (const char* bound : {"start", "stop", "step"}) message.add(bound, nullptr);
  } else {
    message.add("map_index", ref.map_index);
    if (ref.item) message.add("item", *ref.item);
  }
  message.add("include_prior_dates", false);
  return message;
}

Value set_xcom(const TaskFacts& facts, std::string_view key, Value value) {
  return Object{{"type", "SetXCom"},           {"key", key},
                {"value", std::move(value)},   {"dag_id", facts.run->dag_id},
                {"run_id", facts.run->run_id}, {"task_id", facts.task_id},
                {"map_index", facts.map_index}};
}

Value delete_xcom(const TaskFacts& facts, std::string_view key) {
  return Object{{"type", "DeleteXCom"},        {"key", key},
                {"dag_id", facts.run->dag_id}, {"run_id", facts.run->run_id},
                {"task_id", facts.task_id},    {"map_index", facts.map_index}};
}

Value get_connection(std::string_view conn_id) {
  return Object{{"type", "GetConnection"}, {"conn_id", conn_id}};
}
Value get_variable(std::string_view key) {
  return Object{{"type", "GetVariable"}, {"key", key}};
}

Value succeed_task() {
  return Object{{"type", "SucceedTask"},
                {"state", "success"},
                {"end_date", now_text()},
                {"task_outlets", Array{}},
                {"outlet_events", Array{}}};
}

Value skip_downstream(Array tasks) {
  return Object{{"type", "SkipDownstreamTasks"}, {"tasks", std::move(tasks)}};
}

Value task_state(std::string_view state, std::string_view error) {
  Object message{{"type", "TaskState"}, {"state", state}, {"end_date", now_text()}};
  if (!error.empty()) message.add("error", error);
  return message;
}

Value retry_task(std::string_view reason) {
  return Object{{"type", "RetryTask"}, {"state", "up_for_retry"}, {"end_date", now_text()}, {"retry_reason", reason}};
}

Value defer_in_place(std::string_view classpath) {
  return Object{{"type", "DeferInPlace"}, {"classpath", classpath}, {"start_date", now_text()}};
}

Value reschedule_task(Time reschedule_date) {
  return Object{{"type", "RescheduleTask"},
                {"state", "up_for_reschedule"},
                {"reschedule_date", format_time(reschedule_date)},
                {"end_date", now_text()}};
}

Value get_reschedule_start(const TaskFacts& facts) {
  return Object{{"type", "GetTaskRescheduleStartDate"}, {"ti_id", facts.ti_id}, {"try_number", facts.try_number}};
}

Value previous_success(const TaskFacts& facts) {
  return Object{{"type", "GetPrevSuccessfulDagRun"}, {"ti_id", facts.ti_id}};
}

Value body_of(const task::Frame& answer, std::string_view request_type) {
  if (!answer.error.is_null())
    throw TaskFailed(fmt::format("the server refused {}: {}", request_type, error_text(answer.error)));
  return answer.body;
}

void expect_xcom(const Value& body) {
  if (is_error(body, "XCOM_TOO_LARGE")) throw TaskFailedForGood(body.at("detail").get_string("message"));
}

Value read_xcom(const Value& body) {
  expect_xcom(body);
  const Value* value = body.get(body.get("root") != nullptr ? "root" : "value");
  return value == nullptr || body.get_string("type") == "ErrorResponse" ? Value() : *value;
}

Connection read_connection(const Value& body, std::string_view conn_id) {
  if (body.is_null() || is_error(body, "CONNECTION_NOT_FOUND")) {
    throw TaskFailed(
        fmt::format("there is no connection {} (add it: venturi connections add {} --conn-uri ...)", conn_id, conn_id));
  }
  if (body.get_string("type") == "ErrorResponse") {
    throw TaskFailed(fmt::format("the connection {} cannot be had: {}", conn_id, error_text(body)));
  }
  Connection connection;
  connection.conn_id = conn_id;
  connection.conn_type = body.get_string("conn_type");
  connection.host = text_of(body, "host");
  connection.schema = text_of(body, "schema");
  connection.login = text_of(body, "login");
  connection.password = text_of(body, "password");
  if (const Value* port = body.get("port")) connection.port = static_cast<std::int32_t>(port->as_int());
  connection.extra = text_of(body, "extra");
  return connection;
}

std::optional<std::string> read_variable(const Value& body) {
  if (body.get_string("type") == "ErrorResponse" && !is_error(body, "VARIABLE_NOT_FOUND")) {
    throw TaskFailed("a variable cannot be had: " + error_text(body));
  }
  return text_of(body, "value");
}

Object extra_of(const Connection& connection) {
  if (!connection.extra || connection.extra->find_first_not_of(" \t\r\n") == std::string::npos) return {};
  const Result<Value> extra = parse_json(*connection.extra);
  // The text itself may be a secret: it is not repeated.
  if (!extra || !extra->is_object()) {
    throw TaskFailed(fmt::format("the extra of the connection {} is no JSON object", connection.conn_id));
  }
  return extra->as_object();
}

}  // namespace venturi::operators
