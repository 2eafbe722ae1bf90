// What tasks ask about other DAGs, and the run that TriggerDagRunOperator asks for.
//
//   GetDRCount, GetTICount, GetTaskStates   counted and listed as Airflow's Task Execution API does. Without logical_dates and
//                                           run_ids all runs of the DAG count
//   GetDag                                  with `with_tasks` (Venturi's own) also task_ids and task_group_ids
//   GetPreviousDagRun                       the last one before a logical date, by that date
//   GetLatestOnlyWindow                     Venturi's own: of the try's run, for LatestOnlyOperator (Airflow has its
//                                           timetable in the worker): {run_type, left, right}; right is null where no run
//                                           follows
//   TriggerDagRun                           a write: its run and the XCom trigger_run_id are one transaction. The XCom is how a
//                                           repetition (server or worker ended in between) is told from a run that was there.
//                                           `note` becomes the run's. With `reset_dag_run` one that was there is cleared
#include <algorithm>
#include <utility>

#include "schedule/time_zone.h"
#include "schedule/timetable.h"
#include "server/change_run.h"
#include "server/execute_task.h"
#include "server/task_host.h"
#include "server/time_value.h"
#include "server/trigger_run.h"

namespace venturi::server {
namespace {

constexpr std::string_view trigger_run_id = "trigger_run_id";

// Nothing where the message has no such list, or an empty one: everything fits then.
std::optional<std::vector<std::string>> list_of(const Value& body, std::string_view key) {
  const Value* list = body.get(key);
  if (list == nullptr || list->is_null() || list->as_array().empty()) return std::nullopt;
  std::vector<std::string> texts;
  for (const Value& item : list->as_array()) texts.push_back(item.is_null() ? "null" : item.as_string());
  return texts;
}

bool fits(const std::optional<std::vector<std::string>>& list, std::string_view word) {
  return !list || std::ranges::find(*list, word) != list->end();
}

Time date_of(const std::string& text) {
  const auto date = parse_time(text);
  if (!date) throw ValueError("logical_dates has '" + text + "', which is no date");
  return *date;
}

// Each run once.
Result<std::vector<DagRun>> runs_for(store::Reader& reader, const Value& body) {
  const std::string dag_id = body.at("dag_id").as_string();
  const auto dates = list_of(body, "logical_dates"), ids = list_of(body, "run_ids");
  std::vector<DagRun> found;
  if (ids && !dates) {
    for (const std::string& run_id : *ids) {
      auto run = reader.run(dag_id, run_id);
      if (!run) return std::unexpected(std::move(run.error()));
      if (*run) found.push_back(std::move(**run));
    }
  } else if (dates) {
    for (const std::string& text : *dates) {
      const Time date = date_of(text);
      auto runs = reader.runs({.dag_id = dag_id, .limit = -1, .logical_date_from = date, .logical_date_to = date});
      if (!runs) return std::unexpected(std::move(runs.error()));
      std::ranges::move(*runs, std::back_inserter(found));
    }
  } else {
    auto runs = reader.runs({.dag_id = dag_id, .limit = -1});
    if (!runs) return runs;
    found = std::move(*runs);
  }
  std::erase_if(found, [&](const DagRun& run) { return !fits(ids, run.run_id); });
  std::ranges::sort(found, {}, &DagRun::no);
  const auto doubles = std::ranges::unique(found, {}, &DagRun::no);
  found.erase(doubles.begin(), doubles.end());
  return found;
}

// The serialized tree of groups: "children" has ["operator", task_id] and ["taskgroup", {...}] by id.
const Value* find_group(const Value& group, std::string_view group_id) {
  const Value* children = group.get("children");
  if (children == nullptr || !children->is_object()) return nullptr;
  for (const auto& [id, child] : children->as_object()) {
    const Array& pair = child.as_array();
    if (pair.at(0).as_string() != "taskgroup") continue;
    if (id == group_id) return &pair.at(1);
    if (const Value* found = find_group(pair.at(1), group_id)) return found;
  }
  return nullptr;
}

void collect(const Value& group, std::vector<std::string>& tasks, std::vector<std::string>& groups) {
  const Value* children = group.get("children");
  if (children == nullptr || !children->is_object()) return;
  for (const auto& [id, child] : children->as_object()) {
    const Array& pair = child.as_array();
    if (pair.at(0).as_string() == "operator") {
      tasks.push_back(pair.at(1).as_string());
      continue;
    }
    groups.push_back(id);
    collect(pair.at(1), tasks, groups);
  }
}

const Value* root_group(const Dag& dag) {
  const Value* dag_part = dag.serialized.get("dag");
  return dag_part == nullptr ? nullptr : dag_part->get("task_group");
}

Array values_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

}  // namespace

std::optional<Reply> TaskHost::question_about_runs(const std::string& type, const Value& body) {
  try {
    if (type == "GetDRCount") return get_run_count(body);
    if (type == "GetTICount") return get_task_count(body);
    if (type == "GetTaskStates") return get_task_states(body);
    if (type == "GetDag") return get_dag(body);
    if (type == "GetPreviousDagRun") return get_previous_run(body);
  } catch (const ValueError& e) {
    return refusal("API_SERVER_ERROR", std::string("the question cannot be answered: ") + e.what());
  }
  return std::nullopt;
}

Reply TaskHost::get_run_count(const Value& body) {
  const auto runs = runs_for(reader_, body);
  if (!runs) return of_error(runs.error());
  const auto states = list_of(body, "states");
  const auto count = std::ranges::count_if(*runs, [&](const DagRun& run) { return fits(states, to_string(run.state)); });
  return {Object{{"type", "DRCount"}, {"count", count}}, {}};
}

// Calls for each task instance that the message means. Fails where it names a group that the DAG does not have.
std::optional<Reply> TaskHost::each_task_instance(const Value& body,
                                                  const std::function<void(const DagRun&, const TaskInstance&)>& call) {
  auto task_ids = list_of(body, "task_ids");
  const std::string group_id = body.get_string("task_group_id"), dag_id = body.at("dag_id").as_string();
  if (!group_id.empty()) {
    const auto dag = scheduler_.engine().find_dag(dag_id);
    const Value* root = dag == nullptr ? nullptr : root_group(*dag);
    const Value* group = root == nullptr ? nullptr : find_group(*root, group_id);
    if (group == nullptr) return refusal("API_SERVER_ERROR", "Task group " + group_id + " not found in DAG " + dag_id);
    std::vector<std::string> tasks, groups;
    collect(*group, tasks, groups);
    if (task_ids) std::ranges::move(*task_ids, std::back_inserter(tasks));
    task_ids = std::move(tasks);
  }
  const auto runs = runs_for(reader_, body);
  if (!runs) return of_error(runs.error());
  const Value* map_index = body.get("map_index");
  for (const DagRun& run : *runs) {
    const auto rows = reader_.task_instances(run.no);
    if (!rows) return of_error(rows.error());
    for (const TaskInstance& ti : *rows) {
      if (!fits(task_ids, ti.task_id)) continue;
      if (map_index != nullptr && !map_index->is_null() && map_index->as_int() != ti.map_index) continue;
      call(run, ti);
    }
  }
  return std::nullopt;
}

Reply TaskHost::get_task_count(const Value& body) {
  const auto states = list_of(body, "states");
  std::int64_t count = 0;
  auto refused = each_task_instance(body, [&](const DagRun&, const TaskInstance& ti) {
    if (fits(states, ti.state == TaskState::none ? "null" : to_string(ti.state))) ++count;
  });
  if (refused) return *std::move(refused);
  return {Object{{"type", "TICount"}, {"count", count}}, {}};
}

// {run_id: {task_id: state}}; instances of a mapped task are "task_id_0", "task_id_1", ...
Reply TaskHost::get_task_states(const Value& body) {
  Object states;
  auto refused = each_task_instance(body, [&](const DagRun& run, const TaskInstance& ti) {
    if (!states.contains(run.run_id)) states.set(run.run_id, Object{});
    const std::string name = ti.map_index < 0 ? ti.task_id : ti.task_id + "_" + std::to_string(ti.map_index);
    states.find(run.run_id)
        ->as_object()
        .set(name, ti.state == TaskState::none ? Value() : Value(std::string(to_string(ti.state))));
  });
  if (refused) return *std::move(refused);
  return {Object{{"type", "TaskStatesResult"}, {"task_states", std::move(states)}}, {}};
}

Reply TaskHost::get_dag(const Value& body) {
  const std::string dag_id = body.at("dag_id").as_string();
  const auto dag = scheduler_.engine().find_dag(dag_id);
  if (!dag) return refusal("API_SERVER_ERROR", "The Dag with dag_id: `" + dag_id + "` was not found");
  const auto all = reader_.dag_states();
  if (!all) return of_error(all.error());
  const auto state = std::ranges::find(*all, dag_id, &DagState::dag_id);
  const bool known = state != all->end();
  Object result{{"type", "DagResult"},
                {"dag_id", dag_id},
                {"is_paused", known && state->is_paused},
                {"bundle_name", dag->bundle},
                {"bundle_version", nullptr},
                {"relative_fileloc", dag->relative_fileloc},
                {"owners", dag->owner},
                {"tags", values_of(dag->tags)},
                {"next_dagrun", known ? time_value(state->next_logical_date) : Value()}};
  if (body.get_bool("with_tasks")) {
    std::vector<std::string> tasks, groups;
    for (const Task& task : dag->tasks) tasks.push_back(task.task_id);
    std::vector<std::string> in_groups;
    if (const Value* root = root_group(*dag)) collect(*root, in_groups, groups);
    result.add("task_ids", values_of(tasks));
    result.add("task_group_ids", values_of(groups));
  }
  return {std::move(result), {}};
}

Reply TaskHost::get_previous_run(const Value& body) {
  store::RunFilter filter{.dag_id = body.at("dag_id").as_string(), .limit = -1};
  filter.logical_date_to = date_of(body.at("logical_date").as_string()) - Duration(1);
  if (const std::string state = body.get_string("state"); !state.empty()) {
    filter.state = parse_run_state(state);
    if (!filter.state) return refusal("API_SERVER_ERROR", "a run cannot be in state '" + state + "'");
  }
  const auto runs = reader_.runs(filter);
  if (!runs) return of_error(runs.error());
  const auto last = std::ranges::max_element(*runs, {}, &DagRun::logical_date);
  return {Object{{"type", "PreviousDagRunResult"}, {"dag_run", last == runs->end() ? Value() : dag_run_value(*last)}}, {}};
}

// The window (left, right] in which a run of this interval is the latest: from the end of the interval before to the end of the
// next one.
void TaskHost::get_latest_only_window(LaunchToken token, const OnReply& reply) {
  const auto launch = scheduler_.engine().launch_of(token);
  if (!launch) return reply(refusal("API_SERVER_ERROR", "the try is over"));
  const DagRun& run = launch->run;
  static const schedule::TimeZones utc = schedule::TimeZones::utc_only();
  auto timetable = schedule::make_timetable(launch->dag->timetable, options_.zones == nullptr ? utc : *options_.zones);
  if (!timetable) return reply(of_error(timetable.error()));
  const Time date = run.logical_date.value_or(run.run_after);
  const schedule::DataInterval interval{run.data_interval_start.value_or(date), run.data_interval_end.value_or(date)};
  const Time now = scheduler_.now();
  struct Window {
    std::string run_type;
    std::optional<schedule::RunInfo> before, next;
    int open = 2;  // questions
    std::optional<Error> trouble = {};
  };
  const auto window =
      std::make_shared<Window>(Window{.run_type = std::string(to_string(run.run_type)), .before = {}, .next = {}});
  const auto done = [window, reply, interval] {
    if (window->trouble) return reply(of_error(*window->trouble));
    const auto& [run_type, before, next, open, trouble] = *window;
    reply({Object{{"type", "LatestOnlyWindow"},
                  {"run_type", run_type},
                  {"left", format_time(before ? before->interval.end : interval.start)},
                  {"right", next ? Value(format_time(next->interval.end)) : Value()}},
           {}});
  };
  const schedule::Restriction until_it{std::nullopt, interval.end - Duration(1), true},
      behind_it{interval.end, std::nullopt, true};
  if (!(*timetable)->is_user_defined()) {
    window->before = (*timetable)->next(interval, until_it, now);
    window->next = (*timetable)->next(interval, behind_it, now);
    return done();
  }
  for (const bool is_next : {false, true}) {
    options_.ask_timetable(launch->dag,
                           {.now = now, .last = interval, .restriction = is_next ? behind_it : until_it, .most = 1},
                           [window, done, is_next](Result<schedule::TimetableAnswer> told) {
                             if (!told)
                               window->trouble = std::move(told.error());
                             else if (!told->runs.empty())
                               (is_next ? window->next : window->before) = told->runs.front();
                             if (--window->open == 0) done();
                           });
  }
}

// ---- TriggerDagRun -------------------------------------------------------------------------------------------------------

void TaskHost::trigger_dag_run(LaunchToken token, const Value& body, const OnReply& reply) {
  const auto launch = scheduler_.engine().launch_of(token);
  engine::TriggerRun event;
  event.dag_id = body.at("dag_id").as_string();
  event.run_id = body.at("run_id").as_string();
  event.run_type = RunType::operator_triggered;
  event.user = launch->run.triggered_by;  // as in Airflow: who began the chain
  event.conf = body.get_value("conf");
  const std::string date = body.get_string("logical_date"), dag_id = event.dag_id, run_id = *event.run_id;
  event.logical_date_is_null = date.empty();
  if (const Value* key = body.get("partition_key"); key != nullptr && key->is_string()) event.partition_key = key->as_string();
  event.logical_date = parse_time(date);
  if (!date.empty() && !event.logical_date)
    return reply(refusal("API_SERVER_ERROR", "the logical date '" + date + "' is no date"));
  const std::string run_after = body.get_string("run_after");
  event.run_after = parse_time(run_after);
  if (!run_after.empty() && !event.run_after)
    return reply(refusal("API_SERVER_ERROR", "run_after '" + run_after + "' is no date"));
  if (!scheduler_.engine().find_dag(dag_id))
    return reply(refusal("API_SERVER_ERROR", "Dag with dag_id: '" + dag_id + "' not found (see: venturi dags list)"));

  const auto done = [reply] { reply({Object{{"type", "OKResponse"}, {"ok", true}}, {}}); };
  const auto asked = triggered_.find(token);
  if (asked != triggered_.end() && asked->second == run_id) return scheduler_.when_durable(done);
  store::XComKey mark{launch->run.dag_id, launch->run.run_id, launch->ti.task_id, launch->ti.map_index,
                      std::string(trigger_run_id)};
  const std::string marked_by = to_json(Value(run_id));
  const auto marked = reader_.xcom(mark);
  if (!marked) return reply(of_error(marked.error()));
  const std::string note = body.get_string("note");
  if (*marked == marked_by) {
    const auto made = reader_.run(dag_id, run_id);
    if (!made) return reply(of_error(made.error()));
    if (*made && !note.empty()) scheduler_.writes().notes.push_back({(*made)->no, 0, note});
    return scheduler_.when_durable(done);
  }

  if (body.get_bool("reset_dag_run")) {
    // One that is there begins anew, as it was asked for then.
    if (scheduler_.is_in_flight(dag_id, run_id))
      return scheduler_.after_batch([this, token, body, reply] { message(token, body, reply); });
    const auto stored = reader_.run(dag_id, run_id);
    if (!stored) return reply(of_error(stored.error()));
    if (*stored || scheduler_.engine().is_active(dag_id, run_id)) {
      engine::ClearTasks clear;
      clear.dag_id = dag_id;
      clear.run_id = run_id;
      clear.user = event.user;
      clear.wants_rows = false;
      // With the clear where the run is small. Of a large one it is known later that it is cleared: a crash just between the
      // two has it cleared twice.
      const auto is_marked = std::make_shared<bool>(false);
      const auto remember = [this, token, mark, marked_by, run_id, is_marked] {
        if (std::exchange(*is_marked, true)) return;
        scheduler_.writes().xcoms.push_back({mark, marked_by, 0, std::nullopt});
        triggered_[token] = run_id;
      };
      const bool begins_now = !scheduler_.engine().change_trouble(dag_id, run_id);  // and nothing else is done with it
      change_run(scheduler_, reader_, std::move(clear), [this, reply, done, remember](const Result<engine::Answer>& cleared) {
        if (!cleared) return reply(of_error(cleared.error()));
        remember();
        scheduler_.when_durable(done);
      });
      if (begins_now && scheduler_.engine().is_active(dag_id, run_id)) remember();
      return;
    }
  }
  const bool was_there = scheduler_.engine().has_run(dag_id, run_id);
  const auto remember = [this, token, mark, marked_by, run_id] {
    scheduler_.writes().xcoms.push_back({mark, marked_by, 0, std::nullopt});
    triggered_[token] = run_id;
  };
  trigger_run(scheduler_, reader_, std::move(event),
              [this, token, reply, done, run_id, note, remember](const Result<DagRun>& run) {
                if (run) {
                  const auto known = triggered_.find(token);
                  const bool is_marked = known != triggered_.end() && known->second == run_id;
                  if (is_marked && note.empty()) return done();
                  if (!is_marked) remember();  // the timetable was asked for its data interval first
                  // The note follows, before there is an answer: a repetition writes it again.
                  if (!note.empty()) scheduler_.writes().notes.push_back({run->no, 0, note});
                  return scheduler_.when_durable(done);
                }
                if (run.error().kind != ErrorKind::conflict) return reply(of_error(run.error()));
                reply(not_found("DAGRUN_ALREADY_EXISTS", {{"message", run.error().text()}, {"run_id", run_id}}));
              });
  // The engine has made it: both are in the open batch.
  if (!was_there && scheduler_.engine().has_run(dag_id, run_id)) remember();
}

}  // namespace venturi::server
