// The tasks directly above or below one. Tasks with the same list share it: where 10,000 tasks stand above 10,000 others, there
// are two lists, not 20,000.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

namespace venturi {

// Index of a task in Dag::tasks.
using TaskIndex = std::uint32_t;

// Reads like a vector; a copy shares what it holds until one of the two is added to.
class TaskList {
 public:
  using value_type = TaskIndex;
  using const_iterator = std::vector<TaskIndex>::const_iterator;
  using iterator = const_iterator;

  TaskList() = default;
  TaskList(std::initializer_list<TaskIndex> tasks) : TaskList(std::vector<TaskIndex>(tasks)) {}
  explicit TaskList(std::vector<TaskIndex> tasks) {
    if (!tasks.empty()) tasks_ = std::make_shared<std::vector<TaskIndex>>(std::move(tasks));
  }

  [[nodiscard]] const std::vector<TaskIndex>& tasks() const { return tasks_ ? *tasks_ : none(); }
  [[nodiscard]] const_iterator begin() const { return tasks().begin(); }
  [[nodiscard]] const_iterator end() const { return tasks().end(); }
  [[nodiscard]] std::size_t size() const { return tasks().size(); }
  [[nodiscard]] bool empty() const { return !tasks_; }
  TaskIndex operator[](std::size_t i) const { return tasks()[i]; }
  [[nodiscard]] TaskIndex front() const { return tasks().front(); }
  [[nodiscard]] bool is_shared_with(const TaskList& other) const { return tasks_ == other.tasks_; }

  void push_back(TaskIndex task) {
    if (!tasks_)
      tasks_ = std::make_shared<std::vector<TaskIndex>>();
    else if (tasks_.use_count() > 1)
      tasks_ = std::make_shared<std::vector<TaskIndex>>(*tasks_);
    tasks_->push_back(task);
  }

  friend bool operator==(const TaskList& a, const TaskList& b) { return a.is_shared_with(b) || a.tasks() == b.tasks(); }

 private:
  static const std::vector<TaskIndex>& none() {
    static const std::vector<TaskIndex> empty;
    return empty;
  }
  std::shared_ptr<std::vector<TaskIndex>> tasks_;  // null: empty
};

}  // namespace venturi
