#include "server/retention.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "server/old_logs.h"
#include "server/run_paths.h"

namespace venturi::server {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto first_look = 60s;
// Between two slices, so that others' commits come first.
constexpr auto between_slices = 10ms;
// Of one slice: it holds the writer for some milliseconds at most (docs/operations.md).
constexpr int runs_at_once = 20;
constexpr std::int64_t task_instances_at_once = 200, rows_at_once = 500, versions_at_once = 4;
constexpr int folders_at_once = 20;

bool ended_as_found(const store::OldRun& old, const DagRun& run) {
  return run.no == old.no && is_finished(run.state) && run.end_date.value_or(run.queued_at) == old.ended;
}

std::optional<Time> days_before(Time now, std::int64_t days) {
  if (days == 0) return std::nullopt;
  return now - std::chrono::hours(24 * days);
}

}  // namespace

CleaningOrder retention_order(const Config& config, Time now) {
  CleaningOrder order;
  order.rules.runs_before = days_before(now, config.integer("retention.runs_days"));
  order.rules.runs_per_dag = config.integer("retention.runs_per_dag");
  order.rules.max_task_instances = config.integer("retention.max_task_instances");
  order.rules.keep_runs = config.integer("retention.keep_runs");
  order.rules.xcoms_runs_per_dag = config.integer("retention.xcoms_runs_per_dag");
  order.rules.files_runs_per_dag = config.integer("retention.files_runs_per_dag");
  order.rules.logs_runs_per_dag = config.integer("retention.logs_runs_per_dag");
  order.rules.versions_per_dag = config.integer("retention.dag_versions_per_dag");
  order.rules.max_event_logs = config.integer("retention.max_event_logs");
  order.rules.max_asset_events = config.integer("retention.max_asset_events");
  order.rules.xcoms_before = days_before(now, config.integer("retention.xcoms_days"));
  order.rules.versions_before = days_before(now, config.integer("retention.dag_versions_days"));
  order.rules.asset_events_before = days_before(now, config.integer("retention.asset_events_days"));
  order.rules.event_logs_before = days_before(now, config.integer("retention.event_logs_days"));
  order.rules.states_expired_before = now;
  order.files_before = days_before(now, config.integer("retention.files_days"));
  order.logs_before = days_before(now, config.integer("retention.logs_days"));
  order.compress_logs_before = days_before(now, config.integer("logging.compress_after_days"));
  return order;
}

std::string CleaningReport::text() const {
  std::string out;
  const auto add = [&](std::int64_t count, const char* one, const char* many) {
    if (count > 0) out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + (count == 1 ? one : many);
  };
  add(runs, "run", "runs");
  add(task_instances, "task instance", "task instances");
  add(xcoms, "XCom", "XComs");
  add(folders, "folder of files or logs", "folders of files or logs");
  add(dag_versions, "DAG version", "DAG versions");
  add(asset_events, "asset event", "asset events");
  add(event_logs, "row of the event log", "rows of the event log");
  add(expired_states, "expired value of a state store", "expired values of state stores");
  add(compressed_logs, "log compressed", "logs compressed");
  return out;
}

Retention::Retention(EventLoop& loop, Scheduler& scheduler, store::Reader& reader, DeletedRuns& deleted_runs, const Home& home,
                     std::string database)
    : loop_(loop),
      scheduler_(scheduler),
      reader_(reader),
      deleted_runs_(deleted_runs),
      home_(home),
      database_(std::move(database)),
      thread_(loop) {}

Retention::~Retention() {
  *alive_ = false;
  stop_ = true;
  for (const auto& timer : {timer_, pause_}) {
    if (timer) loop_.cancel(*timer);
  }
}

void Retention::every(std::chrono::microseconds interval, std::function<CleaningOrder()> order, OnDone on_done) {
  const bool is_first = !rhythm_;
  // A configuration that is read again and again must not put it off for ever.
  const bool is_same = timer_ && !is_first && rhythm_->interval == interval;
  rhythm_ = Rhythm{interval, std::move(order), std::move(on_done)};
  if (is_same) return;
  if (timer_) loop_.cancel(*std::exchange(timer_, std::nullopt));
  if (!is_first) return arm();
  timer_ = loop_.after(std::min<std::chrono::microseconds>(interval, first_look), [this] {
    timer_.reset();
    clean(rhythm_->order(), rhythm_->on_done);
    arm();
  });
}

void Retention::arm() {
  timer_ = loop_.after(rhythm_->interval, [this] {
    timer_.reset();
    if (works_.empty()) clean(rhythm_->order(), rhythm_->on_done);
    arm();
  });
}

void Retention::clean(CleaningOrder order, OnDone on_done) {
  works_.push_back(std::make_unique<Work>(Work{.order = std::move(order), .on_done = std::move(on_done)}));
  if (works_.size() == 1) begin();
}

