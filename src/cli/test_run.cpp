#include "cli/test_run.h"

#include <algorithm>
#include <utility>

#include "cli/home_access.h"
#include "cli/programs.h"

namespace venturi::cli {

TestRun::TestRun(EventLoop& loop, const Home& real, const TestHome& home, TestRunRequest request, Watchers watchers)
    : loop_(loop), real_(real), home_(home), request_(std::move(request)), watchers_(std::move(watchers)) {}

Result<void> TestRun::go() {
  auto programs = find_programs();
  if (!programs) return std::unexpected(std::move(programs.error()));
  server::ServerOptions options;
  options.standalone = true;
  options.worker_program = std::move(programs->worker);
  options.operator_host = std::move(programs->operator_host);
  options.borrowed_home = real_;
  options.choose_dag = [this](const std::shared_ptr<const Dag>& found) { return choose(found); };
  options.on_commit = [this](const store::Batch& batch) { on_commit(batch); };
  options.on_scanned = [this] {
    if (!dag_) fail_with(no_such_dag(request_.dag_id, {known_dags_.begin(), known_dags_.end()}));
  };
  options.on_run_ended = [this](const DagRun& run) {
    ended_ = run;
    end_if_done();
  };
  options.on_signal = [this](int signal) { on_signal(signal); };
  auto opened = server::Server::open(loop_, home_.home(), home_.config(), std::move(options));
  if (!opened) return std::unexpected(std::move(opened.error()));
  server_ = std::move(*opened);
  server_->run();
  server_.reset();
  if (error_) return std::unexpected(std::move(*error_));
  return {};
}

std::shared_ptr<const Dag> TestRun::choose(const std::shared_ptr<const Dag>& found) {
  known_dags_.insert(found->dag_id);
  if (found->dag_id != request_.dag_id || triggered_) return nullptr;
  auto adapted = tested_dag(*found, request_.only_task);
  if (!adapted) {
    // Of the last good program perhaps: the present one may have it.
    task_error_ = std::move(adapted.error());
    dag_ = found;
    return found;
  }
  task_error_.reset();
  dag_ = *adapted;
  return dag_;
}

void TestRun::on_commit(const store::Batch& batch) {
  if (triggered_) {
    view_.apply(batch);
    if (watchers_.on_commit) watchers_.on_commit(batch);
    return end_if_done();
  }
  if (!dag_ || draining_) return;
  // While a changed file is being compiled its last good program serves, and that is not what is to be tested: only the outcome
  // of the present file counts.
  const auto problem = std::ranges::find(batch.import_errors, dag_->relative_fileloc, &store::ImportError::filename);
  if (problem != batch.import_errors.end()) {
    return fail_with({ErrorKind::invalid, "its file has an error:\n" + problem->stacktrace,
                      "dag " + request_.dag_id + ", " + dag_->relative_fileloc, ""});
  }
  if (std::ranges::find(batch.cleared_import_errors, dag_->relative_fileloc) != batch.cleared_import_errors.end()) trigger();
}

void TestRun::trigger() {
  if (task_error_) return fail_with(std::move(*task_error_));
  triggered_ = true;
  view_.begin(dag_);
  Object command{
      {"command", "dags trigger"}, {"dag_id", request_.dag_id}, {"logical_date", format_time(request_.logical_date)}};
  if (!request_.conf.is_null()) command.add("conf", request_.conf);
  server_->command(std::move(command), [this](const Result<Value>& answer) {
    if (!answer) return fail_with(answer.error());
    run_id_ = answer->at("run").get_string("run_id");
    if (watchers_.on_triggered) watchers_.on_triggered();
  });
}

// The first one stops the run, which ends its tasks; after that drain() knows what to do.
void TestRun::on_signal(int signal) {
  const bool is_first = signal_ == 0;
  signal_ = signal;
  if (is_first && !run_id_.empty() && !ended_) {
    const Object command{{"command", "dags stop"}, {"dag_id", request_.dag_id}, {"run_id", run_id_}};
    return server_->command(command, [this](const Result<Value>& answer) {
      if (!answer) drain();  // it has just ended
    });
  }
  if (is_first) return drain();
  draining_ = true;
  server_->drain();
}

void TestRun::fail_with(Error error) {
  if (!error_) error_ = std::move(error);
  // Where the server tells something of itself it is not to be taken down at once.
  loop_.post([this] { drain(); });
}

void TestRun::end_if_done() {
  if (ended_ && (signal_ != 0 || !view_.has_callbacks())) drain();
}

void TestRun::drain() {
  if (std::exchange(draining_, true) || !server_) return;
  server_->drain();
}

}  // namespace venturi::cli
