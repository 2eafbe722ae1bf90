#include "server/worker_link.h"

#include <utility>

#include "server/execute_task.h"

namespace venturi::server {
namespace {

LaunchToken token_of(const Value& value) {
  const Array& parts = value.as_array();
  return {static_cast<std::uint64_t>(parts.at(0).as_int()), static_cast<std::uint64_t>(parts.at(1).as_int())};
}

// The worker is told what it may forget each time so many launches were settled.
constexpr std::uint64_t horizon_step = 1024;
// About ten launches: the worker starts them while the next are made. A whole batch at once would go from process to process
// in one piece, each of them waiting for the others.
constexpr std::size_t early_bytes = 8UL << 10U;

}  // namespace

WorkerLink::WorkerLink(Scheduler& scheduler, TaskHost& host, store::Reader& reader, const Home& home, const Past& past,
                       Events events)
    : scheduler_(scheduler),
      host_(host),
      reader_(reader),
      home_(home),
      files_(home.files().string()),
      events_(std::move(events)),
      epoch_(past.epoch),
      worker_id_(past.worker_id),
      // Where a worker was known before, what was committed may have been sent to it.
      sent_below_(past.worker_id.empty() ? 1 : past.next_sequence) {
  for (const auto& outstanding : scheduler_.engine().outstanding()) {
    if (outstanding.token.epoch != epoch_ || outstanding.token.sequence < sent_below_) continue;
    if (auto launch = scheduler_.engine().launch_of(outstanding.token)) waiting_.emplace(outstanding.token, std::move(*launch));
  }
}

void WorkerLink::adopt(std::unique_ptr<FrameConnection> connection, const task::Frame& hello) {
  if (connection_) lose("another worker came in its place");
  connection_ = std::move(connection);
  const std::uint64_t number = ++connection_no_;
  connection_->set_events({.on_frame =
                               [this, number](const task::Frame& frame) {
                                 if (number == connection_no_) on_frame(frame);
                               },
                           .on_closed =
                               [this, number](const std::string& why) {
                                 if (number == connection_no_) lose(why);
                               }});
  say_hello(hello.id, hello.body);
}

void WorkerLink::say_hello(std::int64_t id, const Value& hello) {
  parallelism_ = static_cast<int>(hello.get_int("parallelism", 1));
  tries_.clear();
  for (const Value& t : hello.at("tries").as_array()) tries_.emplace(token_of(t.at("token")), t);
  const std::string worker_id = hello.get_string("worker_id");
  const std::uint64_t number = connection_no_;
  const auto greet = [this, id, number] {
    told_horizon_ = scheduler_.engine().horizon();
    answer(number, id,
           Object{{"type", "ServerHello"},
                  {"version", VENTURI_VERSION},
                  {"epoch", epoch_},
                  {"horizon", told_horizon_},
                  {"sent_below", sent_below_},
                  {"home", home_.root.string()}});
    if (number == connection_no_ && connection_) ask_about_outstanding();
  };
  if (worker_id == worker_id_) return greet();
  // That this home has a worker is on disk before anything is sent to it: a later server must not take for unsent what was.
  worker_id_ = worker_id;
  scheduler_.writes().worker_id = worker_id;
  scheduler_.when_durable(greet);
}

void WorkerLink::ask_about_outstanding() {
  asked_tokens_.clear();
  Array tokens;
  for (const auto& outstanding : scheduler_.engine().outstanding()) {
    if (outstanding.token.epoch == epoch_ && outstanding.token.sequence >= sent_below_)
      continue;  // it waits here, or for its commit
    asked_tokens_.push_back(outstanding.token);
    tokens.push_back(token_value(outstanding.token));
  }
  if (tokens.empty()) return go_on();
  asked_ = next_request_--;
  connection_->send(asked_, Object{{"type", "AskTokens"}, {"tokens", std::move(tokens)}});
}

void WorkerLink::on_token_states(const task::Frame& frame) {
  asked_ = 0;
  const Array& states = frame.body.at("states").as_array();
  for (std::size_t i = 0; i < asked_tokens_.size(); ++i) {
    const LaunchToken token = asked_tokens_[i];
    const std::string& state = states.at(i).as_string();
    if (state == "never_started") {
      scheduler_.step(engine::TryNeverStarted{token});
    } else if (state == "running") {
      if (scheduler_.engine().is_restarting(token)) send_kill({token, EndReason::cleared});  // the first one may be lost
      const auto t = tries_.find(token);
      if (t != tries_.end()) {
        scheduler_.step_lazily(
            engine::TryStarted{token, scheduler_.now(), static_cast<std::int32_t>(t->second.get_int("pid"))});
      }
    } else if (state != "ended") {  // of one that ended the worker tells more by itself
      scheduler_.step(engine::TryLost{token, scheduler_.now(), "its worker has no record of it any more, it may have run"});
    }
  }
  go_on();
}

void WorkerLink::go_on() {
  ready_ = true;
  for (auto& [token, launch] : std::exchange(waiting_, {})) {
    if (scheduler_.engine().is_restarting(token))
      scheduler_.step(engine::TryNeverStarted{token});
    else if (scheduler_.engine().counts(token))
      send_launch(launch);
  }
  events_.on_ready();
}

void WorkerLink::launch(engine::Launch launch) {
  if (ready_) return send_launch(launch);
  const LaunchToken token = launch.ti.token;
  waiting_.insert_or_assign(token, std::move(launch));
}

void WorkerLink::send_launch(const engine::Launch& launch) {
  sent_below_ = std::max(sent_below_, launch.ti.token.sequence + 1);
  connection_->send_packed(0, execute_task(files_, launch, xcom_keys(launch)));
  connection_->flush_above(early_bytes);
  if (const std::uint64_t horizon = scheduler_.engine().horizon(); horizon >= told_horizon_ + horizon_step) tell_horizon();
}

void WorkerLink::tell_horizon() {
  told_horizon_ = scheduler_.engine().horizon();
  connection_->send(0, Object{{"type", "Horizon"}, {"sequence", told_horizon_}});
}

// What an earlier try of the same task instance left behind, as Airflow's server tells its workers to clear it.
std::vector<std::string> WorkerLink::xcom_keys(const engine::Launch& launch) {
  std::vector<std::string> keys;
  const bool is_first = launch.ti.try_number <= 1 || launch.ti.start_date;  // a rescheduled try keeps what it has
  if (is_first) return keys;
  const auto left = reader_.xcom_keys(launch.run.no, launch.ti.task_id, launch.ti.map_index);
  if (!left) return keys;  // the same store will not take the launch's messages either, and says so there
  for (const store::XComKey& key : *left) keys.push_back(key.key);
  return keys;
}

void WorkerLink::kill(const engine::Kill& kill) {
  if (waiting_.erase(kill.token) > 0) {
    if (scheduler_.engine().counts(kill.token)) scheduler_.step(engine::TryNeverStarted{kill.token});
  } else if (ready_) {
    send_kill(kill);
  }
}

void WorkerLink::send_kill(const engine::Kill& kill) {
  connection_->send(0, Object{{"type", "KillTry"}, {"token", token_value(kill.token)}, {"reason", to_string(kill.reason)}});
}

bool WorkerLink::run_callback(std::int64_t no, Value body) {
  if (!ready_) return false;
  body.as_object().set("no", no);
  connection_->send(next_request_--, body);
  return true;
}

void WorkerLink::watch(const Value& body) {
  if (ready_) connection_->send(0, body);
}

void WorkerLink::drain() {
  if (connection_) connection_->send(0, Object{{"type", "Drain"}});
}

void WorkerLink::flush() {
  given_up_.reset();
  if (connection_) connection_->flush();
}

void WorkerLink::on_frame(const task::Frame& frame) {
  const std::string type = frame.body.get_string("type");
  if (type == "TokenStates") {
    if (frame.id == asked_) on_token_states(frame);
  } else if (type == "CallbackResult") {
    events_.on_callback_result(frame.body.at("no").as_int(),
                               frame.body.get_bool("ok") ? std::string() : frame.body.get_string("error", "it failed"));
  } else if (type == "TryStarted") {
    const Value* at = frame.body.get("start_date");
    const auto started = at == nullptr ? std::nullopt : parse_time(at->as_string());
    scheduler_.step_lazily(engine::TryStarted{token_of(frame.body.at("token")), started.value_or(scheduler_.now()),
                                              static_cast<std::int32_t>(frame.body.get_int("pid"))});
  } else if (type == "TryRefused") {
    // A token that was used before has its fate told elsewhere; one that could not be started is a try that failed.
    if (frame.body.get_string("reason") != "launch_failed") return;
    engine::TryFailed failure;
    failure.token = token_of(frame.body.at("token"));
    failure.at = scheduler_.now();
    failure.reason = EndReason::launch_failed;
    failure.error = frame.body.get_string("why");
    scheduler_.step(failure);
  } else {
    on_message(frame);
  }
}

void WorkerLink::on_message(const task::Frame& frame) {
  const std::string type = frame.body.get_string("type");
  const auto reply = [this, id = frame.id, number = connection_no_](const Reply& r) {
    if (r.packed.empty()) return answer(number, id, r.body, r.error);
    if (connection_ && number == connection_no_) connection_->send_packed(id, r.packed);
  };
  if (const Value* packed = frame.body.get("packed"); packed != nullptr && type == "TryMessage") {
    host_.packed_message(token_of(frame.body.at("token")), frame.body.get_string("packed_type"), packed->as_string(), reply);
  } else if (type == "TryMessage") {
    host_.message(token_of(frame.body.at("token")), frame.body.at("body"), reply);
  } else if (type == "TryExited") {
    host_.exited(token_of(frame.body.at("token")), frame.body.at("exit"), [reply] { reply({}); });
  } else if (type == "CallbackMessage") {
    host_.callback_message(frame.body.at("body"), reply);
  } else if (type == "WatcherMessage") {
    events_.on_watcher_message(frame.body.at("no").as_int(), frame.body.at("body"), reply);
  } else if (type == "WatchersLost") {
    events_.on_watchers_lost();
  } else {
    throw task::ProtocolError("'" + type + "' means nothing to a server");
  }
}

void WorkerLink::answer(std::uint64_t connection, std::int64_t id, const Value& body, const Value& error) {
  if (connection_ && connection == connection_no_) connection_->send(id, body, error);
}

void WorkerLink::lose(const std::string& why) {
  given_up_ = std::move(connection_);  // it may be the one that calls us
  ready_ = false;
  asked_ = 0;
  events_.on_lost(why);
}

}  // namespace venturi::server