void Retention::begin() {
  thread_.run([this, order = works_.front()->order]() -> JobThread::Then {
    Result<Found> found = find(order);
    return [this, found = std::make_shared<Result<Found>>(std::move(found))] {
      if (!*found) return done(std::unexpected((*found).error()));
      Work& work = *works_.front();
      work.found = std::move(**found);
      const store::OldRows& rows = work.found.rows;
      work.report.compressed_logs = work.found.compressed;
      // What a look did not see, or could not compress, the next one has to see.
      if (work.order.compress_logs_before && !work.order.is_dry_run && rows.is_all && work.found.trouble.empty())
        compressed_to_ = *work.order.compress_logs_before;
      if (!work.order.is_dry_run) return slice();
      work.report.runs = static_cast<std::int64_t>(rows.runs.size());
      for (const store::OldRun& run : rows.runs) work.report.task_instances += run.rows;
      for (const store::OldRun& run : rows.xcoms) work.report.xcoms += run.rows;
      work.report.folders = static_cast<std::int64_t>(work.found.folders.size());
      work.report.dag_versions = static_cast<std::int64_t>(rows.dag_versions.size());
      work.report.asset_events = rows.asset_events;
      work.report.event_logs = rows.event_logs;
      work.report.expired_states = rows.expired_states;
      done(work.report);
    };
  });
}

// ---- in the thread -------------------------------------------------------------------------------------------------------

Result<Retention::Found> Retention::find(const CleaningOrder& order) const {
  Found found;
  auto rows =
      store::find_old_rows(database_, order.rules, [&](const store::OldRun& run) { return look_at_files(run, order, found); });
  if (!rows) return std::unexpected(std::move(rows.error()));
  found.rows = std::move(*rows);
  return found;
}

bool Retention::look_at_files(const store::OldRun& run, const CleaningOrder& order, Found& found) const {
  if (stop_) return false;
  std::error_code error;
  const fs::path logs = home_.logs() / run_log_folder(run.dag_id, run.run_id);
  const auto add = [&](const std::optional<Time>& before, bool are_too_many, const fs::path& folder) {
    if ((are_too_many || (before && run.ended < *before)) && fs::exists(folder, error)) found.folders.push_back({run, folder});
  };
  add(order.files_before, run.files_are_too_many, home_.files() / files_path(run.dag_id, run.run_id));
  add(order.logs_before, run.logs_are_too_many, logs);
  if (order.is_dry_run || !order.compress_logs_before) return true;
  if (run.ended >= *order.compress_logs_before || run.ended < compressed_to_ || !fs::exists(logs, error)) return true;
  auto compressed = compress_old_logs(logs.string(), *order.compress_logs_before, stop_);
  if (compressed)
    found.compressed += *compressed;
  else
    found.trouble = compressed.error().text();
  return !stop_;
}

// ---- in the loop ---------------------------------------------------------------------------------------------------------

void Retention::slice() {
  Work& work = *works_.front();
  const auto left = reader_.has_rows_to_sweep();
  if (!left) return done(std::unexpected(left.error()));
  // Rows of runs that went before go first: otherwise their number could grow without end.
  const bool is_more = *left || delete_runs(work) || delete_xcoms(work) || delete_others(work);
  if (!is_more && work.next_folder < work.found.folders.size()) {
    delete_folders(work);
  } else if (!is_more) {
    return scheduler_.when_durable([this, alive = std::weak_ptr(alive_)] {
      if (alive.expired()) return;
      if (works_.front()->found.trouble.empty()) return done(works_.front()->report);
      done(fail(ErrorKind::unavailable, works_.front()->found.trouble));
    });
  }
  if (*left) deleted_runs_.go_on();
  scheduler_.when_durable([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    pause_ = loop_.after(between_slices, [this] {
      pause_.reset();
      slice();
    });
  });
}

// Looking took its time, and so do slices: the run may run again, or have ended anew.
bool Retention::is_as_found(const store::OldRun& old) const {
  if (scheduler_.engine().has_run(old.dag_id, old.run_id) || scheduler_.is_in_flight(old.dag_id, old.run_id)) return false;
  const auto run = reader_.run(old.dag_id, old.run_id);
  return run && *run && ended_as_found(old, **run);
}

