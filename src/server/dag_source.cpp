#include "server/dag_source.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "model/pool_warnings.h"
#include "schedule/timetable.h"

namespace venturi::server {

Result<void> check_schedule(const Dag& dag, schedule::TimeZones& zones) {
  Result<void> added = zones.add_for(dag.timetable);
  if (added) {
    if (auto timetable = schedule::make_timetable(dag.timetable, zones); !timetable)
      added = std::unexpected(std::move(timetable.error()));
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
                  .on_gone = [this](const std::string& dag_id) { on_gone(dag_id); },
                  .on_import_error = [this](const lanes::ImportError& error) { on_import_error(error); },
                  .on_import_ok = [this](const std::string& file) { on_import_ok(file); },
                  .on_scanned = [this] { scanned(); }}) {}

void DagSource::on_dag(const std::shared_ptr<const Dag>& found) {
  const std::shared_ptr<const Dag> dag = events_.choose ? events_.choose(found) : found;
  if (!dag) return;
  auto fine = check_schedule(*dag, zones_);
  // Where it is not, the last good version, if there was one, serves on.
  set_error(schedule_errors_, dag->relative_fileloc, dag->dag_id, fine ? std::string() : fine.error().text());
  if (!fine) return;
  for (ErrorsByFile* errors : {&timetable_errors_, &weight_errors_, &mapper_errors_})
    forget_errors(*errors, dag->dag_id);  // of the version before
  for (const std::string& warning : pool_warnings(*dag, scheduler_.engine().pools())) log_warning(warning);
  scheduler_.step(engine::DagSeen{dag});
  events_.on_dag();
}

void DagSource::on_gone(const std::string& dag_id) {
  for (ErrorsByFile* errors : {&schedule_errors_, &timetable_errors_, &weight_errors_, &mapper_errors_})
    forget_errors(*errors, dag_id);
  scheduler_.step(engine::DagGone{dag_id});
}

void DagSource::see_again(const std::shared_ptr<const Dag>& dag) {
  const auto found = processor_.dag_ids();
  if (std::ranges::find(found, dag->dag_id) != found.end()) scheduler_.step(engine::DagSeen{dag});
}

void DagSource::set_timetable_error(const Dag& dag, const std::string& text) {
  set_error(timetable_errors_, dag.relative_fileloc, dag.dag_id, text);
}

void DagSource::set_weight_error(const Dag& dag, const std::string& text) {
  set_error(weight_errors_, dag.relative_fileloc, dag.dag_id, text);
}

void DagSource::set_mapper_error(const Dag& dag, const std::string& text) {
  set_error(mapper_errors_, dag.relative_fileloc, dag.dag_id, text);
}

void DagSource::forget_errors(ErrorsByFile& of, const std::string& dag_id) {
  std::vector<std::string> files;
  for (const auto& [file, errors] : of) {
    if (errors.contains(dag_id)) files.push_back(file);
  }
  for (const std::string& file : files) set_error(of, file, dag_id, {});
}

void DagSource::set_error(ErrorsByFile& of, const std::string& file, const std::string& dag_id, const std::string& text) {
  auto& errors = of[file];
  const auto known = errors.find(dag_id);
  const bool is_new = known == errors.end() ? !text.empty() : known->second != text;
  if (text.empty()) {
    errors.erase(dag_id);
  } else {
    errors[dag_id] = text;
  }
  if (errors.empty()) of.erase(file);
  if (is_new) tell_errors(file);
}

// The lane tells a change of its own only: what it said last is kept for when a schedule changes.
void DagSource::on_import_error(const lanes::ImportError& error) {
  lane_errors_[error.file] = error.text;
  tell_errors(error.file);
}

void DagSource::on_import_ok(const std::string& file) {
  lane_errors_.erase(file);
  tell_errors(file);
}

std::string DagSource::folder_trouble() const {
  const auto found = lane_errors_.find(".");
  return found == lane_errors_.end() ? std::string() : found->second;
}

void DagSource::tell_errors(const std::string& file) {
  std::string text;
  if (const auto found = lane_errors_.find(file); found != lane_errors_.end()) text = found->second;
  for (const ErrorsByFile* errors : {&schedule_errors_, &timetable_errors_, &weight_errors_, &mapper_errors_}) {
    const auto found = errors->find(file);
    if (found == errors->end()) continue;
    for (const auto& [dag_id, error] : found->second) text += (text.empty() ? "" : "\n") + error;
  }
  if (text.empty())
    told_.erase(file);
  else
    told_.insert(file);
  // A batch writes errors first and clears then: it may hold one word of a file only.
  auto& writes = scheduler_.writes();
  std::erase(writes.cleared_import_errors, file);
  std::erase_if(writes.import_errors, [&](const store::ImportError& error) { return error.filename == file; });
  if (text.empty()) {
    writes.cleared_import_errors.push_back(file);
  } else {
    writes.import_errors.push_back({file, bundle_, std::move(text), scheduler_.now()});
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
      const bool has_schedule_error = schedule_errors_.contains(error.filename) || timetable_errors_.contains(error.filename) ||
                                      weight_errors_.contains(error.filename) || mapper_errors_.contains(error.filename);
      if (error.bundle == bundle_ && !is_failing(error.filename) && !has_schedule_error) {
        scheduler_.writes().cleared_import_errors.push_back(error.filename);
      }
    }
  }
  is_scanned_ = true;
  events_.on_scanned();
}

}  // namespace venturi::server
