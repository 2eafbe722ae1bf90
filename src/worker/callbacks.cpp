#include "worker/callbacks.h"

#include <vector>

#include "task/host_call.h"

namespace venturi::worker {
namespace {

std::string state_of_event(const std::string& event) {
  if (event == "failure") return "failed";
  if (event == "retry") return "up_for_retry";
  return event;
}

}  // namespace

Value callback_request(const Value& body) {
  const Value context = body.get_value("context");
  const std::string program = body.get_string("program");
  Object request{{"filepath", program},
                 {"bundle_name", "dags-folder"},
                 {"bundle_version", nullptr},
                 {"msg", context.get_value("message")}};
  if (body.get_string("task_id").empty()) {
    request.set("dag_id", body.get_value("dag_id"));
    request.set("run_id", body.get_value("run_id"));
    request.set("context_from_server",
                Object{{"dag_run", context.get_value("dag_run")}, {"last_ti", context.get_value("last_ti")}});
    request.set("is_failure_callback", body.get_string("event") == "failure");
    // Which of the DAG's deadline alerts; Airflow runs them elsewhere.
    if (body.get_string("event") == "deadline") request.set("deadline_alert", context.get_value("deadline_alert"));
    request.set("type", "DagCallbackRequest");
  } else {
    request.set("ti", context.get_value("ti"));
    request.set("task_callback_type", state_of_event(body.get_string("event")));
    request.set("context_from_server", context.get_value("ti_context"));
    request.set("type", "TaskCallbackRequest");
  }
  return Object{{"type", "DagFileParseRequest"},
                {"file", program},
                {"bundle_path", program.substr(0, program.rfind('/'))},
                {"bundle_name", "dags-folder"},
                {"fileloc", context.get_value("fileloc")},
                {"relative_fileloc", context.get_value("relative_fileloc")},
                {"callback_requests", Array{std::move(request)}},
                {task::host_calls_member, task::host_calls_version}};
}

void Callbacks::run(std::int64_t frame, const Value& body) {
  const std::int64_t no = body.at("no").as_int();
  if (const auto found = running_.find(no); found != running_.end()) {
    found->second.frame = frame;
    return;
  }
  Entry& entry = running_[no];
  entry.frame = frame;
  entry.parts = 1;  // this call itself: parts that fail at once must not end the entry too early
  if (const Value* notifiers = body.get("notifiers"); notifiers != nullptr) {
    for (const Value& notifier : notifiers->as_array()) {
      ++entry.parts;
      run_notifier(no, body, notifier);
    }
  }
  if (body.get_bool("function")) {
    ++entry.parts;
    if (const std::string error = events_.start_function(no, body); !error.empty()) part_ended(no, error);
  }
  part_ended(no, {});
}

void Callbacks::run_notifier(std::int64_t no, const Value& body, const Value& notifier) {
  if (const std::string error = host_.ensure(); !error.empty()) return part_ended(no, error);
  Object request{{"type", "RunNotifier"},
                 {"no", no},
                 {"key", body.get_value("key")},
                 {"classpath", notifier.at("classpath")},
                 {"kwargs", notifier.get_value("kwargs")},
                 {"context", body.get_value("context")}};
  ++running_.at(no).host_parts;
  host_.request(std::move(request), [this, no](const task::Frame& answer) {
    --running_.at(no).host_parts;
    const bool ok = answer.error.is_null() && answer.body.get_bool("ok");
    const std::string error = answer.error.is_null() ? answer.body.get_string("error") : to_json(answer.error);
    part_ended(no, ok ? "" : error.empty() ? "the notifier failed without saying why" : error);
  });
}

void Callbacks::part_ended(std::int64_t no, const std::string& error) {
  const auto found = running_.find(no);
  if (found == running_.end()) return;
  Entry& entry = found->second;
  if (entry.error.empty()) entry.error = error;
  if (--entry.parts > 0) return;
  const bool ok = entry.error.empty();
  events_.send_result(entry.frame,
                      Object{{"type", "CallbackResult"}, {"no", no}, {"ok", ok}, {"error", ok ? Value() : Value(entry.error)}});
  running_.erase(found);
}

void Callbacks::host_died(const std::string& why) {
  std::vector<std::int64_t> numbers;
  for (auto& [no, entry] : running_) {
    for (int i = 0; i < entry.host_parts; ++i) numbers.push_back(no);
    entry.host_parts = 0;
  }
  for (const std::int64_t no : numbers) part_ended(no, why);
}

std::string message_of(std::string_view type, std::int64_t no, std::string_view body) {
  std::string packed;
  task::MapWriter map(packed);
  map.add("type", type);
  map.add("no", no);
  map.add_packed("body", body);
  return packed;
}

}  // namespace venturi::worker
