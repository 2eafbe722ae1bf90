// Tasks × runs: what ran when, and how it ended. Groups are indented, mapped tasks show how many of them there are.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/utf8.h"
#include "pages/dag_pages.h"
#include "pages/links.h"

namespace venturi::pages {
namespace {

void read_group(const Value& serialized, std::size_t at, std::vector<GroupTree>& groups, std::set<std::string>& seen) {
  const Value* children = serialized.get("children");
  if (children == nullptr || !children->is_object()) return;
  for (const auto& [id, child] : children->as_object()) {
    if (!child.is_array() || child.as_array().size() != 2 || !child.as_array()[0].is_string()) continue;
    if (child.as_array()[0].as_string() != "taskgroup") {
      groups[at].children.push_back({id, 0});
      seen.insert(id);
      continue;
    }
    const Value& inner = child.as_array()[1];
    const std::size_t group = groups.size();
    const std::string label = inner.get_string("group_display_name").empty() ? inner.get_string("_group_id", id)
                                                                             : inner.get_string("group_display_name");
    groups.push_back({.id = id, .label = label, .is_mapped = inner.get_bool("is_mapped"), .children = {}});
    groups[at].children.push_back({"", group});
    read_group(inner, group, groups, seen);
  }
}

struct Cells {
  const View& view;
  const Dag& dag;
  const std::vector<RunColumn>& runs;
  std::vector<std::map<std::string_view, const TaskSum*>> by_id = {};

  [[nodiscard]] Html of_task(const std::string& task_id, const std::string& name, int depth) const {
    const auto index = dag.find_task(task_id);
    Html out = html("<tr><th scope=\"row\" class=\"d{}\">{}</th>", std::min(depth, 6), shortened(name, 60));
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const auto found = by_id[i].find(task_id);
      if (found == by_id[i].end()) {
        out.add("<td></td>");
        continue;
      }
      const TaskSum& sum = *found->second;
      const std::string title = task_id + " in " + runs[i].run.run_id + ": " + sum.text() +
                                (sum.try_number > 1 ? ", try " + std::to_string(sum.try_number) : "");
      const std::string link = task_link(runs[i].run.dag_id, runs[i].run.run_id, task_id);
      if (sum.is_mapped || (index && dag.tasks[*index].is_mapped()))
        out.add("<td><a class=\"cell many s-{}\" href=\"{}\" title=\"{}\" aria-label=\"{}\">{}</a></td>",
                to_string(sum.state()), link, title, title, sum.instances);
      else
        out.add("<td>{}</td>", cell(to_string(sum.state()), link, title));
    }
    return out.add("</tr>\n");
  }

  void of_group(const std::vector<GroupTree>& groups, std::size_t at, int depth, Html& out) const {
    for (const GroupTree::Child& child : groups[at].children) {
      if (!child.task_id.empty()) {
        out.add(of_task(child.task_id, name_in_group(child.task_id, groups[at].id), depth));
        continue;
      }
      const GroupTree& group = groups[child.group];
      out.add("<tr class=\"group\"><th scope=\"row\" class=\"d{}\">{}{}</th><td colspan=\"{}\"></td></tr>\n",
              std::min(depth, 6), group.label, group.is_mapped ? " [mapped]" : "", runs.size());
      of_group(groups, child.group, depth + 1, out);
    }
  }
};

}  // namespace

std::vector<GroupTree> groups_of(const Dag& dag) {
  std::vector<GroupTree> groups(1);
  std::set<std::string> seen;
  if (const Value* root = dag.serialized.get_value("dag").is_object() ? dag.serialized.at("dag").get("task_group") : nullptr;
      root != nullptr)
    read_group(*root, 0, groups, seen);
  for (const Task& task : dag.tasks) {
    if (!seen.contains(task.task_id)) groups[0].children.push_back({task.task_id, 0});
  }
  // In topological order, as the tasks stand: a group where its first task does.
  std::vector<std::size_t> first(groups.size(), dag.tasks.size());
  const auto place_of = [&](const GroupTree::Child& child) {
    if (child.task_id.empty()) return first[child.group];
    const auto index = dag.find_task(child.task_id);
    return index ? static_cast<std::size_t>(*index) : dag.tasks.size();
  };
  for (std::size_t g = groups.size(); g-- > 0;) {
    for (const auto& child : groups[g].children) first[g] = std::min(first[g], place_of(child));
    std::ranges::sort(groups[g].children, {}, [&](const auto& child) { return std::pair(place_of(child), child.group); });
  }
  return groups;
}

Html grid(const View& view, const Dag& dag, const std::vector<RunColumn>& runs) {
  Cells cells{view, dag, runs};
  for (const RunColumn& column : runs) {
    auto& by_id = cells.by_id.emplace_back();
    for (const TaskSum& sum : column.tasks) by_id.emplace(sum.task_id, &sum);
  }
  Html out;
  out.reserve(dag.tasks.size() * (runs.size() + 1) * 256);
  out.add(
      "<div class=\"grid\" tabindex=\"0\" role=\"region\" aria-label=\"Tasks and runs\"><table><caption class=\"unseen\">Tasks "
      "by run, the newest run on the right"
      "</caption><thead><tr><th scope=\"col\">Run</th>");
  for (const RunColumn& column : runs) {
    const std::string title = run_title(view, column.run);
    out.add("<th scope=\"col\">{}</th>",
            cell(to_string(column.run.state), run_link(column.run.dag_id, column.run.run_id), title));
  }
  out.add("</tr></thead><tbody>\n");
  cells.of_group(groups_of(dag), 0, 0, out);
  return out.add("</tbody></table></div>\n");
}

}  // namespace venturi::pages
