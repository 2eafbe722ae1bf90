// run_task: a supervisor in a thread of this process, whose connections, variables and XComs are made up.
#include "venturi/test.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "base/errno_error.h"
#include "sdk/asset.h"
#include "sdk/dag_node.h"
#include "sdk/json_read.h"
#include "sdk/program.h"
#include "sdk/sensor_run.h"
#include "sdk/task_run.h"
#include "sdk/test_hooks.h"
#include "task/frame.h"
#include "task/host_call.h"

namespace venturi::inline sdk::test {

World::~World() = default;

namespace {

Value error_response(const char* code) {
  return Object{{"type", "ErrorResponse"}, {"error", code}, {"detail", nullptr}};
}

Value time_or_null(const std::optional<Time>& time) {
  return time ? Value(format_time(*time)) : Value();
}

// It goes on by what a sensor sleeps.
class MadeUpClock final : public internal::SensorClock {
 public:
  explicit MadeUpClock(Time start) : start_(start) {}
  [[nodiscard]] Time now() override { return start_ + slept_; }
  [[nodiscard]] Duration since_boot() override { return slept_; }
  // At least something: a sensor that asks again at once shall time out here too.
  void sleep(Duration duration) override { slept_ += duration > Duration::zero() ? duration : std::chrono::seconds(1); }
  [[nodiscard]] Duration slept() const { return slept_; }

 private:
  Time start_;
  Duration slept_{};
};

// One side of the task's channel; the other one is TaskRun's.
class Supervisor {
 public:
  Supervisor(const World& world, Outcome& outcome, Time start)
      : world_(world), outcome_(outcome), start_(start), hooks_(world.hooks, outcome.calls) {}

  // Until the task's side is closed.
  void serve(Fd socket) {
    while (const auto frame = task::read_frame(socket.get())) {
      if (frame->body.get_string("type") == "HostCall") {
        const internal::Answer answered = hooks_.answer(frame->body);
        task::write_frame(socket.get(), frame->id, answered.body, answered.error);
      } else {
        task::write_frame(socket.get(), frame->id, answer(frame->body));
      }
    }
  }

 private:
  Value answer(const Value& request) {
    const std::string type = request.get_string("type");
    if (type == "GetConnection") return connection(request.get_string("conn_id"));
    if (type == "GetVariable") return variable(request.get_string("key"));
    if (type == "PutVariable") outcome_.variables.emplace_back(request.get_string("key"), request.get_string("value"));
    if (type == "DeleteVariable") outcome_.variables.emplace_back(request.get_string("key"), std::nullopt);
    if (type == "GetXCom") return xcom(request);
    if (type.starts_with("GetXComSequence") || type == "GetXComCount") return instances(request);
    if (type == "SetXCom") push(request);
    if (type == "SkipDownstreamTasks") skip(request.at("tasks"));
    if (type == "GetTaskRescheduleStartDate") {
      return Object{{"type", "TaskRescheduleStartDate"},
                    {"start_date", format_time(start_ - world_.waiting.value_or(Duration::zero()))}};
    }
    if (type == "GetDagRun")
      return Object{{"type", "DagRunResult"},
                    {"consumed_asset_events", internal::event_values(world_.triggering_asset_events)}};
    if (type.starts_with("GetAssetEventByAsset")) return asset_events(request);
    if (type == "SucceedTask") {
      outcome_.state = "success";
      outcome_.outlet_events = request.at("outlet_events").as_array();
    }
    if (type == "RescheduleTask") {
      outcome_.state = request.get_string("state");
      outcome_.waited += parse_time(request.get_string("reschedule_date")).value_or(start_) - start_;
    }
    if (type == "DeferTask") {
      outcome_.state = request.get_string("state");
      outcome_.deferral = request;
    }
    if (type == "RetryTask" || type == "TaskState") {
      outcome_.state = request.get_string("state");
      outcome_.error = request.get_string(type == "RetryTask" ? "retry_reason" : "error");
    }
    return {};
  }

