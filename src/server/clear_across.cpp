#include "server/clear_across.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

#include "model/params.h"
#include "server/change_run.h"
#include "template/airflow_context.h"
#include "template/template.h"

namespace venturi::server {
namespace {

constexpr std::string_view marker_type = "ExternalTaskMarker";
constexpr std::int64_t default_depth = 10;  // Airflow's recursion_depth

bool is_marker(const Task& task) {
  return task.task_type == marker_type;
}

// A field of the marker with the values of its run.
Result<std::string> rendered(const std::string& text, const std::string& field, const Dag& dag, const DagRun& run,
                             const Task& task) {
  templates::AirflowFacts facts;
  facts.dag_id = run.dag_id;
  facts.run_id = run.run_id;
  facts.run_type = to_string(run.run_type);
  facts.logical_date = run.logical_date;
  facts.data_interval_start = run.data_interval_start;
  facts.data_interval_end = run.data_interval_end;
  facts.run_after = run.run_after;
  facts.run_start_date = run.start_date;
  facts.conf = run.conf.is_null() ? Value(Object{}) : run.conf;
  facts.task_id = task.task_id;
  if (auto params = params_of_run(dag, run.conf)) facts.params = std::move(*params);
  const templates::FetchedLookups none;
  const std::string where = fmt::format("dag {}, run {}, task {}, {}", run.dag_id, run.run_id, task.task_id, field);
  try {
    const templates::AirflowContext context(facts, none);
    const auto outcome = templates::Template(text, field, std::make_shared<templates::Environment>()).render(context);
    if (const auto* done = std::get_if<std::string>(&outcome)) return *done;
    return fail(ErrorKind::invalid, "a marker cannot ask for variables, connections or XComs", where,
                "use what the run itself has: logical_date, data_interval_end, dag_run.conf, params");
  } catch (const templates::TemplateError& e) {
    return fail(ErrorKind::invalid, e.what(), where, "what it marks is not cleared with it: correct it, or clear without it");
  }
}

class Search : public std::enable_shared_from_this<Search> {
 public:
  using OnFound = std::function<void(Result<std::vector<engine::ClearTasks>>)>;

  Search(Scheduler& scheduler, store::Reader& reader, std::vector<engine::ClearTasks> first, OnFound on_found)
      : scheduler_(scheduler), reader_(reader), on_found_(std::move(on_found)) {
    for (engine::ClearTasks& clear : first) found_.push_back({std::move(clear), 0});
  }

  void next() {
    while (at_ < found_.size()) {
      const engine::ClearTasks& clear = found_[at_].clear;
      const auto dag = scheduler_.engine().find_dag(clear.dag_id);
      if (dag && std::ranges::any_of(dag->tasks, is_marker)) {
        engine::ClearTasks look = clear;
        look.dry_run = true;
        return change_run(scheduler_, reader_, std::move(look),
                          [self = shared_from_this()](Result<engine::Answer> answer) { self->take(answer); });
      }
      ++at_;
    }
    std::vector<engine::ClearTasks> all;
    for (Step& step : found_) all.push_back(std::move(step.clear));
    on_found_(std::move(all));
  }

 private:
  struct Step {
    engine::ClearTasks clear;
    std::int64_t depth = 0;  // so many markers led to it
  };

  void take(const Result<engine::Answer>& answer) {
    if (!answer) return on_found_(std::unexpected(answer.error()));
    const DagRun& run = answer->run.value();
    const auto dag = reader_.dag_version(run.dag_version_id);
    if (!dag) return on_found_(std::unexpected(dag.error()));
    if (*dag != nullptr) {
      for (const TaskInstance& ti : answer->task_instances) {
        const auto task = (*dag)->find_task(ti.task_id);
        if (!task || !is_marker((*dag)->tasks[*task])) continue;
        if (auto followed = follow(**dag, run, (*dag)->tasks[*task]); !followed)
          return on_found_(std::unexpected(std::move(followed.error())));
      }
    }
    ++at_;
    next();
  }

  Result<void> follow(const Dag& dag, const DagRun& run, const Task& marker) {
    const std::int64_t depth = found_[at_].depth + 1;
    if (most_ == 0) most_ = marker.serialized.get_int("recursion_depth", default_depth);
    if (depth > most_) {
      return fail(ErrorKind::invalid,
                  fmt::format("Maximum recursion depth {} reached for ExternalTaskMarker {}", most_, marker.task_id),
                  fmt::format("dag {}, run {}", run.dag_id, run.run_id),
                  "markers may point at each other in a circle; clear less, or raise its recursion_depth");
    }
    std::string fields[3];
    const std::pair<const char*, const char*> names[] = {
        {"external_dag_id", ""}, {"external_task_id", ""}, {"logical_date", "{{ logical_date.isoformat() }}"}};
    for (std::size_t i = 0; i < std::size(names); ++i) {
      auto text = rendered(marker.serialized.get_string(names[i].first, names[i].second), names[i].first, dag, run, marker);
      if (!text) return std::unexpected(std::move(text.error()));
      fields[i] = std::move(*text);
    }
    const auto date = parse_time(fields[2]);
    if (!date) {
      return fail(ErrorKind::invalid, "the marker's logical_date is no date: '" + fields[2] + "'",
                  fmt::format("dag {}, run {}, task {}", run.dag_id, run.run_id, marker.task_id));
    }
    const auto runs = reader_.runs({.dag_id = fields[0], .limit = -1, .logical_date_from = date, .logical_date_to = date});
    if (!runs) return std::unexpected(runs.error());
    for (const DagRun& other : *runs) {
      if (!scheduler_.engine().find_dag(other.dag_id)) continue;  // there is nothing that could run again
      if (!seen_.emplace(other.dag_id, other.run_id, fields[1]).second) continue;
      engine::ClearTasks clear = found_[at_].clear;
      clear.dag_id = other.dag_id;
      clear.run_id = other.run_id;
      clear.selection.tasks = {{fields[1], std::nullopt}};
      clear.selection.upstream = false;
      clear.selection.downstream = true;
      found_.push_back({std::move(clear), depth});
    }
    return {};
  }

  Scheduler& scheduler_;
  store::Reader& reader_;
  OnFound on_found_;
  std::vector<Step> found_;
  std::size_t at_ = 0;
  std::int64_t most_ = 0;  // depth: the first marker's; 0: none was met
  std::set<std::tuple<std::string, std::string, std::string>> seen_;
};

}  // namespace

void find_all_to_clear(Scheduler& scheduler, store::Reader& reader, std::vector<engine::ClearTasks> first,
                       std::function<void(Result<std::vector<engine::ClearTasks>>)> on_found) {
  std::make_shared<Search>(scheduler, reader, std::move(first), std::move(on_found))->next();
}

}  // namespace venturi::server
