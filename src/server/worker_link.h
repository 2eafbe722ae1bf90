// The server's side of the worker: hands launches to it, asks it about those whose fate is not known, passes its tries'
// messages on. docs/architecture/task-host.md has the messages.
//
// There is one worker to a home. Launches that come while there is none wait here; they are in the store too, so that nothing
// is lost with this process.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "home/home.h"
#include "server/frame_connection.h"
#include "server/scheduler.h"
#include "server/task_host.h"

namespace venturi::server {

class WorkerLink {
 public:
  struct Events {
    std::function<void()> on_ready;  // a worker is there and its past is settled: launches go out
    std::function<void(const std::string& why)> on_lost;
    // A callback's result; `error` is empty when it was delivered.
    std::function<void(std::int64_t no, const std::string& error)> on_callback_result;
    // What a watcher of an asset says (watchers.h).
    std::function<void(std::int64_t no, const Value& body, const OnReply& reply)> on_watcher_message;
    std::function<void()> on_watchers_lost;  // the process that they ran in is gone
  };
  struct Past {
    std::uint64_t epoch = 0;
    std::string worker_id;  // of the last worker of this home; empty: it never had one
    std::uint64_t next_sequence = 1;
  };

  WorkerLink(Scheduler& scheduler, TaskHost& host, store::Reader& reader, const Home& home, const Past& past, Events events);

  // A connection whose first frame was WorkerHello. One that is there already is given up: only a worker that lost it comes
  // anew.
  void adopt(std::unique_ptr<FrameConnection> connection, const task::Frame& hello);
  void launch(engine::Launch launch);
  void kill(const engine::Kill& kill);
  // False where there is no worker now: the caller comes back after on_ready.
  [[nodiscard]] bool run_callback(std::int64_t no, Value body);
  // The watchers that are wanted, all of them. Where there is no worker, on_ready comes.
  void watch(const Value& body);
  // Takes no more launches from us and ends when its tries have.
  void drain();
  void flush();
  [[nodiscard]] bool connected() const { return connection_ != nullptr; }
  [[nodiscard]] int parallelism() const { return parallelism_; }

 private:
  void on_frame(const task::Frame& frame);
  void say_hello(std::int64_t id, const Value& hello);
  void ask_about_outstanding();
  void on_token_states(const task::Frame& frame);
  void go_on();
  void send_launch(const engine::Launch& launch);
  void send_kill(const engine::Kill& kill);
  void on_message(const task::Frame& frame);
  void lose(const std::string& why);
  void tell_horizon();
  [[nodiscard]] std::vector<std::string> xcom_keys(const engine::Launch& launch);
  // Sends an answer if the connection is still the one that asked.
  void answer(std::uint64_t connection, std::int64_t id, const Value& body, const Value& error = {});

  Scheduler& scheduler_;
  TaskHost& host_;
  store::Reader& reader_;
  const Home& home_;
  const std::string files_;  // its folder of them
  Events events_;
  std::uint64_t epoch_;
  std::string worker_id_;
  std::uint64_t sent_below_;  // no token from here on was ever sent to anybody

  std::unique_ptr<FrameConnection> connection_, given_up_;
  std::uint64_t connection_no_ = 0;
  bool ready_ = false;
  int parallelism_ = 0;
  std::int64_t next_request_ = -1;
  std::int64_t asked_ = 0;  // id of the AskTokens under way
  std::vector<LaunchToken> asked_tokens_;
  std::map<LaunchToken, Value> tries_;             // what the worker's hello said of its tries
  std::map<LaunchToken, engine::Launch> waiting_;  // launches that were not sent yet
  std::uint64_t told_horizon_ = 0;
};

}  // namespace venturi::server