  // Within the bounds of the request, in its order.
  Value asset_events(const Value& request) const {
    std::multimap<Time, AssetEvent> in_order;
    const auto after = parse_time(request.get_string("after")), before = parse_time(request.get_string("before"));
    for (const AssetEvent& event : world_.asset_events) {
      const std::string alias = request.get_string("alias_name");
      const AssetOrAlias asset(event.asset);
      const bool fits = alias.empty()
                            ? asset.members().at("name") == request.at("name") && asset.members().at("uri") == request.at("uri")
                            : std::ranges::find(event.source_aliases, alias) != event.source_aliases.end();
      if (fits && (!after || event.timestamp >= *after) && (!before || event.timestamp <= *before))
        in_order.emplace(event.timestamp, event);
    }
    std::vector<AssetEvent> found;
    for (auto& [time, event] : in_order) found.push_back(std::move(event));
    if (!request.get_bool("ascending", true)) std::ranges::reverse(found);
    const Value limit = request.get_value("limit");
    if (limit.is_int() && found.size() > static_cast<std::size_t>(limit.as_int()))
      found.resize(static_cast<std::size_t>(limit.as_int()));
    return Object{{"type", "AssetEventsResult"}, {"asset_events", internal::event_values(found)}};
  }
  Value connection(const std::string& conn_id) const {
    for (const Connection& c : world_.connections) {
      if (c.conn_id != conn_id) continue;
      return Object{{"type", "ConnectionResult"},
                    {"conn_id", c.conn_id},
                    {"conn_type", c.conn_type},
                    {"host", c.host},
                    {"schema", c.schema},
                    {"login", c.login},
                    {"password", c.password},
                    {"port", c.port ? Value(*c.port) : Value()},
                    {"extra", c.extra}};
    }
    return error_response("CONNECTION_NOT_FOUND");
  }
  // What the task set itself comes first.
  Value variable(const std::string& key) const {
    const auto set = std::find_if(outcome_.variables.rbegin(), outcome_.variables.rend(),
                                  [&](const auto& entry) { return entry.first == key; });
    if (set != outcome_.variables.rend())
      return set->second ? variable_result(key, *set->second) : error_response("VARIABLE_NOT_FOUND");
    for (const auto& [name, value] : world_.variables) {
      if (name == key) return variable_result(key, value);
    }
    return error_response("VARIABLE_NOT_FOUND");
  }
  static Value variable_result(const std::string& key, const std::string& value) {
    return Object{{"type", "VariableResult"}, {"key", key}, {"value", value}};
  }
  Value xcom(const Value& request) const {
    const auto is_meant = [&](const XCom& x) {
      return x.task_id == request.get_string("task_id") && x.key == request.get_string("key") &&
             x.map_index == request.get_int("map_index", -1);
    };
    for (const std::vector<XCom>* list : {static_cast<const std::vector<XCom>*>(&outcome_.xcoms), &world_.xcoms}) {
      const auto found = std::find_if(list->rbegin(), list->rend(), is_meant);
      if (found == list->rend()) continue;
      const Value* item = request.get("item");
      return Object{
          {"type", "XComResult"},
          {"key", found->key},
          {"value", item == nullptr ? found->value : found->value.as_array().at(static_cast<std::size_t>(item->as_int()))}};
    }
    return error_response("XCOM_NOT_FOUND");
  }
  // What the instances of a mapped task gave, in order.
  Value instances(const Value& request) const {
    std::vector<const XCom*> found;
    for (const XCom& x : world_.xcoms) {
      if (x.task_id == request.get_string("task_id") && x.key == request.get_string("key") && x.map_index >= 0)
        found.push_back(&x);
    }
    std::sort(found.begin(), found.end(), [](const XCom* a, const XCom* b) { return a->map_index < b->map_index; });
    if (request.get_string("type") == "GetXComSequenceItem") {
      const auto at = static_cast<std::size_t>(request.get_int("offset"));
      if (at >= found.size()) return error_response("XCOM_NOT_FOUND");
      return Object{{"type", "XComSequenceIndexResult"}, {"root", found[at]->value}};
    }
    if (request.get_string("type") == "GetXComCount") return Object{{"type", "XComCountResponse"}, {"len", found.size()}};
    Array all;
    for (std::size_t i = static_cast<std::size_t>(request.get_int("start")); i < found.size(); ++i)
      all.push_back(found[i]->value);
    return Object{{"type", "XComSequenceSliceResult"}, {"root", std::move(all)}};
  }
  void push(const Value& request) {
    outcome_.xcoms.push_back({.task_id = request.get_string("task_id"),
                              .value = request.get_value("value"),
                              .key = request.get_string("key"),
                              .map_index = static_cast<int>(request.get_int("map_index", -1))});
  }
  void skip(const Value& tasks) {
    for (const Value& task : tasks.as_array()) {
      outcome_.skipped.push_back(task.is_array() ? task.as_array().at(0).as_string() : task.as_string());
    }
  }

