// What the server counts, for Prometheus (docs/operations.md): Airflow's metrics under the names that they have behind its
// StatsD exporter, and our own as venturi_*. All of it is counted as it happens or known to the engine: to be asked costs no
// look into the database.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "base/metrics_text.h"
#include "base/time.h"
#include "engine/engine.h"
#include "store/store.h"

namespace venturi::server {

class Metrics {
 public:
  explicit Metrics(Time now) : started_(now) {}

  // Of the runs that a start finds active.
  void know(const std::vector<DagRun>& runs);
  void launched(const engine::Launch& launch);
  void committed(const store::Batch& batch);

  struct Gauges {
    std::vector<engine::Engine::PoolUse> pools;
    std::int64_t dags = 0, import_errors = 0, parallelism = 0, under_way = 0;
    bool has_worker = false, is_short_of_disk = false;
    std::uint64_t free_disk_bytes = 0, database_bytes = 0, log_bytes = 0;
    Time now{};
  };
  [[nodiscard]] std::string text(const Gauges& gauges) const;

 private:
  struct Summary {
    double sum = 0, count = 0;
    void add(Duration value) {
      sum += to_seconds(value);
      ++count;
    }
  };
  using OfTask = std::pair<std::string, std::string>;  // dag_id, task_id
  void forget(const std::string& dag_id);              // it is gone
  void ended(const DagRun& run);
  void ended(const std::string& dag_id, const TaskInstance& ti, TaskState state);
  static void write_process(MetricsText& out);

  const Time started_;
  std::unordered_map<RunNo, std::string> dag_of_run_;  // of active runs
  struct Started {
    double count = 0;
    std::string operator_name;  // of the last one
  };
  std::map<OfTask, Started> started_tasks_;
  std::map<std::string, double> operator_successes_, operator_failures_;                // of tries that this server handed over
  std::map<std::tuple<std::string, std::string, std::string>, double> finished_tasks_;  // and by state
  std::map<OfTask, Summary> task_durations_;
  std::map<std::string, Summary> run_durations_, failed_run_durations_, schedule_delays_;
  double successes_ = 0, failures_ = 0, lost_ = 0;
  double commits_ = 0, transitions_ = 0, deleted_runs_ = 0;
};

}  // namespace venturi::server
