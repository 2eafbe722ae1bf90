#include "server/deleted_runs.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/log.h"
#include "server/run_paths.h"

namespace venturi::server {
namespace {

namespace fs = std::filesystem;

// A few milliseconds of the writer's time.
constexpr std::int32_t rows_in_a_slice = 1000;

Error trouble(const std::error_code& error, const fs::path& folder) {
  return {ErrorKind::unavailable, "cannot remove the run's files: " + error.message(), folder.string(), ""};
}

}  // namespace

DeletedRuns::DeletedRuns(EventLoop& loop, Scheduler& scheduler, store::Reader& reader, const Home& home)
    : loop_(loop), scheduler_(scheduler), reader_(reader), home_(home), thread_(loop) {}

void DeletedRuns::go_on() {
  sweep_rows();
  empty_trash();
}

Result<void> DeletedRuns::check(const DagRun& run) const {
  const std::string where = "dag " + run.dag_id + ", run " + run.run_id;
  const engine::Engine& engine = scheduler_.engine();
  if (engine.is_changing(run.dag_id, run.run_id))
    return fail(ErrorKind::conflict, "task instances of the run are being cleared or marked", where,
                "repeat this when that is done");
  if (!is_finished(run.state) || engine.is_active(run.dag_id, run.run_id))
    return fail(ErrorKind::conflict, "the run is not over", where, "delete it when it has ended");
  if (engine.owes_callbacks(run.no))
    return fail(ErrorKind::conflict, "callbacks of the run are still owed", where, "repeat this when they are delivered");
  return {};
}

// Folders of the home may lie on file systems of their own, between which nothing can be moved at once. No DAG has a `~` in its
// id.
std::array<fs::path, 4> DeletedRuns::trashes() const {
  const char* name = ".trash~";
  return {home_.files() / name, home_.xcoms() / name, home_.logs() / name, home_.trash()};
}

Result<bool> DeletedRuns::put_aside(const fs::path& folder, RunNo run) {
  std::error_code error;
  if (!fs::exists(folder, error)) {
    if (error) return std::unexpected(trouble(error, folder));
    return false;
  }
  fs::create_directories(home_.trash(), error);
  if (error) return std::unexpected(trouble(error, home_.trash()));
  const std::string name = std::to_string(::getpid()) + "-" + std::to_string(run) + "-" + std::to_string(next_name_++);
  fs::rename(folder, home_.trash() / name, error);
  for (const fs::path& trash : trashes()) {
    if (error != std::errc::cross_device_link) break;
    if (!folder.string().starts_with(trash.parent_path().string() + "/")) continue;
    fs::create_directories(trash, error);
    if (!error) fs::rename(folder, trash / name, error);
  }
  if (error) return std::unexpected(trouble(error, folder));
  return true;
}

// The files go first: where a crash follows, the run is still there, and can be deleted again.
Result<void> DeletedRuns::remove(const DagRun& run, const std::string& archive) {
  for (const fs::path& folder :
       {home_.files() / files_path(run.dag_id, run.run_id), home_.xcoms() / files_path(run.dag_id, run.run_id),
        home_.logs() / run_log_folder(run.dag_id, run.run_id)}) {
    if (auto moved = put_aside(folder, run.no); !moved) return std::unexpected(std::move(moved.error()));
  }
  scheduler_.step(engine::RunDeleted{run.no});
  scheduler_.writes().deleted_runs.push_back(run);
  if (!archive.empty()) scheduler_.writes().cleaning.archive = archive;
  scheduler_.when_durable([this] { go_on(); });
  return {};
}

Result<void> DeletedRuns::remove(const DagRun& run, const TaskInstance& ti) {
  if (ti.map_index >= 0) {
    return fail(ErrorKind::invalid, "one instance of a mapped task cannot be deleted: the others are counted by their index",
                "dag " + run.dag_id + ", run " + run.run_id + ", task " + ti.task_id, "delete the run, or clear the task");
  }
  const fs::path logs = fs::path(log_path(run.dag_id, run.run_id, ti.task_id, ti.map_index, 0)).parent_path();
  if (auto moved = put_aside(home_.logs() / logs, run.no); !moved) return std::unexpected(std::move(moved.error()));
  scheduler_.writes().deleted_task_instances.push_back(ti);
  scheduler_.when_durable([this] { go_on(); });
  return {};
}

void DeletedRuns::sweep_some() {
  scheduler_.writes().rows_to_sweep += rows_in_a_slice;
}

void DeletedRuns::sweep_rows() {
  if (sweeps_) return;
  const auto left = reader_.has_rows_to_sweep();
  if (!left) return log_warning("rows of deleted runs stay until the next start: " + left.error().text());
  if (!*left) return;
  sweeps_ = true;
  sweep_some();
  scheduler_.when_durable([this] {
    loop_.post([this] {
      sweeps_ = false;
      sweep_rows();
    });
  });
}

void DeletedRuns::empty_trash() {
  again_ = true;
  if (empties_) return;
  std::error_code error;
  const auto folders = trashes();
  if (std::ranges::none_of(folders, [&](const fs::path& trash) { return fs::exists(trash, error); })) return;
  empties_ = true;
  again_ = false;
  thread_.run([this, folders]() -> JobThread::Then {
    std::string why;
    for (const fs::path& trash : folders) {
      std::error_code removing;
      if (!fs::exists(trash, removing)) continue;
      for (const auto& entry : fs::directory_iterator(trash, removing)) {
        if (stop_) return {};
        std::error_code one;
        fs::remove_all(entry.path(), one);
        if (one) why = "cannot remove " + entry.path().string() + ": " + one.message();
      }
      if (removing) why = "cannot read " + trash.string() + ": " + removing.message();
    }
    return [this, why] {
      empties_ = false;
      if (!why.empty()) return log_warning("files of deleted runs stay: " + why);
      if (again_) empty_trash();
    };
  });
}

}  // namespace venturi::server