  const World& world_;
  Outcome& outcome_;
  Time start_;
  internal::MadeUpHooks hooks_;
};

void check(const DagBag& dags, std::string_view dag_id, std::string_view task_id) {
  const std::string name = "run_task(\"" + std::string(dag_id) + "\", \"" + std::string(task_id) + "\"): ";
  const detail::DagNode* dag = dags.state().find(dag_id);
  if (dag == nullptr) {
    std::string what = name + "the program has no such DAG; link the file that declares it";
    for (const std::string& mistake : dags.state().mistakes) what += "; " + mistake;
    throw std::invalid_argument(what);
  }
  if (!dag->mistakes.empty()) throw std::invalid_argument(name + "the DAG has mistakes: " + dag->mistakes.front());
  const detail::TaskNode* task = dag->find(task_id);
  if (task == nullptr) throw std::invalid_argument(name + "the DAG has no such task");
  if (task->function == nullptr) {
    throw std::invalid_argument(name + "it is a " + task->task_type +
                                ", which does not run in the program: try it with venturi tasks test");
  }
}

Value startup_details(std::string_view dag_id, std::string_view task_id, const World& w, const std::string& run_dir) {
  Object conf = w.conf;
  for (const auto& [name, value] : w.params) conf.set(name, value);
  Object next_kwargs;
  if (w.resumed) {
    if (w.resumed->kwargs.is_object()) next_kwargs = w.resumed->kwargs.as_object();
    next_kwargs.set("event", w.resumed->event);
  }
  return Object{{"type", "StartupDetails"},
                {"ti", Object{{"id", "00000000-0000-7000-8000-000000000000"},
                              {"task_id", task_id},
                              {"dag_id", dag_id},
                              {"run_id", w.run_id},
                              {"try_number", w.try_number},
                              {"map_index", w.map_index}}},
                {"ti_context", Object{{"dag_run", Object{{"dag_id", dag_id},
                                                         {"run_id", w.run_id},
                                                         {"run_type", w.run_type},
                                                         {"logical_date", time_or_null(w.logical_date)},
                                                         {"data_interval_start", time_or_null(w.data_interval_start)},
                                                         {"data_interval_end", time_or_null(w.data_interval_end)},
                                                         {"run_after", time_or_null(w.logical_date)},
                                                         {"start_date", time_or_null(w.logical_date)},
                                                         {"conf", std::move(conf)}}},
                                      {"task_reschedule_count", w.waiting ? 1 : 0},
                                      {"max_tries", w.retries},
                                      {"should_retry", w.retries > 0},
                                      {"next_method", w.resumed ? Value(w.resumed->method_name) : Value()},
                                      {"next_kwargs", std::move(next_kwargs)}}},
                {"run_dir", run_dir},
                {task::host_calls_member, task::host_calls_version}};
}

// "info: read 3 rows", and of failures the reason.
void read_log(int fd, Outcome& outcome) {
  std::string text;
  char buffer[4096];
  ::lseek(fd, 0, SEEK_SET);
  for (ssize_t n = 0; (n = ::read(fd, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(n));
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const Value line = internal::read_json(text.substr(start, end - start), "a log line");
    outcome.log.push_back(line.get_string("level") + ": " + line.get_string("event"));
    if (const Value* reason = line.get("reason"); reason != nullptr && reason->is_string()) outcome.error = reason->as_string();
    start = end + 1;
  }
}

std::string* make_folder() {
  const char* base = std::getenv("TMPDIR");
  std::string path = std::string(base == nullptr || *base == '\0' ? "/tmp" : base) + "/venturi_test_XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) throw errno_error("make the folder " + path);
  return new std::string(std::move(path));
}

void remove_folder(const void* path) {
  std::error_code ignored;  // what cannot be removed stays in the system's folder for temporary files
  std::filesystem::remove_all(*static_cast<const std::string*>(path), ignored);
  delete static_cast<const std::string*>(path);
}

}  // namespace

RunFolder::RunFolder() : folder_(make_folder(), remove_folder) {}

const std::string& RunFolder::path() const {
  return *static_cast<const std::string*>(folder_.get());
}

RunFileWriter RunFolder::create_run_file(std::string name, std::vector<Column> columns) const {
  return {path(), std::move(name), std::move(columns)};
}

Value Outcome::xcom(std::string_view key) const {
  const auto found = std::find_if(xcoms.rbegin(), xcoms.rend(), [&](const XCom& x) { return x.key == key; });
  return found == xcoms.rend() ? Value() : found->value;
}

Outcome run_task(std::string_view dag_id, std::string_view task_id, const World& world) {
  DagBag dags;
  internal::make_dags(dags);
  check(dags, dag_id, task_id);
  Outcome outcome;
  if (world.files) outcome.files = *world.files;
  Fd log(::memfd_create("log of a task", MFD_CLOEXEC));
  if (!log) throw errno_error("a place for the task's log");
  auto [mine, theirs] = make_socket_pair();
  const Time start = internal::RealClock().now();
  MadeUpClock clock(start);
  {
    std::jthread supervisor([&world, &outcome, start, socket = std::move(mine)]() mutable {
      Supervisor(world, outcome, start).serve(std::move(socket));
    });
    internal::Comms comms(std::move(theirs));
    detail::LogSink sink(Fd(::dup(log.get())));
    internal::TaskRun run(dags, comms, sink, startup_details(dag_id, task_id, world, outcome.files.path()));
    run.set_clock(clock);
    (void)run.run();
  }
  outcome.waited += clock.slept();
  read_log(log.get(), outcome);
  return outcome;
}

}  // namespace venturi::inline sdk::test
