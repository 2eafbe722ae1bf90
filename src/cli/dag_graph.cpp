// `dags show` and `dags show-dependencies`.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "cli/graph_text.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "home/small_file.h"
#include "schedule/asset_condition.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"
#include "server/dag_source.h"

extern char** environ;

namespace venturi::cli {
namespace {

std::string extension_of(const std::string& file) {
  const std::string extension = std::filesystem::path(file).extension().string();
  return extension.empty() ? "" : extension.substr(1);
}

// Graphviz draws what is neither DOT nor Mermaid, as in Airflow; its input is a file, because a pipe's end may close early.
Result<void> draw(const std::string& dot, const std::string& file) {
  const std::string source = file + ".dot.part", target = file + ".part", option = "-T" + extension_of(file);
  if (auto written = write_private_file(std::filesystem::absolute(source), dot); !written) return written;
  std::array<const char*, 6> words{"dot", option.c_str(), "-o", target.c_str(), source.c_str(), nullptr};
  pid_t pid = 0;
  const int code = ::posix_spawnp(&pid, words[0], nullptr, nullptr, const_cast<char**>(words.data()), environ);
  int status = -1;
  if (code == 0) {
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  }
  std::error_code error;
  std::filesystem::remove(source, error);
  if (code == ENOENT) {
    return fail(ErrorKind::not_found, "Graphviz is not installed, which draws ." + extension_of(file) + " files", file,
                "install it (apt install graphviz), or save a .dot or .mmd file");
  }
  if (code != 0 || status != 0) {
    std::filesystem::remove(target, error);
    return fail(ErrorKind::invalid, "Graphviz could not draw the graph", file,
                "is ." + extension_of(file) + " one of its formats? see: dot -T?");
  }
  std::filesystem::rename(target, file, error);
  if (error) return fail(ErrorKind::unavailable, "the file cannot be put in its place: " + error.message(), file);
  return {};
}

Result<void> save(const Graph& graph, const std::string& file) {
  const std::string extension = extension_of(file);
  if (extension == "dot" || extension == "gv") return write_private_file(std::filesystem::absolute(file), graph_as_dot(graph));
  if (extension == "mmd" || extension == "mermaid")
    return write_private_file(std::filesystem::absolute(file), graph_as_mermaid(graph));
  return draw(graph_as_dot(graph), file);
}

Result<int> show_graph(const Arguments& arguments, const Graph& graph) {
  if (const auto file = arguments.maybe("save")) {
    if (auto saved = save(graph, *file); !saved) return std::unexpected(std::move(saved.error()));
    print("File " + *file + " saved\n");
    return exit_done;
  }
  const std::string form = arguments.has("output") ? arguments.text("output") : ::isatty(STDOUT_FILENO) == 1 ? "boxes" : "dot";
  print(form == "boxes" ? graph_as_boxes(graph) : form == "mermaid" ? graph_as_mermaid(graph) : graph_as_dot(graph));
  return exit_done;
}

Graph graph_of(const Dag& dag) {
  Graph graph{dag.dag_id, {}, {}};
  for (std::size_t i = 0; i < dag.tasks.size(); ++i) {
    graph.nodes.push_back({dag.tasks[i].task_id, Graph::Shape::task, dag.tasks[i].task_type});
    for (const TaskIndex downstream : dag.tasks[i].downstream) graph.edges.emplace_back(i, downstream);
  }
  return graph;
}

Array task_ids(const Dag& dag, const TaskList& indices) {
  std::vector<std::string> ids;
  for (const TaskIndex index : indices) ids.push_back(dag.tasks[index].task_id);
  std::ranges::sort(ids);
  Array list;
  for (std::string& id : ids) list.emplace_back(std::move(id));
  return list;
}

// ---- between DAGs --------------------------------------------------------------------------------------------------------

// Nodes by name, edges without repetition, and in the end what Graph wants: a topological order as far as there is one.
class Dependencies {
 public:
  std::size_t node(const std::string& id, Graph::Shape shape, const std::string& about) {
    const auto [found, is_new] = numbers_.emplace(id, nodes_.size());
    if (is_new) nodes_.push_back({id, shape, about});
    return found->second;
  }
  void edge(std::size_t from, std::size_t to) { edges_.emplace(from, to); }

