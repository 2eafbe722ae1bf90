#include "sdk/task_inputs.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace venturi::inline sdk::internal {
namespace {

using detail::MappedSource;
using detail::TaskInput;
using detail::TaskNode;

bool is_mapped(const TaskNode& task) {
  return !axes_of(task).empty();
}

// A task of a mapped group need not.
bool takes_items(const TaskNode& task) {
  return std::any_of(task.inputs.begin(), task.inputs.end(), [](const TaskInput& input) { return input.axis >= 0; });
}

std::size_t size_of(const Value& list) {
  if (list.is_array()) return list.as_array().size();
  return list.is_object() ? list.as_object().size() : 0;
}

// Of an object the items are pairs of key and value, as in Airflow.
Value item_of(const Value& list, std::size_t item) {
  if (list.is_array()) return list.as_array()[item];
  const auto& [key, value] = *(list.as_object().begin() + static_cast<std::ptrdiff_t>(item));
  return Array{Value(key), value};
}

}  // namespace

InputRequests::InputRequests(const TaskNode& task, const detail::ContextData& data, bool of_venturi)
    : task_(task), axes_(axes_of(task)), data_(data) {
  for (const TaskInput& input : task.inputs)
    of_input_.push_back(input.from == nullptr ? 0 : ask(*input.from, input.key, false));
  if (!takes_items(task)) return;
  one_item_ = of_venturi && axes_.size() == 1 && data.map_index >= 0;
  for (const auto& axis : axes_) {
    auto& of_list = of_axis_.emplace_back();
    for (const MappedSource& source : axis)
      of_list.push_back(source.task == nullptr ? 0 : ask(*source.task, source.key, one_item_));
  }
}

std::size_t InputRequests::ask(const TaskNode& from, const std::string& key, bool one_item) {
  const auto [found, is_new] = asked_.emplace(std::pair(from.task_id, key + (one_item ? "/item" : "")), requests_.size());
  if (!is_new) return found->second;
  const bool is_one = !is_mapped(from) || are_mapped_together(from, task_);
  const char* type = is_one ? "GetXCom" : one_item ? "GetXComSequenceItem" : "GetXComSequenceSlice";
  Object request{{"type", type}, {"key", key}, {"dag_id", data_.dag_id}, {"run_id", data_.run_id}, {"task_id", from.task_id}};
  if (is_one) {
    request.add("map_index", is_mapped(from) ? data_.map_index : -1);
    request.add("include_prior_dates", false);
    if (one_item) request.add("item", data_.map_index);
  } else if (one_item) {
    request.add("offset", data_.map_index);
  } else {
    for (const char* bound : {"start", "stop", "step"}) request.add(bound, nullptr);
    request.add("include_prior_dates", false);
  }
  requests_.emplace_back(std::move(request));
  return found->second;
}

const Value& InputRequests::list(std::size_t axis, std::size_t list, const std::vector<Value>& answers) const {
  const MappedSource& source = axes_[axis][list];
  return source.task == nullptr ? source.constant : answers[of_axis_[axis][list]];
}

// The last axis goes fastest, as in Airflow.
std::vector<std::size_t> InputRequests::item_indexes(const std::vector<Value>& answers) const {
  std::vector<std::size_t> indexes(axes_.size());
  auto rest = static_cast<std::size_t>(std::max(data_.map_index, 0));
  for (std::size_t axis = axes_.size(); axis-- > 0;) {
    std::size_t shortest = std::numeric_limits<std::size_t>::max();
    for (std::size_t i = 0; i < axes_[axis].size(); ++i) shortest = std::min(shortest, size_of(list(axis, i, answers)));
    if (shortest == 0) throw std::runtime_error("a list that the task is mapped over is empty, or gone");
    indexes[axis] = rest % shortest;
    rest /= shortest;
  }
  if (rest > 0) {
    throw std::runtime_error(
        "the lists that the task is mapped over have fewer items than when it was mapped; there is none for map index " +
        std::to_string(data_.map_index));
  }
  return indexes;
}

std::vector<Value> InputRequests::values(const std::vector<Value>& answers) const {
  std::vector<std::size_t> indexes;
  if (!one_item_ && !of_axis_.empty()) indexes = item_indexes(answers);
  std::vector<Value> values;
  for (std::size_t i = 0; i < task_.inputs.size(); ++i) {
    const TaskInput& input = task_.inputs[i];
    if (input.axis < 0) {
      values.push_back(input.from == nullptr ? input.constant : answers[of_input_[i]]);
      continue;
    }
    const auto axis = static_cast<std::size_t>(input.axis), which = static_cast<std::size_t>(input.list);
    const Value& of_list = list(axis, which, answers);
    if (one_item_ && axes_[axis][which].task != nullptr)
      values.push_back(of_list);  // the item itself
    else
      values.push_back(item_of(of_list, one_item_ ? static_cast<std::size_t>(data_.map_index) : indexes[axis]));
  }
  return values;
}

}  // namespace venturi::inline sdk::internal
