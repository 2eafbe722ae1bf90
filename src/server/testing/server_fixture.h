// For the tests of the server's parts: a home, a store, and everything between them and a worker that the test plays. The loop
// runs in the test's thread until a condition holds.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/json.h"
#include "schedule/time_zone.h"
#include "server/deliveries.h"
#include "server/look_back.h"
#include "server/scheduler.h"
#include "server/task_host.h"
#include "server/worker_link.h"
#include "store/sqlite/sqlite_store.h"

namespace venturi::server::testing {

class ClearCipher final : public store::Cipher {
 public:
  [[nodiscard]] std::string encrypt(std::string_view clear) const override { return "x" + std::string(clear); }
  [[nodiscard]] Result<std::string> decrypt(std::string_view token) const override { return std::string(token.substr(1)); }
};

template <class T>
T need(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().text());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// A DAG "d" of two tasks, a then b, as a lane would have read it. `more_of_a`: further members of a's serialized form.
inline std::shared_ptr<const Dag> chain(const std::string& more_of_a = {}) {
  Dag dag = need(read_serialized_dag(need(parse_json(R"({"__version": 3, "dag": {"dag_id": "d", "fileloc": "/dags/d.cpp",
      "timezone": "UTC", "timetable": {"__type": "airflow.timetables.simple.NullTimetable", "__var": {}}, "tasks": [
      {"__type": "operator", "__var": {"task_id": "a", "task_type": "CppTask", "_task_module": "venturi.program",
                                       "downstream_task_ids": ["b"])" +
                                                     more_of_a + R"(}},
      {"__type": "operator", "__var": {"task_id": "b", "task_type": "CppTask", "_task_module": "venturi.program"}}]}})"))));
  dag.program = "/programs/d";
  dag.relative_fileloc = "d.cpp";
  dag.fileloc = "/dags/d.cpp";
  dag.version_id = "d 1" + more_of_a;
  return std::make_shared<const Dag>(std::move(dag));
}

// A store that fails when it is told to.
class FailingStore final : public store::Store {
 public:
  explicit FailingStore(store::Store& real) : real_(real) {}
  Result<void> commit(const store::Batch& batch) override {
    ++attempts;
    if (fails.load()) return fail(ErrorKind::exhausted, "the disk is full", "/x", "make room");
    auto done = real_.commit(batch);
    if (done) ++commits;
    return done;
  }
  Result<store::ActiveState> load_active() override { return real_.load_active(); }
  Result<std::unique_ptr<store::Reader>> open_reader() override { return real_.open_reader(); }
  std::atomic<bool> fails = false;
  std::atomic<int> attempts = 0, commits = 0;

 private:
  store::Store& real_;
};

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    std::string name = std::filesystem::temp_directory_path().string() + "/venturi-server-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    home_.root = name;
    start();
  }
  ~ServerTest() override {
    EXPECT_GT(comparisons_, 0) << "memory was never compared with the store";
    stop();
    std::error_code ignored;
    std::filesystem::remove_all(home_.root, ignored);
  }

  void start() {
    loop_ = std::make_unique<EventLoop>();
    real_store_ = need(store::open_sqlite((home_.root / "venturi.db").string(), cipher_));
    store_ = std::make_unique<FailingStore>(*real_store_);
    reader_ = need(store_->open_reader());
    store::ActiveState active = need(store_->load_active());
    const WorkerLink::Past past{active.epoch, active.worker_id, active.next_sequence};
    engine::Config config;
    config.epoch = active.epoch;
    config.uuid_salt = 1;
    config.zones = &zones_;
    config.dags_are_paused_at_creation = false;
    lookups_ = std::make_unique<Lookups>(environment_.data(), std::vector<store::Reader*>{reader_.get()});
    scheduler_ = std::make_unique<Scheduler>(
        *loop_, clock_, *store_, config, to_snapshot(std::move(active)),
        Scheduler::Handlers{.launch = [this](engine::Launch launch) { worker_->launch(std::move(launch)); },
                            .kill = [this](const engine::Kill& kill) { worker_->kill(kill); },
                            .deliver = [this](const engine::Deliver& d) { deliveries_->deliver(d); },
                            .run_ended = [this](const DagRun& run) { ended_.push_back(run); },
                            .look_back =
                                [this](const engine::LookBack& question) {
                                  loop_->post([this, question] { scheduler_->step(need(look_back(*reader_, question))); });
                                },
                            .store_trouble = [this](const std::string& why) { trouble_.push_back(why); }});
    xcom_files_ = std::make_unique<XComFiles>(*loop_, home_.xcoms());
    xcom_files_->sweep(need(store_->open_reader()));
    host_ = std::make_unique<TaskHost>(*scheduler_, *reader_, *lookups_, *xcom_files_, options_);
    worker_ = std::make_unique<WorkerLink>(
        *scheduler_, *host_, *reader_, home_, past,
        WorkerLink::Events{
            .on_ready = [this] { deliveries_->deliver_all(); },
            .on_lost = [this](const std::string&) { ++lost_; },
            .on_callback_result = [this](std::int64_t no, const std::string& e) { deliveries_->on_result(no, e); }});
    deliveries_ = std::make_unique<Deliveries>(*scheduler_, *worker_, *reader_, home_);
    loop_->at_end_of_turn([this] {
      scheduler_->end_of_turn();
      worker_->flush();
    });
    scheduler_->step(engine::Tick{});
  }
  // As a kill would: nothing is finished, nothing is said.
  void stop() {
    theirs_.reset();
    deliveries_.reset();
    worker_.reset();
    host_.reset();
    xcom_files_.reset();
    scheduler_.reset();
    reader_.reset();
    store_.reset();
    real_store_.reset();
    loop_.reset();
  }
  void restart() {
    stop();
    ended_.clear();
    compared_ = 0;
    start();
  }

  // Runs the loop until the condition holds.
  void run_until(const std::function<bool()>& condition, const std::string& what) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end) << "waited in vain for " << what;
      loop_->after(std::chrono::milliseconds(1), [this] { loop_->stop(); });
      loop_->run();
      compare_with_store();
    }
  }
  // What a new server would begin with is what this one has in memory: looked at whenever all that was decided is durable.
  void compare_with_store() {
    if (store_->commits == compared_ || !scheduler_->everything_is_durable()) return;
    compared_ = store_->commits;
    ++comparisons_;
    const engine::Snapshot memory = scheduler_->engine().snapshot();
    const engine::Snapshot stored = to_snapshot(need(real_store_->load_active()));
    const auto versions = [](const std::vector<std::shared_ptr<const Dag>>& dags) {
      std::set<std::string> ids;
      for (const auto& dag : dags) ids.insert(dag->version_id);
      return ids;
    };
    EXPECT_EQ(versions(memory.dags), versions(stored.dags));
    EXPECT_EQ(versions(memory.older_versions), versions(stored.older_versions));
    EXPECT_EQ(memory.dag_states, stored.dag_states);
    EXPECT_EQ(memory.runs, stored.runs);
    EXPECT_EQ(memory.task_instances, stored.task_instances);
    EXPECT_EQ(memory.xcom_lengths, stored.xcom_lengths);
    EXPECT_EQ(memory.outbox, stored.outbox);
    EXPECT_EQ(memory.next_run, stored.next_run);
    EXPECT_EQ(memory.next_task_instance, stored.next_task_instance);
    EXPECT_EQ(memory.next_outbox, stored.next_outbox);
    EXPECT_EQ(memory.next_sequence, stored.next_sequence);
  }
  void settle() {
    run_until([this] { return scheduler_->everything_is_durable(); }, "the batches");
  }

  // The worker's side.
  void connect_worker(const std::string& worker_id, Array tries = {}, const std::string& state_of_tokens = "never_started") {
    auto [ours, theirs] = make_socket_pair();
    theirs_ = std::move(theirs);
    set_non_blocking(theirs_.get());
    incoming_ = {};
    received_.clear();
    token_state_ = state_of_tokens;
    auto connection = std::make_unique<FrameConnection>(*loop_, std::move(ours), FrameConnection::Events{});
    worker_->adopt(std::move(connection), {1,
                                           Object{{"type", "WorkerHello"},
                                                  {"version", "x"},
                                                  {"pid", 1},
                                                  {"worker_id", worker_id},
                                                  {"parallelism", 32},
                                                  {"horizon", 0},
                                                  {"tries", std::move(tries)}},
                                           {}});
  }
  // The next message to the worker of this type; AskTokens are answered meanwhile.
  task::Frame receive(const std::string& type) {
    task::Frame found;
    run_until([&] { return take(type, found); }, type);
    return found;
  }
  bool take(const std::string& type, task::Frame& found) {
    char buffer[65536];
    for (ssize_t n = 0; (n = ::recv(theirs_.get(), buffer, sizeof buffer, 0)) > 0;) {
      incoming_.feed({buffer, static_cast<std::size_t>(n)});
      while (auto frame = incoming_.next()) {
        if (frame->body.get_string("type") == "AskTokens") {
          Array states;
          for (std::size_t i = 0; i < frame->body.at("tokens").as_array().size(); ++i) states.emplace_back(token_state_);
          asked_ += static_cast<int>(states.size());
          send(frame->id, Object{{"type", "TokenStates"}, {"states", std::move(states)}});
        }
        received_.push_back(std::move(*frame));
      }
    }
    for (auto i = received_.begin(); i != received_.end(); ++i) {
      if (i->body.get_string("type") != type && !(type.empty() && i->id == wanted_id_)) continue;
      found = std::move(*i);
      received_.erase(i);
      return true;
    }
    return false;
  }
  // The server's answer to the request with this id.
  task::Frame answer_to(std::int64_t id) {
    wanted_id_ = id;
    return receive("");
  }
  void send(std::int64_t id, const Value& body) { ASSERT_TRUE(write_all(theirs_.get(), task::encode_frame(id, body))); }
  std::int64_t try_message(const Value& token, std::int64_t seq, Value body) {
    const std::int64_t id = next_id_++;
    send(id, Object{{"type", "TryMessage"}, {"token", token}, {"seq", seq}, {"body", std::move(body)}});
    return id;
  }
  std::int64_t packed_message(const Value& token, std::int64_t seq, const std::string& type, const std::string& packed) {
    const std::int64_t id = next_id_++;
    send(id, Object{{"type", "TryMessage"}, {"token", token}, {"seq", seq}, {"packed_type", type}, {"packed", packed}});
    return id;
  }
  std::int64_t exited(const Value& token, const std::string& kind, const std::string& error = {}) {
    const std::int64_t id = next_id_++;
    send(id, Object{{"type", "TryExited"},
                    {"token", token},
                    {"seq", 9},
                    {"terminal", kind == "ok"},
                    {"exit", Object{{"kind", kind}, {"detail", 9}, {"error", error.empty() ? Value() : Value(error)}}}});
    return id;
  }
  static Value success() { return Object{{"type", "SucceedTask"}, {"state", "success"}, {"end_date", "2026-03-01T00:00:01Z"}}; }

  void see(std::shared_ptr<const Dag> dag) { scheduler_->step(engine::DagSeen{std::move(dag)}); }
  DagRun trigger(const std::string& dag_id) {
    std::optional<DagRun> run;
    engine::TriggerRun event;
    event.dag_id = dag_id;
    scheduler_->command(std::move(event), [&](const engine::Answer& answer) { run = answer.run.value(); });
    run_until([&] { return run.has_value(); }, "the answer to a trigger");
    return *run;
  }
  std::vector<TaskInstance> rows(const DagRun& run) { return need(reader_->task_instances(run.no)); }

  Home home_;
  ClearCipher cipher_;
  SystemClock clock_;
  schedule::TimeZones zones_ = schedule::TimeZones::utc_only();
  std::vector<const char*> environment_{nullptr};
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<store::Store> real_store_;
  std::unique_ptr<FailingStore> store_;
  std::unique_ptr<store::Reader> reader_;
  std::unique_ptr<Lookups> lookups_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<XComFiles> xcom_files_;
  TaskHost::Options options_{.max_xcom_in_metadata = 500, .max_xcom_bytes = 1000};
  std::unique_ptr<TaskHost> host_;
  std::unique_ptr<WorkerLink> worker_;
  std::unique_ptr<Deliveries> deliveries_;
  std::vector<DagRun> ended_;
  std::vector<std::string> trouble_;
  int lost_ = 0, asked_ = 0;
  int compared_ = 0, comparisons_ = 0;  // the commits of the last comparison; how often there was one

 private:
  Fd theirs_;
  task::FrameReader incoming_;
  std::vector<task::Frame> received_;
  std::string token_state_;
  std::int64_t next_id_ = 100, wanted_id_ = 0;
};

}  // namespace venturi::server::testing
