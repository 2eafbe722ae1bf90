#include "server/metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

namespace venturi::server {
namespace {

// How often Airflow's scheduler beats ([scheduler] scheduler_heartbeat_sec). This one has nothing to do when nothing happens:
// that it answers is its sign of life.
constexpr double heartbeat_seconds = 5;

}  // namespace

void Metrics::know(const std::vector<DagRun>& runs) {
  for (const DagRun& run : runs) dag_of_run_.emplace(run.no, run.dag_id);
}

void Metrics::launched(const engine::Launch& launch) {
  Started& started = started_tasks_[{launch.run.dag_id, launch.ti.task_id}];
  ++started.count;
  started.operator_name = launch.dag->tasks[launch.task].task_type;
}

void Metrics::committed(const store::Batch& batch) {
  ++commits_;
  transitions_ += static_cast<double>(batch.transitions.size());
  deleted_runs_ += static_cast<double>(batch.deleted_runs.size());
  for (const DagRun& run : batch.runs) dag_of_run_.try_emplace(run.no, run.dag_id);
  std::unordered_map<TaskInstanceNo, const TaskInstance*> rows;
  for (std::size_t i = 0; i < batch.transitions.size(); ++i) {
    const Transition& transition = batch.transitions[i];
    if (transition.task_instance == 0) continue;
    if (!is_finished(transition.to) && transition.to != TaskState::up_for_retry) continue;
    if (rows.empty()) {
      for (const TaskInstance& ti : batch.task_instances) rows.emplace(ti.no, &ti);
    }
    const auto dag = dag_of_run_.find(batch.transition_runs[i]);
    const auto row = rows.find(transition.task_instance);
    if (dag != dag_of_run_.end() && row != rows.end()) ended(dag->second, *row->second, transition.to);
  }
  std::unordered_map<RunNo, const DagRun*> runs;
  for (std::size_t i = 0; i < batch.transitions.size(); ++i) {
    const Transition& transition = batch.transitions[i];
    if (transition.task_instance != 0) continue;
    if (runs.empty()) {
      for (const DagRun& run : batch.runs) runs.emplace(run.no, &run);
    }
    const auto found = runs.find(batch.transition_runs[i]);
    if (found == runs.end()) continue;
    const DagRun& run = *found->second;
    if (transition.run_to == RunState::running && run.run_type == RunType::scheduled && run.start_date)
      schedule_delays_[run.dag_id].add(*run.start_date - run.run_after);
    if (is_finished(transition.run_to)) ended(run);
  }
  for (const DagRun& run : batch.runs) {
    if (is_finished(run.state)) dag_of_run_.erase(run.no);
  }
  for (const std::string& dag_id : batch.gone_dags) forget(dag_id);
}

void Metrics::forget(const std::string& dag_id) {
  std::erase_if(started_tasks_, [&](const auto& of) { return of.first.first == dag_id; });
  std::erase_if(task_durations_, [&](const auto& of) { return of.first.first == dag_id; });
  std::erase_if(finished_tasks_, [&](const auto& of) { return std::get<0>(of.first) == dag_id; });
  for (auto* by_dag : {&run_durations_, &failed_run_durations_, &schedule_delays_}) by_dag->erase(dag_id);
}

void Metrics::ended(const DagRun& run) {
  if (!run.start_date || !run.end_date) return;
  (run.state == RunState::success ? run_durations_ : failed_run_durations_)[run.dag_id].add(*run.end_date - *run.start_date);
}

void Metrics::ended(const std::string& dag_id, const TaskInstance& ti, TaskState state) {
  ++finished_tasks_[{dag_id, ti.task_id, std::string(to_string(state))}];
  if (state == TaskState::success) ++successes_;
  if (state == TaskState::failed) ++failures_;
  if (ti.end_reason == EndReason::lost) ++lost_;
  if (const auto started = started_tasks_.find({dag_id, ti.task_id}); started != started_tasks_.end()) {
    if (state == TaskState::success) ++operator_successes_[started->second.operator_name];
    if (state == TaskState::failed) ++operator_failures_[started->second.operator_name];
  }
  if (ti.start_date && ti.end_date && *ti.end_date >= *ti.start_date)
    task_durations_[{dag_id, ti.task_id}].add(*ti.end_date - *ti.start_date);
}

std::string Metrics::text(const Gauges& gauges) const {
  MetricsText out;
  const double uptime = to_seconds(gauges.now - started_);
  out.begin("airflow_scheduler_heartbeat", "counter", "Beats of the scheduler, one in five seconds");
  out.sample(uptime < 0 ? 0 : std::floor(uptime / heartbeat_seconds), {{"type", "counter"}});
  out.begin("airflow_ti_start", "counter", "Tries that were handed to the worker");
  for (const auto& [task, started] : started_tasks_)
    out.sample(started.count, {{"dag_id", task.first}, {"task_id", task.second}});
  out.begin("airflow_ti_finish", "counter", "Tries that ended, by the state of their task instance");
  for (const auto& [key, count] : finished_tasks_)
    out.sample(count, {{"dag_id", std::get<0>(key)}, {"task_id", std::get<1>(key)}, {"state", std::get<2>(key)}});
  out.metric("airflow_ti_successes", "counter", "Task instances that succeeded", successes_);
  out.metric("airflow_ti_failures", "counter", "Task instances that failed", failures_);
  const auto of_operators = [&](const char* name, const char* help, const std::map<std::string, double>& counts) {
    out.begin(name, "counter", help);
    for (const auto& [operator_name, count] : counts) out.sample(count, {{"operator", operator_name}});
  };
  of_operators("airflow_operator_successes", "Task instances that succeeded, by operator", operator_successes_);
  of_operators("airflow_operator_failures", "Task instances that failed, by operator", operator_failures_);
  out.metric("airflow_zombies_killed", "counter", "Tries that were lost", lost_);
  out.begin("airflow_task_duration", "summary", "Seconds from the start of a try to its end");
  for (const auto& [task, s] : task_durations_) out.summary(s.sum, s.count, {{"dag_id", task.first}, {"task_id", task.second}});
  const auto of_dags = [&](const char* name, const char* help, const std::map<std::string, Summary>& by_dag) {
    out.begin(name, "summary", help);
    for (const auto& [dag_id, s] : by_dag) out.summary(s.sum, s.count, {{"dag_id", dag_id}});
  };
  of_dags("airflow_dagrun_duration", "Seconds that successful runs took", run_durations_);
  of_dags("airflow_dagrun_failed", "Seconds that failed runs took", failed_run_durations_);
  of_dags("airflow_dagrun_schedule_delay", "Seconds from the time at which a scheduled run was due to its start",
          schedule_delays_);

  const auto of_pools = [&](const char* name, const char* help, auto value) {
    out.begin(name, "gauge", help);
    for (const auto& use : gauges.pools) out.sample(static_cast<double>(value(use)), {{"pool", use.pool.pool}});
  };
  of_pools("airflow_pool_open_slots", "Slots of the pool that are free; -1: it has no limit",
           [](const auto& use) { return use.pool.slots < 0 ? -1 : use.pool.slots - use.occupied; });
  of_pools("airflow_pool_queued_slots", "Slots of queued task instances", [](const auto& use) { return use.queued; });
  of_pools("airflow_pool_running_slots", "Slots of running task instances", [](const auto& use) { return use.running; });
  of_pools("airflow_pool_deferred_slots", "Slots of deferred task instances", [](const auto& use) { return use.deferred; });
  of_pools("airflow_pool_scheduled_slots", "Slots that task instances wait for", [](const auto& use) { return use.scheduled; });
  std::int64_t running = 0, queued = 0;
  for (const auto& use : gauges.pools) {
    running += use.running;
    queued += use.queued;
  }
  out.metric("airflow_executor_open_slots", "gauge", "How many tries more may run at once",
             static_cast<double>(gauges.parallelism - gauges.under_way));
  out.metric("airflow_executor_queued_tasks", "gauge", "Slots of tries that were handed over and do not run yet",
             static_cast<double>(queued));
  out.metric("airflow_executor_running_tasks", "gauge", "Slots of tries that run", static_cast<double>(running));
  out.metric("airflow_dagbag_size", "gauge", "DAGs", static_cast<double>(gauges.dags));
  out.metric("airflow_dag_processing_import_errors", "gauge", "DAG files with an error",
             static_cast<double>(gauges.import_errors));

  out.begin("venturi_build_info", "gauge", "Always 1");
  out.sample(1, {{"version", VENTURI_VERSION}});
  out.metric("venturi_commits_total", "counter", "Transactions", commits_);
  out.metric("venturi_transitions_total", "counter", "Changes of states of runs and task instances", transitions_);
  out.metric("venturi_deleted_runs_total", "counter", "Runs that were deleted", deleted_runs_);
  out.metric("venturi_worker_connected", "gauge", "Whether the worker is there", gauges.has_worker ? 1 : 0);
  out.metric("venturi_disk_free_bytes", "gauge", "Room on the disk of the home", static_cast<double>(gauges.free_disk_bytes));
  out.metric("venturi_disk_is_short", "gauge", "Whether nothing new is begun because of that", gauges.is_short_of_disk ? 1 : 0);
  out.metric("venturi_database_bytes", "gauge", "Size of the database", static_cast<double>(gauges.database_bytes));
  out.metric("venturi_database_log_bytes", "gauge", "Size of its write-ahead log", static_cast<double>(gauges.log_bytes));
  out.metric("process_start_time_seconds", "gauge", "When the server started, in seconds since 1970",
             to_seconds(started_.time_since_epoch()));
  write_process(out);
  return out.take();
}

// Under the names that Prometheus' own clients give them.
void Metrics::write_process(MetricsText& out) {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  out.metric("process_cpu_seconds_total", "counter", "CPU time of the server", seconds(use.ru_utime) + seconds(use.ru_stime));
  std::uint64_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  out.metric("process_resident_memory_bytes", "gauge", "Memory of the server", static_cast<double>(resident) * page);
  std::error_code error;
  double files = 0;
  for (auto at = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && at != std::filesystem::directory_iterator(); at.increment(error))
    ++files;
  out.metric("process_open_fds", "gauge", "Open files of the server", files);
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  out.metric("process_max_fds", "gauge", "How many files it may open", static_cast<double>(limit.rlim_cur));
}

}  // namespace venturi::server
