// A run of `dags test` or `tasks test`: a server and its worker on a temporary home, from the first look at the DAGs folder to
// the end of the run.
//
//   looking ──file of the DAG is fine──▶ triggered ──▶ running ──ended, no callbacks owed──▶ draining ──▶ over
//      └── it is not there, or its file has an error; Ctrl-C ──────────────────────────────────▲
#pragma once

#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "cli/run_view.h"
#include "cli/test_home.h"
#include "server/server.h"

namespace venturi::cli {

struct TestRunRequest {
  std::string dag_id;
  std::optional<std::string> only_task;
  Time logical_date{};
  Value conf;
};

class TestRun {
 public:
  struct Watchers {
    std::function<void()> on_triggered = {};
    std::function<void(const store::Batch&)> on_commit = {};  // of the run, after view() knows it
  };
  TestRun(EventLoop& loop, const Home& real, const TestHome& home, TestRunRequest request, Watchers watchers);

  // Until all is over. An error: there was no run.
  [[nodiscard]] Result<void> go();

  [[nodiscard]] const RunView& view() const { return view_; }
  // After on_triggered.
  [[nodiscard]] const std::string& run_id() const { return run_id_; }
  // After go().
  [[nodiscard]] std::optional<DagRun> ended() const { return ended_; }
  [[nodiscard]] int interrupted_by() const { return signal_; }  // 0: nobody

 private:
  std::shared_ptr<const Dag> choose(const std::shared_ptr<const Dag>& found);
  void on_commit(const store::Batch& batch);
  void on_signal(int signal);
  void trigger();
  void fail_with(Error error);
  void end_if_done();
  void drain();

  EventLoop& loop_;
  const Home& real_;
  const TestHome& home_;
  TestRunRequest request_;
  Watchers watchers_;
  std::unique_ptr<server::Server> server_;
  RunView view_;
  std::shared_ptr<const Dag> dag_;
  std::set<std::string> known_dags_;
  bool triggered_ = false, draining_ = false;
  std::string run_id_;
  std::optional<DagRun> ended_;
  std::optional<Error> task_error_;  // the DAG has not the task
  std::optional<Error> error_;
  int signal_ = 0;
};

// The DAG as a test runs it: unpaused, and no run of it begins by itself. With a task's id, that task alone and without
// retries.
[[nodiscard]] Result<std::shared_ptr<const Dag>> tested_dag(const Dag& dag, const std::optional<std::string>& only_task);

}  // namespace venturi::cli