  [[nodiscard]] Graph graph() const {
    std::vector<std::size_t> missing(nodes_.size(), 0), order;
    for (const auto& [from, to] : edges_) ++missing[to];
    std::vector<bool> taken(nodes_.size(), false);
    while (order.size() < nodes_.size()) {
      std::size_t next = nodes_.size();
      for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (taken[i]) continue;
        if (missing[i] == 0) {
          next = i;
          break;
        }
        if (next == nodes_.size()) next = i;  // of a circle: DAGs may trigger each other
      }
      taken[next] = true;
      order.push_back(next);
      for (auto it = edges_.lower_bound({next, 0}); it != edges_.end() && it->first == next; ++it) --missing[it->second];
    }
    std::vector<std::size_t> place(nodes_.size());
    Graph graph{"dependencies", {}, {}};
    for (std::size_t i = 0; i < order.size(); ++i) {
      place[order[i]] = i;
      graph.nodes.push_back(nodes_[order[i]]);
    }
    for (const auto& [from, to] : edges_) graph.edges.emplace_back(place[from], place[to]);
    return graph;
  }

 private:
  std::vector<Graph::Node> nodes_;
  std::map<std::string, std::size_t> numbers_;
  std::set<std::pair<std::size_t, std::size_t>> edges_;
};

Result<Graph> dependencies_of(const std::vector<std::shared_ptr<const Dag>>& dags) {
  auto zones = schedule::TimeZones::load();
  if (!zones) return std::unexpected(zones.error());
  Dependencies all;
  const auto dag_node = [&](const std::string& id) { return all.node(id, Graph::Shape::dag, "DAG"); };
  const auto asset_node = [&](const std::string& name, const char* what) { return all.node(name, Graph::Shape::asset, what); };
  for (const auto& dag : dags) {
    const std::size_t self = dag_node(dag->dag_id);
    for (const Task& task : dag->tasks) {
      for (const Outlet& outlet : task.outlets) all.edge(self, asset_node(outlet.key.name, "asset"));
      for (const OutletAlias& alias : task.outlet_aliases) all.edge(self, asset_node(alias.name, "asset alias"));
      if (task.task_type == "TriggerDagRunOperator") {
        const std::string other = task.serialized.get_string("trigger_dag_id");
        if (!other.empty() && !may_be_template(other)) all.edge(self, dag_node(other));
      } else if (task.task_type == "ExternalTaskSensor") {
        const std::string other = task.serialized.get_string("external_dag_id");
        if (!other.empty() && !may_be_template(other)) all.edge(dag_node(other), self);
      }
    }
    if (!server::check_schedule(*dag, *zones)) continue;  // an import error of its file tells why
    const auto timetable = schedule::make_timetable(dag->timetable, *zones);
    if (!timetable || (*timetable)->asset_condition() == nullptr) continue;
    (*timetable)->asset_condition()->each_leaf([&](const schedule::AssetCondition& leaf) {
      const bool is_alias = leaf.kind() == schedule::AssetCondition::Kind::alias;
      all.edge(asset_node(leaf.name().empty() ? leaf.uri() : leaf.name(), is_alias ? "asset alias" : "asset"), self);
    });
  }
  return all.graph();
}

}  // namespace

Result<int> dags_show(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  auto found = need_dag(metadata->reader(), arguments.text("dag_id"));
  if (!found) return std::unexpected(std::move(found.error()));
  const Dag& dag = **found;
  const std::string form = arguments.text("output");
  if (arguments.has("save") || form.empty() || form == "boxes" || form == "dot" || form == "mermaid")
    return show_graph(arguments, graph_of(dag));
  Rows rows{{"task_id", "task_type", "trigger_rule", "retries", "upstream", "downstream"}, {}};
  for (const Task& task : dag.tasks) {
    rows.rows.push_back({task.task_id, task.task_type, to_string(task.trigger_rule), task.retries, task_ids(dag, task.upstream),
                         task_ids(dag, task.downstream)});
  }
  print(format_rows(rows, output_format(form)));
  return exit_done;
}

Result<int> dags_show_dependencies(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  auto dags = metadata->reader().dags();
  if (!dags) return std::unexpected(std::move(dags.error()));
  std::ranges::sort(*dags, {}, [](const auto& dag) { return dag->dag_id; });
  const auto graph = dependencies_of(*dags);
  if (!graph) return std::unexpected(graph.error());
  return show_graph(arguments, *graph);
}

}  // namespace venturi::cli
