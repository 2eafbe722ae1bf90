#include "pages/states.h"

#include <algorithm>
#include <map>

namespace venturi::pages {
namespace {

// From the one that decides what a whole group looks like down.
constexpr TaskState by_weight[] = {TaskState::failed,       TaskState::upstream_failed,
                                   TaskState::running,      TaskState::restarting,
                                   TaskState::up_for_retry, TaskState::up_for_reschedule,
                                   TaskState::deferred,     TaskState::awaiting_input,
                                   TaskState::queued,       TaskState::scheduled,
                                   TaskState::none,         TaskState::success,
                                   TaskState::skipped,      TaskState::removed};

}  // namespace

std::string_view sign_of(std::string_view state) {
  constexpr std::pair<std::string_view, std::string_view> signs[] = {
      {"success", "✓"},       {"failed", "×"},       {"running", "▸"},           {"upstream_failed", "!"},
      {"skipped", "–"},       {"up_for_retry", "↻"}, {"up_for_reschedule", "↻"}, {"queued", "…"},
      {"scheduled", "…"},     {"deferred", "∥"},     {"restarting", "↻"},        {"removed", "·"},
      {"awaiting_input", "?"}};
  const auto* found = std::ranges::find(signs, state, [](const auto& entry) { return entry.first; });
  return found == std::end(signs) ? " " : found->second;
}

namespace {
Html badge_of(std::string_view state) {
  return html("<span class=\"badge s-{}\">{}</span>", state, state);
}
}  // namespace

Html badge(TaskState state) {
  return badge_of(to_string(state));
}
Html badge(RunState state) {
  return badge_of(to_string(state));
}

Html cell(std::string_view state, std::string_view link, std::string_view title) {
  return html("<a class=\"cell s-{}\" href=\"{}\" title=\"{}\" aria-label=\"{}\">{}</a>", state, link, title, title,
              sign_of(state));
}

TaskState TaskSum::state() const {
  for (const TaskState state : by_weight) {
    if (std::ranges::find(states, state, [](const auto& entry) { return entry.first; }) != states.end()) return state;
  }
  return TaskState::none;
}

std::string TaskSum::text() const {
  if (instances == 1 && !states.empty()) return std::string(to_string(states.front().first));
  std::string out;
  for (const auto& [state, count] : states) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, to_string(state));
  return out;
}

std::vector<TaskSum> sum_tasks(const std::vector<store::TaskCount>& counts) {
  std::vector<TaskSum> sums;
  std::map<std::string_view, std::size_t> known;
  std::vector<bool> is_open;
  for (const store::TaskCount& count : counts) {
    const auto [at, is_new] = known.emplace(count.task_id, sums.size());
    if (is_new) {
      sums.push_back({.task_id = count.task_id, .states = {}, .start_date = {}, .end_date = {}});
      is_open.push_back(false);
    }
    TaskSum& sum = sums[at->second];
    sum.is_mapped |= count.is_mapped;
    sum.instances += count.count;
    sum.try_number = std::max(sum.try_number, count.try_number);
    sum.states.emplace_back(count.state, count.count);
    if (count.start_date && (!sum.start_date || *count.start_date < *sum.start_date)) sum.start_date = count.start_date;
    if (count.end_date && (!sum.end_date || *count.end_date > *sum.end_date)) sum.end_date = count.end_date;
    if (!is_finished(count.state)) is_open[at->second] = true;
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (is_open[i]) sums[i].end_date.reset();
  }
  return sums;
}

Html legend() {
  Html out = html("<ul class=\"legend\" aria-label=\"Key\">");
  for (const TaskState state :
       {TaskState::success, TaskState::failed, TaskState::upstream_failed, TaskState::running, TaskState::up_for_retry,
        TaskState::deferred, TaskState::queued, TaskState::skipped, TaskState::none}) {
    const std::string_view word = state == TaskState::none ? "not yet" : to_string(state);
    out.add("<li><span class=\"cell s-{}\" aria-hidden=\"true\">{}</span> {}</li>", to_string(state), sign_of(to_string(state)),
            word);
  }
  return out.add("</ul>");
}

}  // namespace venturi::pages
