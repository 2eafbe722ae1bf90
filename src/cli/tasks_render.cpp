// `tasks render`: the templates of a task as they are rendered for a run, without running it. What was rendered by a try is
// shown as it was; before there was one, it is rendered here, of what is in the metadata now.
#include <algorithm>
#include <utility>

#include "base/json.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "cli/render_task.h"
#include "model/dag.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"
#include "server/dag_source.h"

namespace venturi::cli {
namespace {

// A run that is not there, as one by hand at this date would be.
Result<DagRun> made_up_run(const Dag& dag, Time date) {
  auto zones = schedule::TimeZones::load();
  if (!zones) return std::unexpected(zones.error());
  DagRun run;
  run.dag_id = dag.dag_id;
  run.run_id = "manual__" + format_time_offset(date);
  run.run_type = RunType::manual;
  run.logical_date = run.data_interval_start = run.data_interval_end = date;
  run.run_after = date;
  run.conf = Object();
  if (!server::check_schedule(dag, *zones)) return run;
  const auto timetable = schedule::make_timetable(dag.timetable, *zones);
  if (!timetable || (*timetable)->is_user_defined()) return run;
  const schedule::DataInterval interval = (*timetable)->manual_interval(date);
  run.data_interval_start = interval.start;
  run.data_interval_end = interval.end;
  return run;
}

// An instance that is not there, as its first try would be.
TaskInstance made_up_instance(const Task& task, std::int64_t map_index) {
  TaskInstance ti;
  ti.task_id = task.task_id;
  ti.map_index = static_cast<std::int32_t>(map_index);
  ti.try_number = 1;
  ti.max_tries = task.retries;
  return ti;
}

struct Asked {
  std::shared_ptr<const Dag> dag;
  DagRun run;
  std::optional<TaskInstance> ti;
};

Result<Asked> find_asked(const Arguments& arguments, const Metadata& metadata) {
  const std::string dag_id = arguments.text("dag_id"), text = arguments.text("logical_date_or_run_id");
  const std::int64_t map_index = arguments.integer("map-index");
  store::Reader& reader = metadata.reader();
  auto dag = need_dag(reader, dag_id);
  if (!dag) return std::unexpected(std::move(dag.error()));
  Asked asked{*dag, {}, std::nullopt};
  auto run = need_run(metadata, dag_id, text);
  if (!run) {
    if (run.error().kind != ErrorKind::not_found || !parse_time(text)) return std::unexpected(std::move(run.error()));
    const auto date = read_date(text, metadata.config);
    if (!date) return std::unexpected(date.error());
    auto made_up = made_up_run(**dag, *date);
    if (!made_up) return std::unexpected(std::move(made_up.error()));
    asked.run = std::move(*made_up);
    return asked;
  }
  asked.run = std::move(*run);
  auto version = reader.dag_version(asked.run.dag_version_id);
  if (!version) return std::unexpected(std::move(version.error()));
  if (*version) asked.dag = std::move(*version);
  auto all = reader.task_instances(asked.run.no);
  if (!all) return std::unexpected(std::move(all.error()));
  const auto found = std::ranges::find_if(
      *all, [&](const TaskInstance& ti) { return ti.task_id == arguments.text("task_id") && ti.map_index == map_index; });
  if (found != all->end()) asked.ti = std::move(*found);
  return asked;
}

}  // namespace

Result<int> tasks_render(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto asked = find_asked(arguments, *metadata);
  if (!asked) return std::unexpected(asked.error());
  const auto& [dag, run, ti] = *asked;
  const std::string task_id = arguments.text("task_id");
  const auto index = dag->find_task(task_id);
  if (!index)
    return fail(ErrorKind::not_found, "there is no task " + task_id, "dag " + dag->dag_id,
                "see: venturi tasks list " + dag->dag_id);
  const Task& task = dag->tasks[*index];
  Object rendered;
  const auto stored = ti ? metadata->reader().rendered_fields(ti->no) : Result<std::optional<std::string>>(std::nullopt);
  if (!stored) return std::unexpected(stored.error());
  if (*stored) {
    auto fields = parse_json(**stored);
    if (!fields) return std::unexpected(std::move(fields.error()));
    rendered = std::move(fields->as_object());
  } else {
    TaskInstance instance = ti.value_or(made_up_instance(task, arguments.integer("map-index")));
    instance.try_number = std::max(instance.try_number, 1);
    auto fields = render_task(*metadata, dag, *index, run, instance);
    if (!fields) {
      std::string& where = fields.error().where;
      where = "dag " + dag->dag_id + ", task " + task_id + (where.empty() ? "" : ", " + where);
      return std::unexpected(std::move(fields.error()));
    }
    rendered = std::move(*fields);
  }
  if (const auto format = arguments.maybe("output")) {
    Rows rows{{"property", "rendered"}, {}};
    for (const auto& [name, value] : rendered) rows.rows.push_back({name, value});
    print(format_rows(rows, output_format(*format)));
    return exit_done;
  }
  if (rendered.empty()) print_note("note: task " + task_id + " has no templates");
  const std::string line = "# " + std::string(58, '-') + "\n";
  for (const auto& [name, value] : rendered) {
    print(line + "# property: " + name + "\n" + line + printable(value.is_string() ? value.as_string() : to_json(value), true) +
          "\n\n");
  }
  return exit_done;
}

}  // namespace venturi::cli
