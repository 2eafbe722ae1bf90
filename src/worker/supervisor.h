// Runs tries: takes launches from the server, records them, has a process made for each, carries messages between task and
// server, keeps the logs, and reports how each try ended. One thread, but for the fdatasync; everything that happens in one
// wake-up is one turn, and at the turn's end, in this order:
//
//   1. launches and refusals are written to the launch record; they take effect in the turn that finds it synced
//   2. the keeper is told of new tries and new secrets
//   3. processes are asked for, answers go to tasks and operator host
//   4. what was said to the server is written out, or journalled where there is none
//
// When the keeper dies, the supervisor ends everything below itself and then itself; when it dies, the keeper does that.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/event_loop.h"
#include "base/job_thread.h"
#include "worker/callbacks.h"
#include "worker/children.h"
#include "worker/keeper_link.h"
#include "worker/launch_record.h"
#include "worker/light_pool.h"
#include "worker/log_reader.h"
#include "worker/operator_host.h"
#include "worker/options.h"
#include "worker/server_link.h"
#include "worker/spawn.h"
#include "worker/try.h"
#include "worker/warm_pool.h"

namespace venturi::worker {

class Supervisor {
 public:
  // keeper: our end of the socket to the keeper. Throws std::system_error where the record or the journal cannot be read.
  Supervisor(const Options& options, Fd keeper);
  // Returns when the worker has drained, or had no server for too long.
  void run();

 private:
  struct Launch {
    Token token;
    Value body;
    std::string killed;  // the server wanted its end before it was recorded: why
  };
  struct TokenQuestion {  // an AskTokens, answered when the record is synced
    std::int64_t frame;
    Array states;
    std::vector<std::size_t> refused_now;  // states that hold only if that succeeds
  };

  // supervisor.cpp: the turn, beginning and end of the worker
  void end_of_turn();
  void record_launches();
  void recorded(const std::string& error);
  void write_answers();
  void on_keeper(std::uint32_t events);
  [[noreturn]] void keeper_died();
  void drain();
  void end_if_done();
  // No try and no callback is under way; output of what tries left behind does not count.
  [[nodiscard]] bool idle() const { return by_token_.empty() && callbacks_.empty() && launches_.empty(); }
  // What is under way has told its outcome, and waits for nothing but the server's answer.
  [[nodiscard]] bool only_waits() const;
  void arm_grace_timer();

  // supervisor_server.cpp: what the server says
  Value hello();
  void on_server_hello(const Value& body);
  void on_server_message(task::Frame frame);
  void on_answer(const Request& request, const task::Frame& answer);
  Try* asker_of(const Request& request);
  void on_execute_task(Value body);
  void ask_tokens(std::int64_t frame, const Value& body);
  void kill_try(const Value& body);
  void allow_overtime(Try& t);

  // supervisor_launch.cpp: making tries
  void begin(const Launch& launch);
  void begin_process(Try& t, std::string first_frame);
  std::string start_function(std::int64_t no, const Value& body);
  void refuse(Try& t, const std::string& why);
  void on_made(Try& t);
  void keep_time(Try& t);
  void launch_lost(Try& t, const std::string& why);
  Try& add_try(Try::Kind kind, const std::string& log_path);

  // supervisor_process.cpp: a process from its first request to its report
  void on_requests(Try& t, std::uint32_t events);
  void read_requests(Try& t, bool to_end);
  void on_request(Try& t, const task::Frame& frame);
  void resend_logging_fd(Try& t, std::int64_t frame);
  void answer(Try& t, std::int64_t frame, const Value& body, const Value& error = {});
  void write_out(Try& t);
  void forward(Try& t, const std::string& type, std::string_view packed_body, Request request);
  void stop(Try& t, Cause cause, const std::string& why);
  void on_process_end(Try& t, int status);
  void on_output_end(Try& t);
  void report(Try& t, const Exit& exit);
  void bury_later(Try& t);
  void bury(Try& t);

  // supervisor_operators.cpp: tries in the operator host
  void start_operator(Try& t, const Value& body, std::string_view details, bool with_output);
  void on_host_message(const task::Frame& frame);
  void on_host_died(const std::string& why, bool was_ready);
  void watch(const Value& body);
  void watch_later();
  Try* find_try(Token token);

  // supervisor_hooks.cpp: what a task asks of the operator host
  void call_host(Try& t, const task::Frame& frame);
  void open_session(Try& t);
  void close_session(Try& t, const std::string& why);
  void on_hook_message(const task::Frame& frame);
  void sessions_lost(const std::string& why);

  // supervisor_light.cpp: tries in light processes
  void start_light(Try& t, std::string_view details);
  void on_light_message(const task::Frame& frame);
  void light_began(Try& t);
  void light_exited(Try& t, const Value& exit);
  void stop_light(Try& t);
  void on_light_died(const LightPool::Death& death);

  Options options_;
  std::string logs_, host_name_;
  EventLoop loop_;
  KeeperLink keeper_;
  task::FrameReader keeper_in_;
  LaunchRecord record_;
  JobThread disk_;  // syncs the record
  Spawner spawner_;
  Children children_;
  LogReader logs_reader_;
  WarmPool warm_;
  OperatorHost host_;
  LightPool light_;
  Callbacks callbacks_;
  ServerLink server_;
  OomCounter oom_;

  std::uint64_t next_try_ = 1;
  std::unordered_map<std::uint64_t, std::unique_ptr<Try>> tries_;
  std::map<Token, Try*> by_token_;            // not reported yet
  std::vector<std::unique_ptr<Try>> buried_;  // destroyed at the end of the turn: callbacks may be on their way
  std::vector<Launch> launches_;
  std::vector<TokenQuestion> questions_;
  struct {  // the first so many of them
    bool under_way = false;
    std::size_t launches = 0, questions = 0;
  } recording_;
  std::vector<std::pair<Try*, std::string>> to_launch_;  // and the argument of its warm process
  std::vector<Try*> answered_;                           // have something in `out`
  bool draining_ = false;
  bool watches_ = false;  // the host has watchers of assets
  EventLoop::TimerId grace_timer_ = 0, drain_timer_ = 0, watch_timer_ = 0;
  // When a try ended or told its outcome, or a drain began.
  std::chrono::steady_clock::time_point last_end_ = std::chrono::steady_clock::now();
};

// Whether a message of a task changes something: its answer must be waited for, and it has a number among the try's writes.
[[nodiscard]] bool is_write(const std::string& message_type);
// Whether it is the task's outcome.
[[nodiscard]] bool is_outcome(const std::string& message_type);

}  // namespace venturi::worker
