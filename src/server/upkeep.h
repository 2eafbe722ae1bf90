// What keeps a home in order while its server runs, and tells how it is: retention, the disk's room, metrics, health.
//
//   command           result
//   metrics           text: Prometheus' format
//   health of parts   metadatabase, scheduler, triggerer, dag_processor: as Airflow's; worker, disk: {status, detail?}
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/event_loop.h"
#include "base/job_thread.h"
#include "home/config.h"
#include "home/home.h"
#include "server/commands.h"
#include "server/dag_source.h"
#include "server/disk_guard.h"
#include "server/metrics.h"
#include "server/retention.h"
#include "server/scheduler.h"
#include "server/worker_link.h"

namespace venturi::server {

class Upkeep {
 public:
  // All outlive it.
  Upkeep(EventLoop& loop, Scheduler& scheduler, store::Reader& reader, DeletedRuns& deleted_runs, Commands& commands,
         WorkerLink& worker, DagSource& dags, const Home& home, const Config& config);

  // From now on by itself, with what the configuration says; again after that has changed.
  void configure(const Config& config);

  [[nodiscard]] Metrics& metrics() { return metrics_; }
  // The store cannot be written (why), or can again (empty).
  void store_trouble(const std::string& why) { store_trouble_ = why; }

 private:
  [[nodiscard]] std::string metrics_text() const;
  [[nodiscard]] Value health();
  void forget_programs();

  EventLoop& loop_;
  Scheduler& scheduler_;
  WorkerLink& worker_;
  DagSource& dags_;
  const std::string database_;
  Config config_;
  SystemClock clock_;
  const Time started_ = clock_.now();
  Retention retention_;
  Metrics metrics_;
  DiskGuard disk_;
  std::string store_trouble_;
  Time worker_seen_;
  bool forgot_programs_ = false, forgets_programs_ = false;
  std::unique_ptr<JobThread> thread_;  // last: it uses the others; once it is needed
};

}  // namespace venturi::server
