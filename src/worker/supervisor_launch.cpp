// From a recorded launch to a process, or to an operator in the host.
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/errno_error.h"
#include "base/kill_point.h"
#include "base/time.h"
#include "task/host_call.h"
#include "worker/answer_secrets.h"
#include "worker/operator_kinds.h"
#include "worker/supervisor.h"

namespace venturi::worker {
namespace {

constexpr const char* warm_argument = "--venturi-warm";
constexpr const char* mover_argument = "--venturi-movers";

std::string now_text() {
  return format_time(SystemClock().now());
}

std::string label_of(const Value& ti) {
  std::string label = ti.get_string("dag_id") + "." + ti.get_string("task_id") + ", run " + ti.get_string("run_id");
  if (const auto map_index = ti.get_int("map_index", -1); map_index >= 0) label += ", map index " + std::to_string(map_index);
  return label + ", try " + std::to_string(ti.get_int("try_number"));
}

// Airflow's StartupDetails: of ExecuteTask what a task is to know, with the fields that Airflow's model has, what Venturi's SDK
// takes beside them (run_dir, fileloc, host_calls), and `op` (packed) for a mover.
std::string startup_details(const Value& body, const std::string& host_name, const std::string& start_date,
                            const std::string* op) {
  std::string packed;
  task::MapWriter details(packed);
  details.add("type", "StartupDetails");
  const Value& given = body.at("ti");
  auto ti = details.map("ti");
  for (const char* key : {"id", "task_id", "dag_id", "run_id", "try_number", "dag_version_id", "context_carrier"}) {
    const Value* value = given.get(key);
    ti.add(key, value == nullptr ? Value() : *value);
  }
  ti.add("map_index", given.get_int("map_index", -1));
  ti.add("hostname", host_name);
  ti.add("queue", given.get_string("queue", "default"));
  details.add("dag_rel_path", body.get_string("dag_rel_path"));
  const Value* bundle = body.get("bundle_info");
  details.add("bundle_info", bundle == nullptr ? Value(Object{{"name", "dags-folder"}, {"version", nullptr}}) : *bundle);
  details.add("start_date", body.get_string("start_date", start_date));
  details.add_packed("ti_context", body.at("ti_context").as_string());
  details.add("sentry_integration", "");
  details.add("run_dir", body.get_string("run_dir"));
  if (const Value* items = body.get("items")) details.add("items", *items);
  if (op == nullptr) details.add("fileloc", body.get_string("fileloc"));
  if (op != nullptr) details.add_packed("operator", *op);
  details.add(task::host_calls_member, task::host_calls_version);
  return packed;
}

std::string startup_frame(const std::string& details) {
  std::string frame;
  task::append_packed_frame(frame, 0, details);
  return frame;
}

}  // namespace

Try& Supervisor::add_try(Try::Kind kind, const std::string& log_path) {
  const std::uint64_t id = next_try_++;
  auto& slot = tries_[id];
  slot = std::make_unique<Try>(id, kind, stays_inside(log_path) ? logs_ + "/" + log_path : std::string());
  return *slot;
}

void Supervisor::begin(const Launch& launch) {
  const Value& body = launch.body;
  const std::string log_path = body.get_string("log_path");
  Try& t = add_try(Try::Kind::task, log_path);
  t.token = launch.token;
  by_token_[t.token] = &t;
  try {
    t.ti_id = body.at("ti").at("id").as_string();
    t.label = label_of(body.at("ti"));
    t.program = body.get_string("program");
    t.execution_timeout =
        std::chrono::milliseconds(static_cast<std::int64_t>(std::clamp(body.get_double("execution_timeout"), 0.0, 1e9) * 1000));
    if (const Value* secrets = body.get("secrets")) t.secrets = strings_in(*secrets);
    if (!stays_inside(log_path)) return refuse(t, "its log path '" + log_path + "' does not lie below the folder of logs");
    if (!launch.killed.empty()) return report(t, {"killed", 0, launch.killed});
    t.start_date = now_text();
    if (body.get_bool("light")) return start_light(t, startup_details(body, host_name_, t.start_date, nullptr));
    if (!t.program.empty()) return begin_process(t, startup_frame(startup_details(body, host_name_, t.start_date, nullptr)));

    const std::string& op = body.at("operator").as_string();
    const Value type = task::packed_member(op, "task_type");
    if (!std::ranges::binary_search(movers(), std::string_view(type.as_string()))) {
      t.kind = Try::Kind::host_operator;
      return start_operator(t, body, startup_details(body, host_name_, t.start_date, nullptr),
                            std::ranges::binary_search(commands(), std::string_view(type.as_string())));
    }
    if (options_.operator_host.empty()) return refuse(t, "this worker was started without an operator host (--operator-host)");
    t.kind = Try::Kind::mover;
    t.program = options_.operator_host;
    begin_process(t, startup_frame(startup_details(body, host_name_, t.start_date, &op)));
  } catch (const ValueError& e) {
    refuse(t, std::string("the server sent a launch that is not complete: ") + e.what());
  } catch (const std::system_error& e) {
    refuse(t, e.what());
  }
}

// Sockets, log, first frame; the process itself comes after the keeper was told. Throws std::system_error.
void Supervisor::begin_process(Try& t, std::string first_frame) {
  oom_.note();
  std::vector<std::pair<Fd, LogKind>> streams;
  auto [requests, their_requests] = make_socket_pair();
  t.child_ends[0] = std::move(their_requests);
  constexpr LogKind order[] = {LogKind::out, LogKind::err, LogKind::log};
  for (std::size_t i = 0; i < 3; ++i) {
    auto [mine, theirs] = make_socket_pair();
    t.child_ends[i + 1] = std::move(theirs);
    streams.emplace_back(std::move(mine), order[i]);
  }
  t.requests = std::move(requests);
  set_non_blocking(t.requests.get());
  t.startup_bytes = first_frame.size();
  t.out = std::move(first_frame);
  logs_reader_.open(t, std::move(streams));
  loop_.watch(t.requests.get(), EPOLLIN, [this, &t](std::uint32_t events) { on_requests(t, events); });
  write_out(t);
  to_launch_.emplace_back(&t, t.kind == Try::Kind::mover ? mover_argument : warm_argument);
}

std::string Supervisor::start_function(std::int64_t no, const Value& body) {
  const std::string program = body.get_string("program");
  if (program.empty()) return "the callback is a function, and no program was named";
  std::string log_path = body.get_string("log_path");
  if (log_path.empty()) {
    log_path = "dag_id=" + body.get_string("dag_id") + "/run_id=" + body.get_string("run_id") + "/";
    const std::string task_id = body.get_string("task_id");
    log_path += task_id.empty() ? "callbacks.log"
                                : "task_id=" + task_id + "/attempt=" + std::to_string(body.get_int("try_number")) + ".log";
  }
  if (!stays_inside(log_path)) return "the callback's log path '" + log_path + "' does not lie below the folder of logs";
  Try& t = add_try(Try::Kind::callback, log_path);
  t.callback = no;
  t.ti_id = "callback-" + std::to_string(no);
  t.label = "callback " + body.get_string("key");
  t.program = program;
  try {
    begin_process(t, task::encode_frame(0, callback_request(body)));
  } catch (const std::system_error& e) {
    bury(t);
    return e.what();
  }
  return {};
}

// No process was made, and none will be.
void Supervisor::refuse(Try& t, const std::string& why) {
  if (t.kind == Try::Kind::callback) {
    callbacks_.function_ended(t.callback, why);
    return bury(t);
  }
  record_.refuse(t.token);
  loop_.post([] {});  // a turn of its own brings that to the disk
  server_.send(Object{{"type", "TryRefused"}, {"token", to_value(t.token)}, {"why", why}, {"reason", "launch_failed"}});
  logs_reader_.note(t, "error", "it could not be started: " + why);
  bury(t);
}

void Supervisor::launch_lost(Try& t, const std::string& why) {
  if (t.kind == Try::Kind::callback) {
    callbacks_.function_ended(t.callback, why);
    return bury(t);
  }
  report(t, {"lost", 0, why});
}

void Supervisor::on_made(Try& t) {
  kill_point("worker.after_made");
  ::setpgid(t.pid, t.pid);  // it does that itself too; whoever comes first
  for (Fd& fd : t.child_ends) fd.reset();
  kill_point("worker.before_started");
  if (t.kind != Try::Kind::callback) {
    server_.send(Object{{"type", "TryStarted"}, {"token", to_value(t.token)}, {"pid", t.pid}, {"start_date", t.start_date}});
  }
  keep_time(t);
  if (t.cause != Cause::none) stop(t, t.cause, t.why);  // wanted dead before it was there
  children_.watch(t.pid, [this, &t](int status) { on_process_end(t, status); });
}

// From now on, where it has begun or ended its own.
void Supervisor::keep_time(Try& t) {
  const auto limit = t.kind == Try::Kind::callback ? options_.callback_timeout : t.execution_timeout;
  if (t.outcome_answered) {
    allow_overtime(t);
  } else if (limit.count() > 0) {
    t.deadline = loop_.after(limit, [this, &t, limit] {
      t.deadline = 0;
      char seconds[32];
      std::snprintf(seconds, sizeof seconds, "%g", static_cast<double>(limit.count()) / 1000);
      stop(t, Cause::timeout, std::string("its time-out of ") + seconds + " s was over");
    });
  }
}

}  // namespace venturi::worker
