// What a program says of its DAGs: to the server as a DagFileParsingResult, to people as text.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "sdk/options.h"
#include "sdk/program.h"
#include "sdk/serialize.h"
#include "sdk/timetable.h"

namespace venturi::inline sdk::internal {
namespace {

std::string kind_of(const detail::TaskNode& task) {
  if (!task.task_type.empty()) return task.task_type;
  switch (task.kind) {
    case detail::TaskKind::branch:
      return "branch";
    case detail::TaskKind::short_circuit:
      return "short circuit";
    case detail::TaskKind::plain:
      break;
  }
  return "function";
}

std::string schedule_text(const Schedule& schedule) {
  if (schedule.kind() == Schedule::Kind::none) return "no schedule: runs are triggered";
  if (schedule.kind() == Schedule::Kind::text) return "schedule " + schedule.text();
  if (schedule.kind() == Schedule::Kind::timetable) return "schedule " + schedule.timetable().name();
  return "every " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(schedule.delta()).count()) + " s";
}

}  // namespace

std::vector<std::string> all_mistakes(const DagBag& dags) {
  std::vector<std::string> mistakes = dags.state().mistakes;
  for (const auto& dag : dags.state().dags) {
    for (const std::string& mistake : dag->mistakes) mistakes.push_back("dag " + dag->dag_id + ": " + mistake);
  }
  return mistakes;
}

Value describe(const DagBag& dags, const Value& request) {
  const SourceFile source{request.get_string("file"), request.get_string("bundle_path")};
  Array serialized;
  for (const auto& dag : dags.state().dags) {
    // Of two with the same id the first one stands; the second is a mistake of the file.
    const bool is_first = dags.state().find(dag->dag_id) == dag.get();
    if (!dag->mistakes.empty() || !is_first || !is_valid_id(dag->dag_id)) continue;
    serialized.emplace_back(Object{{"data", serialize_dag(*dag, source)}, {"last_loaded", nullptr}});
  }
  std::string errors;
  for (const std::string& mistake : all_mistakes(dags)) errors += (errors.empty() ? "" : "\n") + mistake;
  Object import_errors;
  if (!errors.empty()) import_errors.add(source.relative(), errors);
  return Object{{"type", "DagFileParsingResult"},
                {"fileloc", source.file},
                {"serialized_dags", std::move(serialized)},
                {"warnings", Array{}},
                {"import_errors", std::move(import_errors)}};
}

int tell_about(const DagBag& dags, const char* name) {
  const auto& all = dags.state().dags;
  std::string text = std::string(name) + ": a DAG program of Venturi (SDK " VENTURI_VERSION ") with " +
                     std::to_string(all.size()) + (all.size() == 1 ? " DAG\n" : " DAGs\n");
  for (const auto& dag : all) {
    text += "\n" + dag->dag_id + "  (" + schedule_text(dag->options.schedule) + ")\n";
    if (!dag->options.description.empty()) text += "  " + dag->options.description + "\n";
    for (const auto& task : dag->tasks) {
      text += "  " + task->task_id + "  (" + kind_of(*task) + ")";
      for (std::size_t i = 0; i < task->downstream.size(); ++i) text += (i == 0 ? " -> " : ", ") + task->downstream[i]->task_id;
      text += "\n";
    }
  }
  const std::vector<std::string> mistakes = all_mistakes(dags);
  if (all.empty()) text += "\nIt has none: write VENTURI_DAG(name) { ... } in its source.\n";
  if (!mistakes.empty()) text += "\nMistakes, to be corrected before it can be used:\n";
  for (const std::string& mistake : mistakes) text += "  " + mistake + "\n";
  text += "\nTo use it, copy it into the DAGs folder of a Venturi:  cp " + std::string(name) + " $VENTURI_HOME/dags/\n";
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
  return mistakes.empty() ? 0 : 1;
}

}  // namespace venturi::inline sdk::internal
