#include "server/task_host.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "server/triggers.h"
#include "task/msgpack.h"

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
  if (xcom_question(type, body, reply)) return;
  if (type == "GetLatestOnlyWindow") return get_latest_only_window(token, reply);
  if (auto answer = question(type, body)) return reply(std::move(*answer));
  if (waits_in_line(token, [this, token, body, reply] { message(token, body, reply); })) return;
  // A try that does not count any more (another launch followed it, or it ended) changes nothing. That it is told "done" is
  // right for the one whose writes were committed before their answer was lost; the other's process is being ended.
  if (counts(token)) {
    if (type == "SetXCom") return set_xcom(token, body, reply);
    if (type == "TriggerDagRun") return trigger_dag_run(token, body, reply);
    if (auto refused = write(token, type, body)) return reply(std::move(*refused));
  }
  scheduler_.when_durable([reply] { reply({}); });
}

void TaskHost::callback_message(const Value& body, const OnReply& reply) {
  const std::string type = body.get_string("type");
  if (xcom_question(type, body, reply)) return;
  if (auto answer = question(type, body)) return reply(std::move(*answer));
  reply(refusal("PERMISSION_DENIED", "a callback may ask, and change nothing: not " + type));
}

void TaskHost::exited(LaunchToken token, const Value& exit, const std::function<void()>& done) {
  if (waits_in_line(token, [this, token, exit, done] { exited(token, exit, done); })) return;
  const std::string kind = exit.get_string("kind");
  refused_.erase(token);
  triggered_.erase(token);
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
  if (type == "DeleteXCom") {
    list_.value.reset();
    store::XComKey key = xcom_key(body);
    if (is_mapped_over(token, key.key)) scheduler_.step(engine::XComChanged{token, key.key, std::nullopt});
    let_file_go(key);
    scheduler_.writes().deleted_xcoms.push_back(std::move(key));
  } else if (type == "SetRenderedFields") {
    const auto launch = scheduler_.engine().launch_of(token);
    scheduler_.writes().rendered.push_back({launch->ti.no, to_json(body.at("rendered_fields"))});
  } else if (type == "SetRenderedMapIndex") {
    name_instance(token, body);
  } else if (type == "PutVariable") {
    store::Batch& batch = scheduler_.writes();
    std::erase(batch.deleted_variables, body.at("key").as_string());
    batch.variables.push_back({body.at("key").as_string(), body.get_string("value"), body.get_string("description")});
  } else if (type == "DeleteVariable") {
    scheduler_.writes().deleted_variables.push_back(body.at("key").as_string());
  } else if (type == "DeferInPlace") {
    scheduler_.step(
        engine::TryDeferredInPlace{token, time_of(body, "start_date", scheduler_.now()), body.get_string("classpath")});
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

// As long as Airflow's column.
void TaskHost::name_instance(LaunchToken token, const Value& body) {
  constexpr std::size_t longest = 250;
  const std::string name = body.get_string("rendered_map_index");
  const auto launch = scheduler_.engine().launch_of(token);
  if (name.empty() || !launch) return;
  scheduler_.writes().rendered_map_indexes.push_back({launch->ti.no, std::string(beginning(name, longest))});
}

std::optional<Reply> TaskHost::outcome(LaunchToken token, const std::string& type, const Value& body) {
  name_instance(token, body);
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
    engine::TrySucceeded success{token, at};
    if (const Value* events = body.get("outlet_events"); events != nullptr && events->is_array()) {
      for (const Value& event : events->as_array()) {
        const Value key = event.get_value("dest_asset_key");
        const Value partition = event.get_value("partition_key");
        success.outlet_events.push_back({{key.get_string("name"), key.get_string("uri")},
                                         event.get_value("extra"),
                                         event.get_string("source_alias_name"),
                                         partition.is_string() ? std::optional(partition.as_string()) : std::nullopt,
                                         event.get_value("dest_asset_extra")});
      }
    }
    scheduler_.step(success);
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
  } else if (type == "DeferTask") {
    return defer(token, at, body);
  } else {
    return refusal("API_SERVER_ERROR", "this server does not know the message " + type);
  }
  return std::nullopt;
}

// One that cannot be deferred so has failed: nobody would call it again.
std::optional<Reply> TaskHost::defer(LaunchToken token, Time at, const Value& body) {
  const std::string timeout = body.get_string("trigger_timeout");
  const auto limit = timeout.empty() ? std::nullopt : parse_iso_duration(timeout);
  auto plan = plan_trigger(body.get_string("classpath"), body.get_value("trigger_kwargs"));
  if (!timeout.empty() && !limit)
    plan = fail(ErrorKind::invalid, fmt::format("the deferral's timeout '{}' is no ISO 8601 duration", timeout));
  if (!plan) {
    engine::TryFailed failure;
    failure.token = token;
    failure.at = at;
    failure.error = plan.error().text();
    scheduler_.step(failure);
    return refusal("API_SERVER_ERROR", plan.error().text());
  }
  const Value next_kwargs = body.get_value("next_kwargs");
  scheduler_.step(engine::TryDeferred{token, at, body.get_string("classpath"), body.get_value("trigger_kwargs"), plan->fires_at,
                                      std::move(plan->event), limit, body.get_string("next_method"),
                                      next_kwargs.is_null() ? Value(Object{}) : next_kwargs});
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

void TaskHost::set_xcom(LaunchToken token, const Value& body, const OnReply& reply) {
  const Value& value = body.at("value");
  NewXCom xcom{xcom_key(body), to_json(value), value.type_name()};
  if (static_cast<std::int64_t>(xcom.text.size()) > std::min(options_.max_xcom_in_metadata, options_.max_xcom_bytes))
    return set_large_xcom(token, std::make_shared<const std::string>(task::pack(body)), reply);
  if (value.is_array()) xcom.length = static_cast<std::int64_t>(value.as_array().size());
  if (value.is_object()) xcom.length = static_cast<std::int64_t>(value.as_object().size());
  answer_xcom(token, add_xcom(token, std::move(xcom)), reply);
}

void TaskHost::answer_xcom(LaunchToken token, std::optional<Reply> refused, const OnReply& reply) {
  if (!refused) return scheduler_.when_durable([reply] { reply({}); });
  refused_.emplace(token, refused->error.at("detail").at("message").as_string());
  reply(std::move(*refused));
}

std::optional<Reply> TaskHost::add_xcom(LaunchToken token, NewXCom xcom) {
  std::optional<std::int32_t> length;
  if (is_mapped_over(token, xcom.key.key)) {
    const bool is_mapped = scheduler_.engine().task_of(token)->is_mapped();
    // As Airflow's UnmappableXComLengthPushed: the task that gave it fails, not those that cannot be mapped over it.
    if (xcom.length < 0 && !is_mapped) {  // UnmappableXComTypePushed
      return refusal("GENERIC_ERROR", fmt::format("XCom '{}' is of type {}, and tasks are mapped over it: give a list",
                                                  xcom.key.key, xcom.type));
    }
    if (xcom.length > options_.max_map_length && !is_mapped) {
      return refusal(
          "GENERIC_ERROR",
          fmt::format("XCom '{}' has {} items, and tasks are mapped over it: more than the {} of [core] max_map_length; "
                      "give a shorter list, or raise the limit",
                      xcom.key.key, xcom.length, options_.max_map_length));
    }
    length = static_cast<std::int32_t>(xcom.length);
    scheduler_.step(engine::XComChanged{token, xcom.key.key, length});
  }
  list_.value.reset();
  let_file_go(xcom.key);
  store::Batch& batch = scheduler_.writes();
  std::erase(batch.deleted_xcoms, xcom.key);  // a batch writes first and deletes then
  batch.xcoms.push_back({std::move(xcom.key), std::move(xcom.text), 0, length});
  return std::nullopt;
}

}  // namespace venturi::server
