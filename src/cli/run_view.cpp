#include "cli/run_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/task_rows.h"

namespace venturi::cli {

void RunView::apply(const store::Batch& batch) {
  for (const TaskInstance& ti : batch.task_instances) tasks_[ti.no] = ti;
  for (const store::RenderedMapIndex& index : batch.rendered_map_indexes) names_[index.task_instance] = index.name;
  for (const Transition& t : batch.transitions) {
    if (is_passed_over(t.to)) causes_[t.task_instance] = t.cause;
  }
  // One that failed is tried again much later: not to be waited for.
  for (const OutboxEntry& entry : batch.outbox) {
    if (entry.attempts == 0)
      callbacks_.insert(entry.no);
    else
      callbacks_.erase(entry.no);
  }
  for (const std::int64_t no : batch.outbox_done) callbacks_.erase(no);
}

std::string RunView::transition_lines(const store::Batch& batch) const {
  std::size_t widest = 0;
  for (const auto& [no, ti] : tasks_) widest = std::max(widest, name_of(ti).size());
  const std::string date = format_time(std::chrono::floor<std::chrono::seconds>(batch.now));
  const auto millis =
      std::chrono::duration_cast<std::chrono::milliseconds>(batch.now - std::chrono::floor<std::chrono::seconds>(batch.now));
  const std::string time = fmt::format("{}.{:03}Z", date.substr(11, 8), millis.count());
  std::string out;
  for (const Transition& t : batch.transitions) {
    const auto ti = tasks_.find(t.task_instance);
    if (ti == tasks_.end()) continue;  // of the run itself
    std::string line = fmt::format("{}  {:<{}}  {:<17}  {:<6}  {}", time, name_of(ti->second), widest, to_string(t.to),
                                   t.try_number > 0 ? fmt::format("try {}", t.try_number) : "", t.cause);
    line.erase(line.find_last_not_of(' ') + 1);
    out += printable(line, false) + "\n";
  }
  return out;
}

Rows RunView::task_rows(Time now) const {
  Rows rows{{"task_id", "state", "try", "duration", "why"}, {}};
  std::vector<const TaskInstance*> in_order;  // of a mapped task the instances together
  for (const auto& [no, ti] : tasks_) in_order.push_back(&ti);
  std::ranges::sort(in_order, {},
                    [&](const TaskInstance* ti) { return std::pair(dag_->find_task(ti->task_id), ti->map_index); });
  for (const TaskInstance* shown : in_order) {
    const TaskInstance& ti = *shown;
    const auto end = ti.state == TaskState::running ? std::optional(now) : ti.end_date;
    const auto name = names_.find(ti.no);
    const auto cause = is_passed_over(ti.state) ? causes_.find(ti.no) : causes_.end();
    rows.rows.push_back({name == names_.end() ? name_of(ti) : ti.task_id + " [" + name->second + "]", to_string(ti.state),
                         ti.try_number > 0 ? Value(ti.try_number) : Value(), duration_text(ti.start_date, end),
                         cause == causes_.end() ? end_text(ti) : cause->second});
  }
  return rows;
}

}  // namespace venturi::cli
