// For the tests: batch n writes the number n into rows of many tables, so that a database tells which batches it holds and
// whether one of them is there in part.
#pragma once

#include <string>

#include "store/sqlite/store_fixture.h"

namespace venturi::store {

inline constexpr std::int32_t numbered_rows = 60;

inline Batch numbered_batch(int n) {
  Batch batch;
  batch.now = at(n);
  DagRun shared = make_run(1, 1, numbered_rows);
  shared.triggered_by = std::to_string(n);
  batch.runs.push_back(shared);
  DagRun own = make_run(n + 1, 1, 0);
  own.state = RunState::success;
  batch.runs.push_back(own);
  for (TaskInstanceNo no = 1; no <= numbered_rows; ++no) {
    TaskInstance ti = make_task_instance(no, 1);
    ti.pid = n;
    ti.error.assign(static_cast<std::size_t>(n * 37 % 400), 'e');
    batch.task_instances.push_back(ti);
    batch.transitions.push_back({no, TaskState::queued, TaskState::running, RunState::queued, n, "batch"});
    batch.transition_runs.push_back(1);
  }
  batch.xcoms.push_back({{"", "", "task", -1, "n"}, std::to_string(n), 1});
  batch.next_sequence = static_cast<std::uint64_t>(n) + 1;
  return batch;
}

// The number of the last batch, 0 for none; throws where rows of different batches meet.
inline int last_numbered_batch(Store& store) {
  const auto reader = need(store.open_reader());
  RunFilter everything;
  everything.limit = 1'000'000;
  const auto runs = need(reader->runs(everything));
  if (runs.empty()) return 0;
  const int n = static_cast<int>(runs.front().no) - 1;
  const auto expect_same = [&](std::int64_t found, const char* table) {
    if (found != n)
      throw std::runtime_error("batch " + std::to_string(n) + " is there in part: " + table + " has " + std::to_string(found));
  };
  expect_same(std::ssize(runs) - 1, "dag_run");
  expect_same(std::stoi(runs.back().triggered_by), "the shared run");
  const auto task_instances = need(reader->task_instances(1));
  if (task_instances.size() != static_cast<std::size_t>(numbered_rows)) throw std::runtime_error("task instances are missing");
  for (const TaskInstance& ti : task_instances) expect_same(ti.pid, "task_instance");
  expect_same(std::ssize(need(reader->history(1))) / numbered_rows, "history");
  expect_same(std::stoi(need(reader->xcom(need(reader->xcom_keys(1)).at(0))).value()), "xcom");
  const ActiveState state = need(store.load_active());
  expect_same(static_cast<std::int64_t>(state.next_sequence) - 1, "home");
  expect_same(state.next_run - 2, "home");
  return n;
}

}  // namespace venturi::store
