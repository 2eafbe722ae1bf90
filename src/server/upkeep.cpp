#include "server/upkeep.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "server/cleaning_commands.h"

namespace venturi::server {

Upkeep::Upkeep(EventLoop& loop, Scheduler& scheduler, store::Reader& reader, DeletedRuns& deleted_runs, Commands& commands,
               WorkerLink& worker, DagSource& dags, const Home& home, const Config& config)
    : loop_(loop),
      scheduler_(scheduler),
      worker_(worker),
      dags_(dags),
      database_(config.path("database.path").string()),
      config_(config),
      retention_(loop, scheduler, reader, deleted_runs, home, database_),
      metrics_(clock_.now()),
      disk_(loop, written_folders(home, database_),
            [this](const std::string& why) {
              if (why.empty())
                log_info("there is room on the disk again: it goes on");
              else
                log_error("nothing new is begun until there is more room: " + why);
              scheduler_.step(engine::Hold{why});
            }),
      worker_seen_(clock_.now()) {
  add_cleaning_commands(commands, scheduler, retention_);
  commands.add("metrics", [this](const Value&, const OnResult& on_result) {
    on_result(Value(Object{{"type", "CommandResult"}, {"text", metrics_text()}}));
  });
  commands.add("health of parts", [this](const Value&, const OnResult& on_result) { on_result(health()); });
}

void Upkeep::configure(const Config& config) {
  config_ = config;
  disk_.set_least(config.integer("core.min_free_disk_mib"));
  retention_.every(
      config.seconds("retention.interval_s"), [this] { return retention_order(config_, clock_.now()); },
      [this](const Result<CleaningReport>& report) {
        if (!report) return log_warning("not all that is old could be deleted: " + report.error().text());
        if (const std::string what = report->text(); !what.empty()) log_info("deleted because it was old: " + what);
        if (report->dag_versions > 0 || !forgot_programs_) forget_programs();
      });
}

// Those of versions that are left in the database stay: what is cleared runs by them.
void Upkeep::forget_programs() {
  if (!dags_.is_scanned() || std::exchange(forgets_programs_, true)) return;
  if (!thread_) thread_ = std::make_unique<JobThread>(loop_);
  thread_->run([this]() -> JobThread::Then {
    auto programs = std::make_shared<const Result<std::set<std::string>>>(store::programs_of_versions(database_));
    return [this, programs] {
      forgets_programs_ = false;
      if (!*programs) return log_warning("programs of old versions stay: " + programs->error().text());
      forgot_programs_ = true;
      dags_.keep_only(**programs);
    };
  });
}

std::string Upkeep::metrics_text() const {
  Metrics::Gauges gauges;
  const engine::Engine& engine = scheduler_.engine();
  gauges.pools = engine.pool_use();
  gauges.dags = static_cast<std::int64_t>(engine.dags().size());
  gauges.import_errors = static_cast<std::int64_t>(dags_.failing_files());
  gauges.parallelism = std::min(config_.integer("core.parallelism"), config_.integer("worker.parallelism"));
  for (const auto& use : gauges.pools) gauges.under_way += use.queued + use.running;
  gauges.has_worker = worker_.connected();
  gauges.is_short_of_disk = !disk_.why().empty();
  if (disk_.room()) gauges.free_disk_bytes = disk_.room()->free_bytes;
  const auto size_of = [](const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    return error ? std::uint64_t{0} : std::uint64_t{size};
  };
  gauges.database_bytes = size_of(database_);
  gauges.log_bytes = size_of(database_ + "-wal");
  gauges.now = clock_.now();
  return metrics_.text(gauges);
}

Value Upkeep::health() {
  const Time now = clock_.now();
  const auto part = [](std::string trouble, Time seen = {}, const char* heartbeat = nullptr) {
    while (trouble.ends_with('\n')) trouble.pop_back();
    Object out{{"status", trouble.empty() ? "healthy" : "unhealthy"}};
    if (heartbeat != nullptr) out.set(heartbeat, format_time(seen));
    if (!trouble.empty()) out.set("detail", std::move(trouble));
    return Value(std::move(out));
  };
  const std::string no_worker = worker_.connected() ? "" : "the worker is gone";
  if (worker_.connected()) worker_seen_ = now;
  disk_.look();
  Object health{{"type", "CommandResult"}};
  health.set("metadatabase", part(store_trouble_));
  health.set("scheduler", part("", now, "latest_scheduler_heartbeat"));
  // Triggers wait in the worker's operator host.
  health.set("triggerer", part(no_worker, worker_seen_, "latest_triggerer_heartbeat"));
  health.set("dag_processor",
             part(dags_.folder_trouble(), dags_.last_scan().value_or(started_), "latest_dag_processor_heartbeat"));
  health.set("worker", part(no_worker));
  health.set("disk", part(disk_.why()));
  health.set("started_at", format_time(started_));
  return Value(std::move(health));
}

}  // namespace venturi::server
