// Runs one try of a task in this process against a FakeSupervisor.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sdk/dag_node.h"
#include "sdk/log_sink.h"
#include "sdk/task_run.h"
#include "sdk/testing/fake_supervisor.h"

namespace venturi::inline sdk::internal {

// What the supervisor says of the try.
struct TryOptions {
  int try_number = 2, map_index = -1;
  bool should_retry = false;
  bool of_venturi = true;  // with a folder for the run's files, and requests that may be sent before the first is answered
  std::string run_dir = "/nowhere";
  std::vector<std::string> xcom_keys_to_clear{};
  Value conf{};
  int reschedules = 0;
  std::string next_method{};  // of a try that goes on after it deferred itself
  Object next_kwargs{};
  std::vector<std::int64_t> items{};  // of a mapped task: the instance's own, as the server tells; empty: it does not
};

// Airflow's StartupDetails.
inline Value startup_details(std::string_view dag_id, std::string_view task_id, const TryOptions& options = {}) {
  Array keys(options.xcom_keys_to_clear.begin(), options.xcom_keys_to_clear.end());
  Object message{{"type", "StartupDetails"},
                 {"ti", Object{{"id", "01890a5d-ac96-774b-bcce-b302099a8057"},
                               {"task_id", task_id},
                               {"dag_id", dag_id},
                               {"run_id", "manual__2026-01-02"},
                               {"try_number", options.try_number},
                               {"map_index", options.map_index}}},
                 {"ti_context", Object{{"dag_run", Object{{"dag_id", dag_id},
                                                          {"run_id", "manual__2026-01-02"},
                                                          {"run_type", "manual"},
                                                          {"logical_date", "2026-01-02T03:04:05Z"},
                                                          {"data_interval_start", "2026-01-01T00:00:00Z"},
                                                          {"data_interval_end", "2026-01-02T00:00:00Z"},
                                                          {"run_after", "2026-01-02T03:04:06Z"},
                                                          {"start_date", "2026-01-02T03:04:07Z"},
                                                          {"conf", options.conf}}},
                                       {"task_reschedule_count", options.reschedules},
                                       {"max_tries", 3},
                                       {"should_retry", options.should_retry},
                                       {"next_method", options.next_method.empty() ? Value() : Value(options.next_method)},
                                       {"next_kwargs", options.next_kwargs},
                                       {"xcom_keys_to_clear", std::move(keys)}}}};
  if (options.of_venturi) {
    message.add("run_dir", options.run_dir);
    message.add("host_calls", 2);
    if (!options.items.empty()) message.add("items", Array(options.items.begin(), options.items.end()));
  }
  return message;
}

struct Try {
  int exit_code = -1;
  std::vector<Value> requests;
  std::vector<Value> log;

  [[nodiscard]] std::vector<std::string> types() const {
    std::vector<std::string> types;
    for (const Value& request : requests) types.push_back(request.get_string("type"));
    return types;
  }
  // The first request of a type; null where there was none.
  [[nodiscard]] Value request(std::string_view type) const {
    for (const Value& request : requests) {
      if (request.get_string("type") == type) return request;
    }
    return {};
  }
  // The value of the XCom that was pushed; null where there was none.
  [[nodiscard]] Value xcom(std::string_view key) const {
    for (const Value& request : requests) {
      if (request.get_string("type") == "SetXCom" && request.get_string("key") == key) return request.at("value");
    }
    return {};
  }
  [[nodiscard]] std::vector<std::string> events() const {
    std::vector<std::string> events;
    for (const Value& line : log) events.push_back(line.get_string("event"));
    return events;
  }
};

inline Try try_of(const DagBag& dags, std::string_view dag_id, std::string_view task_id, const TryOptions& options = {},
                  FakeSupervisor::Answers answers = {}) {
  FakeSupervisor supervisor(std::move(answers));
  Try result;
  supervisor.start();
  {
    Comms comms(supervisor.take_program_end());
    detail::LogSink log(supervisor.take_program_log());
    result.exit_code = TaskRun(dags, comms, log, startup_details(dag_id, task_id, options)).run();
  }
  result.requests = supervisor.requests();
  result.log = supervisor.log_lines();
  return result;
}

}  // namespace venturi::inline sdk::internal
