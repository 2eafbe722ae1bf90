// `tasks logs`.
#include <poll.h>

#include <algorithm>
#include <utility>

#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/log_follower.h"
#include "cli/log_text.h"
#include "cli/output.h"
#include "server/run_paths.h"

namespace venturi::cli {
namespace {

// How often -f looks whether there is more: for eyes.
constexpr int look_every_ms = 100;

void show(std::string_view lines, bool as_json) {
  if (as_json) return print(lines);
  std::string out;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    out += log_line_text(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  print(out);
}

Result<TaskInstance> find_task_instance(const Metadata& metadata, const DagRun& run, const std::string& task_id,
                                        std::int64_t map_index) {
  auto all = metadata.reader().task_instances(run.no);
  if (!all) return std::unexpected(std::move(all.error()));
  const auto found =
      std::ranges::find_if(*all, [&](const TaskInstance& ti) { return ti.task_id == task_id && ti.map_index == map_index; });
  if (found != all->end()) return std::move(*found);
  std::string what = "there is no task " + task_id;
  if (map_index >= 0) what += " with map index " + std::to_string(map_index);
  return fail(ErrorKind::not_found, what, "dag " + run.dag_id + ", run " + run.run_id,
              "see: venturi tasks states-for-dag-run " + run.dag_id + " " + run.run_id);
}

// Whether nothing more can come of this try.
bool has_ended(const TaskInstance& ti, std::int64_t try_number) {
  if (is_finished(ti.state) || ti.try_number > try_number) return true;
  return ti.state == TaskState::up_for_retry;
}

// Whoever gives the run before the task is told the order.
Error hinted(Error error, const Metadata& metadata, const Arguments& arguments) {
  const std::string dag_id = arguments.text("dag_id"), task_id = arguments.text("task_id");
  const auto swapped = metadata.reader().run(dag_id, task_id);
  if (!swapped || !*swapped) return error;
  error.hint = "the task comes before the run: venturi tasks logs " + dag_id + " " + arguments.text("logical_date_or_run_id") +
               " " + task_id;
  return error;
}

}  // namespace

Result<int> tasks_logs(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto run = need_run(*metadata, arguments.text("dag_id"), arguments.text("logical_date_or_run_id"));
  if (!run) return std::unexpected(hinted(run.error(), *metadata, arguments));
  const std::string task_id = arguments.text("task_id");
  const std::int64_t map_index = arguments.integer("map-index");
  auto ti = find_task_instance(*metadata, *run, task_id, map_index);
  if (!ti) return std::unexpected(std::move(ti.error()));
  const bool follow = arguments.has("follow");
  const std::int64_t number = arguments.has("try") ? arguments.integer("try") : std::max(ti->try_number, 1);
  const std::string where = "dag " + run->dag_id + ", run " + run->run_id + ", task " + task_id;
  if (number > ti->try_number && !(follow && number == ti->try_number + 1 && !is_finished(ti->state))) {
    const std::string state = ti->state == TaskState::none ? "none" : std::string(to_string(ti->state));
    return fail(ErrorKind::not_found,
                ti->try_number == 0
                    ? "the task has not run; its state is " + state
                    : "the task had no try " + std::to_string(number) + ", but " + std::to_string(ti->try_number),
                where, follow ? "" : "-f waits for it");
  }
  const auto path = metadata->home.logs() /
                    server::log_path(run->dag_id, run->run_id, task_id, ti->map_index, static_cast<std::int32_t>(number));
  const bool as_json = arguments.text("output") == "json";
  LogFollower log(path);
  for (bool at_end = !follow;;) {
    const auto lines = log.read(at_end);
    if (!lines) return std::unexpected(lines.error());
    show(*lines, as_json);
    if (at_end) break;
    ti = find_task_instance(*metadata, *run, task_id, map_index);
    if (!ti) return std::unexpected(std::move(ti.error()));
    // The outcome is told before the process has ended: one more look after a pause for its last lines.
    at_end = has_ended(*ti, number);
    ::poll(nullptr, 0, look_every_ms);
  }
  if (!log.is_there()) {
    return fail(ErrorKind::not_found, "this try wrote no log", where, "it would be " + path.string());
  }
  return exit_done;
}

}  // namespace venturi::cli
