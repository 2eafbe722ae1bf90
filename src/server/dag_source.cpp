#include "server/dag_source.h"

#include <algorithm>
#include <utility>

#include "schedule/timetable.h"

namespace venturi::server {

Result<void> check_schedule(const Dag& dag, schedule::TimeZones& zones) {
  Result<void> added = zones.add_for(dag.timetable);
  if (added) {
    if (auto timetable = schedule::make_timetable(dag.timetable, zones); !timetable) {
      added = std::unexpected(std::move(timetable.error()));
    }
  }
  if (!added) added.error().where = "dag " + dag.dag_id + (added.error().where.empty() ? "" : ", " + added.error().where);
  return added;
}

DagSource::DagSource(EventLoop& loop, Scheduler& scheduler, schedule::TimeZones& zones, store::Reader& reader,
                     lanes::DagProcessorOptions options, Events events)
    : scheduler_(scheduler),
      zones_(zones),
      reader_(reader),
      bundle_(options.bundle),
      events_(std::move(events)),
      processor_(loop, std::move(options),
                 {.on_dag = [this](const std::shared_ptr<const Dag>& dag) { on_dag(dag); },
                  .on_gone = [this](const std::string& dag_id) { scheduler_.step(engine::DagGone{dag_id}); },
                  .on_import_error = [this](const lanes::ImportError& error) { on_import_error(error); },
                  .on_import_ok = [this](const std::string& file) { on_import_ok(file); },
                  .on_scanned = [this] { scanned(); }}) {}

void DagSource::on_dag(const std::shared_ptr<const Dag>& found) {
  const std::shared_ptr<const Dag> dag = events_.choose ? events_.choose(found) : found;
  if (!dag) return;
  auto& errors = schedule_errors_[dag->relative_fileloc];
  if (auto fine = check_schedule(*dag, zones_); !fine) {
    // The last good version, if there was one, serves on.
    errors[dag->dag_id] = fine.error().text();
  } else {
    errors.erase(dag->dag_id);
    scheduler_.step(engine::DagSeen{dag});
    events_.on_dag();
  }
}

void DagSource::on_import_error(const lanes::ImportError& error) {
  scheduler_.writes().import_errors.push_back({error.file, bundle_, error.text, scheduler_.now()});
}

void DagSource::on_import_ok(const std::string& file) {
  std::string text;
  if (const auto found = schedule_errors_.find(file); found != schedule_errors_.end()) {
    for (const auto& [dag_id, error] : found->second) text += (text.empty() ? "" : "\n") + error;
    if (text.empty()) schedule_errors_.erase(found);
  }
  if (text.empty()) {
    scheduler_.writes().cleared_import_errors.push_back(file);
  } else {
    scheduler_.writes().import_errors.push_back({file, bundle_, text, scheduler_.now()});
  }
}

// What the metadata knows beyond what is there went away while no server looked.
void DagSource::scanned() {
  const auto found = processor_.dag_ids();
  const auto failing = processor_.failing_files();
  const auto is_failing = [&](const std::string& file) { return std::ranges::find(failing, file) != failing.end(); };
  for (const auto& dag : scheduler_.engine().dags()) {
    if (dag->bundle != bundle_ || std::ranges::find(found, dag->dag_id) != found.end() || is_failing(dag->relative_fileloc))
      continue;
    scheduler_.step(engine::DagGone{dag->dag_id});
  }
  if (auto errors = reader_.import_errors()) {
    for (const store::ImportError& error : *errors) {
      const bool has_schedule_error = schedule_errors_.contains(error.filename) && !schedule_errors_[error.filename].empty();
      if (error.bundle == bundle_ && !is_failing(error.filename) && !has_schedule_error) {
        scheduler_.writes().cleared_import_errors.push_back(error.filename);
      }
    }
  }
  is_scanned_ = true;
  events_.on_scanned();
}

}  // namespace venturi::server
