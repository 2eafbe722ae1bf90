#include "sdk/task_run.h"

#include <sys/time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "sdk/deferral.h"
#include "sdk/task_inputs.h"
#include "task/host_call.h"

namespace venturi::inline sdk::internal {
namespace {

constexpr std::string_view return_value = "return_value";
constexpr std::int64_t bytes_of_a_page = 1 << 20;
constexpr std::size_t longest_retry_reason = 500;  // Airflow's column

std::string run_dir_of(const Value& startup, const detail::ContextData& data) {
  if (const Value* dir = startup.get("run_dir"); dir != nullptr && dir->is_string()) return dir->as_string();
  // Under a stock Airflow: a folder that all its workers share.
  const char* shared = std::getenv("VENTURI_RUN_DIR");
  if (shared == nullptr || *shared == '\0') return {};
  std::string run_id = data.run_id;
  std::replace(run_id.begin(), run_id.end(), '/', '_');
  return std::string(shared) + "/" + data.dag_id + "/" + run_id;
}

Callbacks callbacks_for(const TaskOptions& o, std::string_view event) {
  if (event == "success") return o.on_success_callback;
  if (event == "skipped") return o.on_skipped_callback;
  if (event == "retry") return o.on_retry_callback;
  return o.on_failure_callback;
}

// Whether Python takes the value for true.
bool is_true(const Value& value) {
  if (value.is_bool()) return value.as_bool();
  if (value.is_number()) return value.as_double() != 0;
  if (value.is_string()) return !value.as_string().empty();
  if (value.is_array()) return !value.as_array().empty();
  return value.is_object() && !value.as_object().empty();
}

}  // namespace

std::string now_text() {
  return format_time(std::chrono::floor<Duration>(std::chrono::system_clock::now()));
}

bool run_functions(const Callbacks& callbacks, std::string_view name, detail::ContextData& data) {
  bool all_well = true;
  for (const Callback& callback : callbacks.list()) {
    if (!callback.is_function()) continue;
    try {
      callback(CallbackContext(data));
    } catch (...) {
      all_well = false;
      const Caught caught = current_exception_text();
      const Object members{{"exception", caught.type}};
      data.log_sink.write(LogLevel::error, data.without_secrets("the " + std::string(name) + " failed: " + caught.text),
                          &members);
    }
  }
  return all_well;
}

TaskRun::TaskRun(const DagBag& dags, Comms& comms, detail::LogSink& log, Value startup)
    : dags_(dags), comms_(comms), startup_(std::move(startup)), data_(comms, log) {
  const Value context = startup_.get_value("ti_context");
  data_.set_dag_run(context.get_value("dag_run"));
  data_.set_task_instance(startup_.get_value("ti"));
  data_.max_tries = static_cast<int>(context.get_int("max_tries"));
  data_.resumed = resumption_of(context);
  if (std::string dir = run_dir_of(startup_, data_); !dir.empty()) data_.run_dir = std::move(dir);
  // Venturi's worker says where the run's files are; only of it is known that it takes requests one after the other unanswered.
  data_.host_calls = static_cast<int>(startup_.get_int(task::host_calls_member));
  data_.startup_ti = startup_.get("ti");
  data_.startup_context = startup_.get("ti_context");
  data_.fileloc = startup_.get_string("fileloc");
  data_.relative_fileloc = startup_.get_string("dag_rel_path");
  comms_.set_pipelined(startup_.get("run_dir") != nullptr);
  log.set_ids({{"ti_id", data_.ti_id},
               {"dag_id", data_.dag_id},
               {"task_id", data_.task_id},
               {"run_id", data_.run_id},
               {"try_number", data_.try_number},
               {"map_index", data_.map_index}});

  const detail::DagNode* dag = dags_.state().find(data_.dag_id);
  if (dag == nullptr) {
    not_declared_ = "the program does not declare the DAG " + data_.dag_id +
                    " any more; its DAGs are looked at again when the file changes";
    for (const std::string& mistake : dags_.state().mistakes) not_declared_ += "; " + mistake;
    return;
  }
  task_ = dag->find(data_.task_id);
  data_.dag = dag;
  data_.task = task_;
  data_.set_params(dag->options.params, task_ == nullptr ? nullptr : &task_->options.params);
  if (task_ == nullptr || task_->function == nullptr) {
    not_declared_ = "the program does not declare a task " + data_.task_id + " with a function in DAG " + data_.dag_id +
                    " any more; clear the run's task when the file has it again";
    task_ = nullptr;
  }
}

int TaskRun::run() {
  End end = execute();
  std::fflush(nullptr);  // what the function printed is in the log before its end is known
  const bool accepted = report(end);
  // As in Airflow a failure has its callbacks whether the server took it or not.
  if (end.event != "reschedule" && end.event != "deferred" && (accepted || end.event != "success")) run_callbacks(end);
  std::fflush(nullptr);
  return accepted ? 0 : 1;
}

TaskRun::End TaskRun::execute() {
  if (task_ == nullptr) return failed(not_declared_, "", false);
  try {
    if (data_.resumed) throw_if_failed(*data_.resumed);
    fetch();
    data_.event = "execute";
    (void)run_functions(task_->options.on_execute_callback, "on_execute_callback", data_);  // as in Airflow, no reason to fail
    name_instance_early();
    detail::Invocation call(data_, *task_);
    limit_time(true);
    if (task_->sensor != nullptr) return run_sensor(call);
    task_->function->invoke(task_->target.get(), call);
    limit_time(false);
    name_instance();
    Value result = std::exchange(data_.result, Value());
    switch (task_->kind) {
      case detail::TaskKind::branch:
        return branch(result);
      case detail::TaskKind::short_circuit:
        return short_circuit(is_true(result), result);
      case detail::TaskKind::plain:
        break;
    }
    return success(std::move(result));
  } catch (const TaskCancelled& e) {
    if (!comms_.is_cancelled()) return failure();  // thrown by the function itself
    return {.event = "cancelled", .messages = {}, .error = e.what()};
  } catch (const TaskDeferred& e) {
    limit_time(false);
    name_failed_instance();
    data_.log_sink.write(LogLevel::info, "Pausing task as DEFERRED to " + e.trigger.classpath());
    return {.event = "deferred", .messages = {defer_message(e, rendered_map_index())}, .error = {}};
  } catch (const TaskSkipped& e) {
    limit_time(false);
    name_failed_instance();
    return skipped(e.what());
  } catch (const TaskFailedForGood&) {
    limit_time(false);
    const Caught caught = current_exception_text();
    name_failed_instance();
    return failed(caught.text, caught.type, false);
  } catch (...) {
    limit_time(false);
    const Caught caught = current_exception_text();
    name_failed_instance();
    return failed_by_policy(caught, std::current_exception());
  }
}

TaskRun::End TaskRun::failed_by_policy(const Caught& caught, const std::exception_ptr& thrown) {
  for (const RetryRule& rule : task_->options.retry_policy) {
    if (!rule.takes(thrown)) continue;
    if (!rule.reason.empty()) data_.log_sink.write(LogLevel::info, "Retry policy: " + rule.reason, nullptr);
    if (rule.action == RetryAction::fail) return failed(caught.text, caught.type, false);
    if (rule.action == RetryAction::standard) break;
    End end = failed(caught.text, caught.type, true);
    if (end.event == "retry" && rule.retry_delay)
      end.messages.front().as_object().set("retry_delay_seconds", std::chrono::duration<double>(*rule.retry_delay).count());
    return end;
  }
  return failed(caught.text, caught.type, true);
}

TaskRun::End TaskRun::run_sensor(detail::Invocation& call) {
  RealClock real;
  SensorClock& clock = clock_ == nullptr ? real : *clock_;
  SensorRun sensor(*task_, data_, call, clock,
                   static_cast<int>(startup_.get_value("ti_context").get_int("task_reschedule_count")));
  for (;;) {
    SensorRun::Next next = sensor.next();
    switch (next.kind) {
      case SensorRun::Next::Kind::done:
        limit_time(false);
        name_instance();
        return success(std::move(next.xcom));
      case SensorRun::Next::Kind::wait:
        clock.sleep(next.wait);
        break;
      case SensorRun::Next::Kind::reschedule:
        limit_time(false);
        data_.log_sink.write(LogLevel::info, "Rescheduling task, marking task as UP_FOR_RESCHEDULE");
        return {.event = "reschedule",
                .messages = {Object{{"type", "RescheduleTask"},
                                    {"state", "up_for_reschedule"},
                                    {"reschedule_date", format_time(clock.now() + next.wait)},
                                    {"end_date", format_time(clock.now())}}},
                .error = {}};
    }
  }
}

// Venturi's worker keeps execution_timeout; Airflow's supervisor leaves it to the task, which is ended by SIGALRM then.
void TaskRun::limit_time(bool on) {
  if (comms_.pipelined() || !task_->options.execution_timeout) return;
  itimerval timer{};
  if (on) {
    const auto limit = *task_->options.execution_timeout;
    timer.it_value.tv_sec = limit / std::chrono::seconds(1);
    timer.it_value.tv_usec = (limit % std::chrono::seconds(1)).count();
    const Object members{{"execution_timeout", std::chrono::duration<double>(limit).count()}};
    data_.log_sink.write(LogLevel::info, "The process is ended by SIGALRM when its execution_timeout is over", &members);
  }
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

// As in Airflow, rendered before the task runs, so that it has a name meanwhile, and again when it has run, with what it put
// into the context.
void TaskRun::name_instance() {
  const std::string& map_index_template = task_->options.map_index_template;
  if (map_index_template.empty()) return;
  try {
    const Value rendered = Context(data_).render_template(Value(map_index_template), "map_index_template");
    name_ = data_.without_secrets(rendered.is_string() ? rendered.as_string() : to_json(rendered));
  } catch (const HookError& e) {
    if (e.detail().get_string("needs") != "venturi") throw std::runtime_error(std::string("map_index_template: ") + e.what());
    data_.log_sink.write(LogLevel::warning, std::string("The instance gets no name: ") + e.what());
  }
}

void TaskRun::name_instance_early() {
  if (task_->options.map_index_template.empty() || data_.host_calls < task::host_calls_version) return;
  name_failed_instance();
  if (!name_.empty()) (void)data_.ask({{"type", "SetRenderedMapIndex"}, {"rendered_map_index", name_}});
}

void TaskRun::name_failed_instance() {
  try {
    if (data_.host_calls >= task::host_calls_version) name_instance();
  } catch (const std::exception& e) {  // what the task itself ends with is what matters
    data_.log_sink.write(LogLevel::debug, std::string("The instance gets no name: ") + e.what());
  }
}

// What the instances of a mapped task gave, from the second page on: no message is too large, however many they are.
void TaskRun::fetch_pages(Value request, const Value& first, Array& all) {
  for (Value next = first.get_value("next"); !next.is_null();) {
    request.as_object().set("start", next);
    Value page = data_.ask(request.as_object());
    Value items = page.take_value("root");
    for (Value& item : items.as_array()) all.push_back(std::move(item));
    next = page.get_value("next");
  }
}

// What an earlier try left goes, and the inputs come (task_inputs.cpp); all of it at once.
void TaskRun::fetch() {
  std::vector<Value> requests;
  const Value context = startup_.get_value("ti_context");
  if (const Value* keys = context.get("xcom_keys_to_clear")) {
    for (const Value& key : keys->as_array()) {
      Object request = data_.xcom_address(key.as_string());
      request.add("type", "DeleteXCom");
      requests.emplace_back(std::move(request));
    }
  }
  const std::size_t first_input = requests.size();
  InputRequests inputs(*task_, data_, startup_.get_value("items"));
  for (const Value& request : inputs.requests()) requests.push_back(request);
  for (Value& request : requests) {
    if (comms_.pipelined() && request.get_string("type") == "GetXComSequenceSlice")
      request.as_object().set("page_bytes", bytes_of_a_page);
  }
  std::vector<Answer> answers = comms_.ask_all(requests);
  std::vector<Value> values;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::string code = error_code(answers[i]);
    if (!code.empty() && code != "XCOM_NOT_FOUND") {
      throw ServerError(requests[i].get_string("type") + " of " + requests[i].get_string("key") +
                        " failed: " + error_text(answers[i].error.is_null() ? answers[i].body : answers[i].error));
    }
    if (i < first_input) continue;
    values.push_back(answers[i].body.take_value(answers[i].body.get("root") != nullptr ? "root" : "value"));
    if (answers[i].body.get("next") != nullptr) fetch_pages(requests[i], answers[i].body, values.back().as_array());
  }
  data_.inputs = inputs.values(values);
}

Value TaskRun::set_xcom(std::string_view key, Value value) const {
  Object message = data_.xcom_address(key);
  message.add("value", std::move(value));
  message.add("type", "SetXCom");
  return message;
}

Value TaskRun::succeed() const {
  return Object{{"type", "SucceedTask"},
                {"state", "success"},
                {"end_date", now_text()},
                {"task_outlets", Array{}},
                {"outlet_events", data_.outlet_events},
                {"rendered_map_index", rendered_map_index()}};
}

TaskRun::End TaskRun::success(Value result) {
  End end{.event = "success", .messages = {}, .error = {}};
  if (!result.is_null() && task_->options.do_xcom_push.value_or(true)) {
    if (task_->multiple_outputs) {
      if (!result.is_object()) {
        return failed("multiple_outputs needs a result with members, and it is " + std::string(result.type_name()), "", true);
      }
      for (const auto& [key, value] : result.as_object()) end.messages.push_back(set_xcom(key, value));
    }
    end.messages.push_back(set_xcom(return_value, std::move(result)));
  }
  end.messages.push_back(succeed());
  return end;
}

TaskRun::End TaskRun::skipped(const std::string& why) {
  const Object members{{"reason", why}};
  data_.log_sink.write(LogLevel::info, "Skipping task.", why.empty() ? nullptr : &members);
  return {
      .event = "skipped",
      .messages = {Object{
          {"type", "TaskState"}, {"state", "skipped"}, {"end_date", now_text()}, {"rendered_map_index", rendered_map_index()}}},
      .error = {}};
}

TaskRun::End TaskRun::failure() {
  const Caught caught = current_exception_text();
  return failed(caught.text, caught.type, true);
}

TaskRun::End TaskRun::failed(std::string error, std::string_view exception_type, bool may_retry) {
  End end{.event = "failure", .messages = {}, .error = data_.without_secrets(std::move(error))};
  Object members;
  if (!exception_type.empty()) members.add("exception", exception_type);
  data_.log_sink.write(LogLevel::error, end.error, &members);
  if (may_retry && startup_.get_value("ti_context").get_bool("should_retry")) {
    end.event = "retry";
    end.messages.emplace_back(Object{{"type", "RetryTask"},
                                     {"state", "up_for_retry"},
                                     {"end_date", now_text()},
                                     {"rendered_map_index", rendered_map_index()},
                                     {"retry_delay_seconds", nullptr},
                                     {"retry_reason", end.error.substr(0, longest_retry_reason)}});
    return end;
  }
  Object state{
      {"type", "TaskState"}, {"state", "failed"}, {"end_date", now_text()}, {"rendered_map_index", rendered_map_index()}};
  // Airflow's message has no place for the reason; Venturi's server takes it from here.
  if (comms_.pipelined()) state.add("error", end.error);
  end.messages.emplace_back(std::move(state));
  return end;
}

void TaskRun::log_refusal(const Value& message, const Answer& answer) {
  data_.log_sink.write(LogLevel::error, message.get_string("type") +
                                            " was refused: " + error_text(answer.error.is_null() ? answer.body : answer.error));
}

bool TaskRun::is_accepted(const End& end, const std::vector<Answer>& answers) {
  bool accepted = true;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (error_code(answers[i]).empty()) continue;
    log_refusal(end.messages[i], answers[i]);
    accepted = false;
  }
  return accepted;
}

