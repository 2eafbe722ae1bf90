// A server without processes and threads: batches as in server/scheduler.cpp, the worker's connection as in
// server/worker_link.cpp, what tries say as in server/task_host.cpp, commands as in server/change_run.cpp. What these files do
// is done here in the same order; what the server computes (look_back, find_dates, ended_run, rows of a batch) is its own code.
//
// It lives until it crashes: then the object goes, and another one begins with what the store has.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "seeds/engine_port.h"
#include "seeds/frames.h"
#include "seeds/network.h"
#include "store/store.h"

namespace venturi::seeds {

struct World;

class Server {
 public:
  // Throws std::runtime_error where the store does not read back.
  explicit Server(World& world);
  virtual ~Server() = default;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Steps. What they make of the engine is committed after end_of_turn(), which the world calls.
  void on_frame(Network::Connection connection, const ToServer& frame);
  void on_lost(Network::Connection connection);
  void command(const engine::Event& event);
  // Of a run, which may have ended.
  void change_run(engine::ClearTasks event) { change(std::move(event)); }
  void change_run(engine::MarkTasks event) { change(std::move(event)); }
  void change_run(engine::MarkRun event) { change(std::move(event)); }
  void trigger_run(engine::TriggerRun event);
  void end_of_turn();

  [[nodiscard]] const engine::Engine& engine() const { return **engine_; }
  [[nodiscard]] bool everything_is_durable() const;
  [[nodiscard]] Time told_time() const { return told_time_; }  // to the engine, last
  [[nodiscard]] std::int64_t next_command() { return next_command_++; }

 protected:
  // What a test may break.
  virtual void begun_commit(std::vector<engine::Effect>& /*effects*/) {}
  [[nodiscard]] virtual bool answers_before_commit() const { return false; }
  void release(std::vector<engine::Effect> effects);

 private:
  struct Filling {
    store::Batch batch;
    std::vector<std::function<void()>> calls;
    std::vector<engine::Effect> effects;
    bool has_rows = false;
  };

  [[nodiscard]] Time tell_time();
  void step(const engine::Event& event);
  void step_lazily(const engine::Event& event);
  [[nodiscard]] store::Batch& writes();
  void when_durable(std::function<void()> call);
  void begin_commit();
  void write_batch();
  void committed();
  void arm_timer();
  void seen_dags();

  // server_link.cpp
  void on(const WorkerHello& hello);
  void on(const TokenStates& states);
  void on(const TryStarted& started);
  void on(const TryMessage& message);
  void on(const TryExited& exited);
  void on(const CallbackResult& result);
  void greet();
  void ask_about_outstanding();
  void go_on();
  void launch(engine::Launch launch);
  void send_launch(const engine::Launch& launch);
  void kill(const engine::Kill& kill);
  void deliver(const engine::Deliver& delivery);
  void answer_request(std::int64_t id, LaunchToken token, bool is_end);
  // server_tries.cpp
  void tell(const engine::Event& event, LaunchToken token);
  void hear(LaunchToken token, Time at, const Said& said);
  [[nodiscard]] std::optional<engine::Event> event_of(LaunchToken token, Time at, const Said& said);
  // server_commands.cpp
  template <class Event>
  void change(Event event);
  void read_on(RunNo run, TaskInstanceNo last);
  [[nodiscard]] bool is_in_flight(std::string_view dag_id, std::string_view run_id) const;
  [[nodiscard]] bool is_in_flight(const engine::FindDates& question) const;
  void answer(const engine::LookBack& question);
  void answer(const engine::FindRuntimes& question);
  void answer(const engine::FindOutcomes& question);
  void answer(const engine::FindDates& question);
  void answer(const engine::AskTimetable& question);
  void answer(const engine::AskWeights& question);

  World& world_;
  std::unique_ptr<store::Reader> reader_;
  std::unique_ptr<EnginePort> engine_;
  std::unique_ptr<Filling> open_ = std::make_unique<Filling>(), committing_;
  Time told_time_{};
  bool urgent_ = false, lazy_ = false;
  std::optional<Duration> wakes_at_;
  std::int64_t next_command_ = 1;
  // The worker's connection.
  Network::Connection connection_ = 0;
  std::uint64_t epoch_ = 0, sent_below_ = 1, told_horizon_ = 0;
  std::string worker_id_;
  bool ready_ = false;
  std::int64_t next_request_ = 1, asked_ = 0;
  std::vector<LaunchToken> asked_tokens_;
  std::map<LaunchToken, engine::Launch> waiting_;
  std::map<std::int64_t, engine::Deliver> deliveries_;  // without a result
  Timeline::Life life_ = std::make_shared<int>();
};

}  // namespace venturi::seeds
