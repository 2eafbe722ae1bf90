#include "server/task_host.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace venturi::server {
namespace {

Time time_of(const Value& body, std::string_view key, Time otherwise) {
  const Value* text = body.get(key);
  if (text == nullptr || !text->is_string()) return otherwise;
  return parse_time(text->as_string()).value_or(otherwise);
}

// The words of TryExited.exit.kind.
EndReason reason_of(std::string_view kind) {
  if (kind == "signal") return EndReason::signal;
  if (kind == "out_of_memory") return EndReason::out_of_memory;
  if (kind == "timeout") return EndReason::timeout;
  if (kind == "killed") return EndReason::killed;
  if (kind == "lost") return EndReason::lost;
  if (kind == "launch_failed") return EndReason::launch_failed;
  return EndReason::exit_code;
}

}  // namespace

Reply refusal(std::string_view error_type, std::string message) {
  return {{}, Object{{"type", "ErrorResponse"}, {"error", error_type}, {"detail", Object{{"message", std::move(message)}}}}};
}

Reply not_found(std::string_view error_type, Object detail) {
  return {Object{{"type", "ErrorResponse"}, {"error", error_type}, {"detail", std::move(detail)}}, {}};
}

bool TaskHost::counts(LaunchToken token) const {
  return scheduler_.engine().counts(token);
}

void TaskHost::message(LaunchToken token, const Value& body, const OnReply& reply) {
  const std::string type = body.get_string("type");
  if (type == "GetTaskRescheduleStartDate") return reply(get_reschedule_start(body, token));
  if (type == "GetPrevSuccessfulDagRun") return reply(get_previous_success(token));
  if (auto answer = question(type, body)) return reply(std::move(*answer));
  // A try that does not count any more (another launch followed it, or it ended) changes nothing. That it is told "done" is
  // right for the one whose writes were committed before their answer was lost; the other's process is being ended.
  if (counts(token)) {
    if (auto refused = write(token, type, body)) return reply(std::move(*refused));
  }
  scheduler_.when_durable([reply] { reply({}); });
}

void TaskHost::callback_message(const Value& body, const OnReply& reply) {
  const std::string type = body.get_string("type");
  if (auto answer = question(type, body)) return reply(std::move(*answer));
  reply(refusal("PERMISSION_DENIED", "a callback may ask, and change nothing: not " + type));
}

void TaskHost::exited(LaunchToken token, const Value& exit, const std::function<void()>& done) {
  const std::string kind = exit.get_string("kind");
  refused_.erase(token);
  if (kind != "ok" && counts(token)) {
    if (kind == "lost") {
      scheduler_.step(engine::TryLost{token, scheduler_.now(), exit.get_string("error")});
    } else {
      engine::TryFailed failure;
      failure.token = token;
      failure.at = scheduler_.now();
      failure.reason = reason_of(kind);
      failure.detail = static_cast<std::int32_t>(exit.get_int("detail"));
      failure.error = exit.get_string("error");
      scheduler_.step(failure);
    }
  }
  scheduler_.when_durable(done);
}

// ---- writes --------------------------------------------------------------------------------------------------------------

std::optional<Reply> TaskHost::write(LaunchToken token, const std::string& type, const Value& body) {
  if (type == "SetXCom") {
    list_.value.reset();
    auto refused = set_xcom(token, body);
    if (refused) refused_.emplace(token, refused->error.at("detail").at("message").as_string());
    return refused;
  }
  if (type == "DeleteXCom") {
    list_.value.reset();
    store::XComKey key = xcom_key(body);
    if (is_mapped_over(token, key.key)) scheduler_.step(engine::XComChanged{token, key.key, std::nullopt});
    scheduler_.writes().deleted_xcoms.push_back(std::move(key));
  } else if (type == "SetRenderedFields") {
    const auto launch = scheduler_.engine().launch_of(token);
    scheduler_.writes().rendered.push_back({launch->ti.no, to_json(body.at("rendered_fields"))});
  } else if (type == "PutVariable") {
    scheduler_.writes().variables.push_back(
        {body.at("key").as_string(), body.get_string("value"), body.get_string("description")});
  } else if (type == "DeleteVariable") {
    scheduler_.writes().deleted_variables.push_back(body.at("key").as_string());
  } else if (type == "SkipDownstreamTasks") {
    engine::SkipDownstream skip{token, {}};
    for (const Value& task : body.at("tasks").as_array()) {
      skip.task_ids.push_back(task.is_array() ? task.as_array().at(0).as_string() : task.as_string());
    }
    scheduler_.step(skip);
  } else {
    return outcome(token, type, body);
  }
  return std::nullopt;
}