bool TaskRun::report(End& end) try {
  if (comms_.pipelined()) return is_accepted(end, comms_.ask_all(end.messages));
  for (std::size_t i = 0; i < end.messages.size(); ++i) {
    const Answer answer = comms_.ask(end.messages[i]);
    if (error_code(answer).empty()) continue;
    log_refusal(end.messages[i], answer);
    if (i + 1 == end.messages.size()) return false;
    // No success without its XComs: the try fails instead.
    end = failed(end.messages[i].get_string("type") + " was refused", "", true);
    return report(end);
  }
  return true;
} catch (const TooLarge& e) {
  end = too_large(e);
  return report(end);
}

TaskRun::End TaskRun::too_large(const TooLarge& e) {
  return failed(e.what(), "", true);
}

bool TaskRun::calls_back(const End& end) const {
  if (task_ == nullptr || end.event == "cancelled" || end.event == "reschedule" || end.event == "deferred") return false;
  const Callbacks callbacks = callbacks_for(task_->options, end.event);
  return std::any_of(callbacks.list().begin(), callbacks.list().end(), [](const Callback& c) { return c.is_function(); });
}

void TaskRun::run_callbacks(const End& end) {
  if (task_ == nullptr) return;
  data_.event = end.event;
  data_.error = end.error;
  (void)run_functions(callbacks_for(task_->options, end.event), "on_" + std::string(end.event) + "_callback", data_);
}

}  // namespace venturi::inline sdk::internal