bool Retention::delete_runs(Work& work) {
  const auto& runs = work.found.rows.runs;
  if (work.next_run == runs.size()) return false;
  int count = 0;
  std::int64_t task_instances = 0;
  while (work.next_run < runs.size() && count < runs_at_once && task_instances < task_instances_at_once) {
    const store::OldRun& old = runs[work.next_run++];
    const auto run = reader_.run(old.dag_id, old.run_id);
    // What became of it since it was found decides. Whose files cannot be moved is tried again with the next look.
    if (!run || !*run || !ended_as_found(old, **run) || !deleted_runs_.check(**run) ||
        !deleted_runs_.remove(**run, work.order.archive)) {
      ++work.report.kept;
      continue;
    }
    ++count;
    task_instances += old.rows;
    ++work.report.runs;
    work.report.task_instances += old.rows;
  }
  return true;
}

bool Retention::delete_xcoms(Work& work) {
  const auto& runs = work.found.rows.xcoms;
  if (work.next_xcoms == runs.size()) return false;
  store::Cleaning& cleaning = scheduler_.writes().cleaning;
  cleaning.archive = work.order.archive;
  std::int64_t rows = rows_at_once;
  while (work.next_xcoms < runs.size() && rows > 0) {
    store::OldRun& old = work.found.rows.xcoms[work.next_xcoms];
    if (!is_as_found(old)) {
      ++work.next_xcoms;
      continue;
    }
    // Files of rows that are gone would be removed by the next start; rows of files that are gone would be errors.
    const std::int64_t most = std::min(old.rows, rows);
    cleaning.xcoms.emplace_back(old.no, most);
    rows -= most;
    old.rows -= most;
    work.report.xcoms += most;
    if (old.rows > 0) continue;
    work.found.folders.push_back({old, home_.xcoms() / files_path(old.dag_id, old.run_id)});
    ++work.next_xcoms;
  }
  return true;
}

void Retention::delete_folders(Work& work) {
  for (int i = 0; i < folders_at_once && work.next_folder < work.found.folders.size(); ++i) {
    const Folder& folder = work.found.folders[work.next_folder++];
    if (!is_as_found(folder.run)) continue;
    const auto moved = deleted_runs_.put_aside(folder.path, folder.run.no);
    if (!moved)
      work.found.trouble = moved.error().text();
    else if (*moved)
      ++work.report.folders;
  }
  deleted_runs_.go_on();
}

bool Retention::delete_others(Work& work) {
  const store::OldRows& rows = work.found.rows;
  const bool has_versions = work.next_version < rows.dag_versions.size();
  const bool has_events = work.asset_slices * rows_at_once < rows.asset_events;
  const bool has_logs = work.event_log_slices * rows_at_once < rows.event_logs;
  const bool has_states = work.state_slices * rows_at_once < rows.expired_states;
  if (!has_versions && !has_events && !has_logs && !has_states) return false;
  store::Cleaning& cleaning = scheduler_.writes().cleaning;
  cleaning.archive = work.order.archive;
  for (int i = 0; i < versions_at_once && work.next_version < rows.dag_versions.size(); ++i) {
    cleaning.dag_versions.push_back(rows.dag_versions[work.next_version++]);
    ++work.report.dag_versions;
  }
  cleaning.rows = rows_at_once;
  cleaning.dags = work.order.rules.dags;
  if (has_logs) {
    cleaning.event_logs_up_to = rows.event_logs_up_to;
    ++work.event_log_slices;
    work.report.event_logs = std::min(work.event_log_slices * rows_at_once, rows.event_logs);
  }
  if (has_states) {
    cleaning.states_expired_before = work.order.rules.states_expired_before;
    ++work.state_slices;
    work.report.expired_states = std::min(work.state_slices * rows_at_once, rows.expired_states);
  }
  if (has_events) {
    cleaning.asset_events_up_to = rows.asset_events_up_to;
    ++work.asset_slices;
    work.report.asset_events = std::min(work.asset_slices * rows_at_once, rows.asset_events);
  }
  return true;
}

void Retention::done(Result<CleaningReport> report) {
  const std::unique_ptr<Work> work = std::move(works_.front());
  works_.pop_front();
  // There was more than is told at once: it goes on, and reports all.
  if (report && !work->order.is_dry_run && !work->found.rows.is_all && report->runs > 0) {
    CleaningReport so_far = *report;
    OnDone on_done = work->on_done;
    clean(work->order, [so_far, on_done](Result<CleaningReport> rest) {
      if (rest) {
        rest->runs += so_far.runs;
        rest->task_instances += so_far.task_instances;
        rest->xcoms += so_far.xcoms;
        rest->folders += so_far.folders;
        rest->dag_versions += so_far.dag_versions;
        rest->asset_events += so_far.asset_events;
        rest->event_logs += so_far.event_logs;
        rest->expired_states += so_far.expired_states;
        rest->compressed_logs += so_far.compressed_logs;
      }
      on_done(std::move(rest));
    });
    if (works_.size() > 1) begin();
    return;
  }
  if (work->on_done) work->on_done(std::move(report));
  if (!works_.empty()) begin();
}

}  // namespace venturi::server
