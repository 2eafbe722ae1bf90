// A DAG as a drawing: tasks as boxes with the colour of their state, groups as boxes around them, edges with their labels.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/utf8.h"
#include "pages/dag_pages.h"
#include "pages/graph_layout.h"
#include "pages/links.h"

namespace venturi::pages {
namespace {

constexpr std::size_t most_tasks = 300, most_edges = 2'000;  // more are a tangle for people, and work for browsers
constexpr double letter = 7.4, task_height = 34, narrowest = 84, margin = 8;
constexpr std::size_t longest_name = 30;

std::string path_of(const std::vector<Point>& points) {
  std::string path = fmt::format("M{:.1f},{:.1f}", points.front().x, points.front().y);
  for (std::size_t i = 1; i < points.size(); ++i) {
    const Point &a = points[i - 1], &b = points[i];
    const double bend = std::max(12.0, (b.x - a.x) / 2);
    path += fmt::format("C{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f}", a.x + bend, a.y, b.x - bend, b.y, b.x, b.y);
  }
  return path;
}

Html drawn_task(const Dag& dag, const Task& task, const std::string& name, const Box& box, const std::string& run_id,
                const TaskSum* sum) {
  const std::string_view state = sum == nullptr ? "none" : to_string(sum->state());
  std::string title = task.task_id + " (" + task.task_type + ")";
  if (sum != nullptr) title += ": " + sum->text();
  Html inner = html(
      "<g class=\"node s-{}\"><title>{}</title><rect class=\"box\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
      "height=\"{:.1f}\" rx=\"6\"/>",
      state, title, box.x, box.y, box.width, box.height);
  if (!run_id.empty())
    inner.add("<path class=\"stripe\" d=\"M{0:.1f},{1:.1f}h-1a5,5 0 0 0 -5,5v{2:.1f}a5,5 0 0 0 5,5h1z\"/>", box.x + 7,
              box.y + 1, box.height - 12);
  inner.add("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", box.x + (run_id.empty() ? 12 : 15), box.middle() + 4.5,
            shortened(name, longest_name));
  if (!run_id.empty() && sum != nullptr)
    inner.add("<text class=\"sign\" text-anchor=\"end\" x=\"{:.1f}\" y=\"{:.1f}\">{}{}</text>", box.right() - 9,
              box.middle() + 4.5, sum->is_mapped ? fmt::format("{} ", sum->instances) : "", sign_of(state));
  inner.add("</g>");
  if (run_id.empty()) return inner;
  return html("<a href=\"{}\">{}</a>", task_link(dag.dag_id, run_id, task.task_id), inner);
}

std::string label_of(const Dag& dag, const Task& from, const Task& to) {
  const Value* edges = dag.serialized.get("dag") == nullptr ? nullptr : dag.serialized.get("dag")->get("edge_info");
  const Value* below = edges == nullptr ? nullptr : edges->get(from.task_id);
  const Value* edge = below == nullptr ? nullptr : below->get(to.task_id);
  return edge == nullptr ? std::string() : edge->get_string("label");
}

}  // namespace

std::string name_in_group(const std::string& task_id, const std::string& group_id) {
  const bool has_prefix = !group_id.empty() && task_id.starts_with(group_id + ".");
  return has_prefix ? task_id.substr(group_id.size() + 1) : task_id;
}

Html graph(const Dag& dag, const std::string& run_id, const std::map<std::string, TaskSum>& tasks) {
  std::size_t edges = 0;
  for (const Task& task : dag.tasks) edges += task.downstream.size();
  if (dag.tasks.size() > most_tasks || edges > most_edges)
    return html("<p class=\"soft\">{} tasks with {} edges are too many for a drawing.</p>\n", dag.tasks.size(), edges);
  const auto groups = groups_of(dag);
  GraphInput input;
  input.parents.assign(groups.size(), 0);
  std::map<std::string, std::size_t> group_of;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (const GroupTree::Child& child : groups[g].children) {
      if (child.task_id.empty())
        input.parents[child.group] = g;
      else
        group_of[child.task_id] = g;
    }
  }
  std::vector<std::string> names;
  for (const Task& task : dag.tasks) {
    const std::size_t g = group_of[task.task_id];
    names.push_back(name_in_group(task.task_id, groups[g].id));
    const double room = run_id.empty() ? 24 : 50;
    const double width = letter * static_cast<double>(count_characters(shortened(names.back(), longest_name))) + room +
                         (task.is_mapped() ? 24 : 0);
    input.nodes.push_back({std::max(narrowest, width), task_height, g});
  }
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < dag.tasks.size(); ++i) {
    for (const TaskIndex below : dag.tasks[i].downstream) {
      input.edges.push_back({i, below});
      labels.push_back(label_of(dag, dag.tasks[i], dag.tasks[below]));
    }
  }
  const GraphLayout layout = lay_out(input);
  const double width = layout.groups[0].width + 2 * margin, height = layout.groups[0].height + 2 * margin;
  Html out = html(
      "<div class=\"graph\" tabindex=\"0\" role=\"region\" aria-label=\"Graph of {}\"><svg width=\"{:.0f}\" height=\"{:.0f}\" "
      "viewBox=\"{:.0f} {:.0f} {:.0f} {:.0f}\" role=\"group\" aria-label=\"{} tasks\">\n",
      dag.dag_id, width, height, -margin, -margin, width, height, dag.tasks.size());
  for (std::size_t g = 1; g < groups.size(); ++g) {
    const Box& box = layout.groups[g];
    out.add(
        "<g class=\"group\"><rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"8\"/><text x=\"{:.1f}\" "
        "y=\"{:.1f}\">{}{}</text></g>\n",
        box.x, box.y, box.width, box.height, box.x + 10, box.y + 16, shortened(groups[g].label, longest_name),
        groups[g].is_mapped ? " [mapped]" : "");
  }
  for (std::size_t e = 0; e < layout.edges.size(); ++e) {
    const auto& points = layout.edges[e];
    out.add("<path class=\"edge\" d=\"{}\"/>", path_of(points));
    const Point& end = points.back();
    out.add("<path class=\"tip\" d=\"M{0:.1f},{1:.1f}l-7,-4v8z\"/>", end.x, end.y);
    if (labels[e].empty()) continue;
    const Point &a = points[points.size() / 2 - 1], &b = points[points.size() / 2];
    out.add("<text class=\"label\" text-anchor=\"middle\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", (a.x + b.x) / 2,
            (a.y + b.y) / 2 - 5, shortened(labels[e], longest_name));
  }
  for (std::size_t i = 0; i < dag.tasks.size(); ++i) {
    const auto found = tasks.find(dag.tasks[i].task_id);
    out.add(drawn_task(dag, dag.tasks[i], names[i], layout.nodes[i], run_id, found == tasks.end() ? nullptr : &found->second))
        .add("\n");
  }
  return out.add("</svg></div>\n");
}

}  // namespace venturi::pages