std::optional<Reply> TaskHost::outcome(LaunchToken token, const std::string& type, const Value& body) {
  const Time at = time_of(body, "end_date", scheduler_.now());
  if (type == "SucceedTask") {
    std::string missing = what_is_missing(token);
    if (!missing.empty()) {
      engine::TryFailed failure;
      failure.token = token;
      failure.at = at;
      failure.error = missing;
      scheduler_.step(failure);
      return refusal("GENERIC_ERROR", std::move(missing));
    }
  }
  if (type == "SucceedTask") {
    scheduler_.step(engine::TrySucceeded{token, at});
  } else if (type == "RetryTask") {
    engine::TryFailed failure;
    failure.token = token;
    failure.at = at;
    failure.error = body.get_string("retry_reason");
    if (const Value* delay = body.get("retry_delay_seconds")) failure.retry_delay = from_seconds(delay->as_double());
    scheduler_.step(failure);
  } else if (type == "TaskState") {
    const std::string state = body.get_string("state");
    if (state == "skipped") {
      scheduler_.step(engine::TrySkipped{token, at});
    } else if (state == "failed") {
      engine::TryFailed failure;
      failure.token = token;
      failure.at = at;
      failure.may_retry = false;
      failure.error = body.get_string("error");
      scheduler_.step(failure);
    } else {
      return refusal("API_SERVER_ERROR", "a task cannot end in state '" + state + "'");
    }
  } else if (type == "RescheduleTask") {
    scheduler_.step(engine::TryRescheduled{token, at, time_of(body, "reschedule_date", at)});
  } else {
    return refusal("API_SERVER_ERROR", "this server does not know the message " + type);
  }
  return std::nullopt;
}

// There is no success without the XComs that were sent before it, nor, as Airflow's XComForMappingNotPushed, without what other
// tasks are mapped over.
std::string TaskHost::what_is_missing(LaunchToken token) {
  if (const auto refused = refused_.extract(token)) return refused.mapped();
  const Task* task = scheduler_.engine().task_of(token);
  if (task == nullptr || task->is_mapped()) return {};
  for (const std::string& key : task->mapped_keys) {
    if (!scheduler_.engine().has_xcom_length(token, key)) {
      return fmt::format("it gave no XCom '{}', and tasks are mapped over it: give a list, which may be empty", key);
    }
  }
  return {};
}

bool TaskHost::is_mapped_over(LaunchToken token, const std::string& key) const {
  const Task* task = scheduler_.engine().task_of(token);
  return task != nullptr && std::ranges::find(task->mapped_keys, key) != task->mapped_keys.end();
}

std::optional<Reply> TaskHost::set_xcom(LaunchToken token, const Value& body) {
  store::XComKey key = xcom_key(body);
  std::string json = to_json(body.at("value"));
  if (static_cast<std::int64_t>(json.size()) > options_.max_xcom_bytes) {
    return refusal("GENERIC_ERROR",
                   fmt::format("XCom '{}' has {} bytes as JSON, more than the {} of [core] max_xcom_bytes: write "
                               "what is so large to a file of the run and return that",
                               key.key, json.size(), options_.max_xcom_bytes));
  }
  std::optional<std::int32_t> length;
  if (is_mapped_over(token, key.key)) {
    const Value& value = body.at("value");
    const std::int64_t size = value.is_array()    ? static_cast<std::int64_t>(value.as_array().size())
                              : value.is_object() ? static_cast<std::int64_t>(value.as_object().size())
                                                  : -1;
    // As Airflow's UnmappableXComLengthPushed: the task that gave it fails, not those that cannot be mapped over it.
    if (size < 0 && !scheduler_.engine().task_of(token)->is_mapped()) {  // UnmappableXComTypePushed
      return refusal("GENERIC_ERROR", fmt::format("XCom '{}' is of type {}, and tasks are mapped over it: give a list", key.key,
                                                  value.type_name()));
    }
    if (size > options_.max_map_length && !scheduler_.engine().task_of(token)->is_mapped()) {
      return refusal(
          "GENERIC_ERROR",
          fmt::format("XCom '{}' has {} items, and tasks are mapped over it: more than the {} of [core] max_map_length; "
                      "give a shorter list, or raise the limit",
                      key.key, size, options_.max_map_length));
    }
    length = static_cast<std::int32_t>(size);
    scheduler_.step(engine::XComChanged{token, key.key, length});
  }
  scheduler_.writes().xcoms.push_back({std::move(key), std::move(json), 0, length});
  return std::nullopt;
}

}  // namespace venturi::server
