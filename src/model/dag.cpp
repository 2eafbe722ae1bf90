#include "model/dag.h"

#include <algorithm>

namespace venturi {
namespace {

constexpr std::size_t longest_id = 250;

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

bool has_items(const Value& serialized, std::string_view key) {
  const Value* list = serialized.get(key);
  return list != nullptr && (!list->is_array() || !list->as_array().empty());
}

}  // namespace

bool Callbacks::wants(std::string_view event) const {
  if (notifiers.contains("on_" + std::string(event) + "_callback")) return true;
  if (event == "execute") return on_execute;
  if (event == "success") return on_success;
  if (event == "failure") return on_failure;
  if (event == "retry") return on_retry;
  if (event == "skipped") return on_skipped;
  return false;
}

bool Task::engine_ends_it() const {
  if (task_type != "EmptyOperator" && !serialized.get_bool("_is_empty")) return false;
  if (callbacks.wants("execute") || callbacks.wants("success")) return false;
  return !has_items(serialized, "outlets") && !has_items(serialized, "inlets");
}

bool may_be_template(std::string_view text) {
  for (std::size_t at = text.find('{'); at != std::string_view::npos && at + 1 < text.size(); at = text.find('{', at + 1)) {
    if (text[at + 1] == '{' || text[at + 1] == '%' || text[at + 1] == '#') return true;
  }
  return false;
}

std::optional<TaskIndex> Dag::find_task(std::string_view task_id) const {
  const auto id_of = [this](TaskIndex i) { return std::string_view(tasks[i].task_id); };
  const auto found = std::ranges::lower_bound(by_task_id, task_id, {}, id_of);
  if (found == by_task_id.end() || id_of(*found) != task_id) return std::nullopt;
  return *found;
}

bool is_valid_id(std::string_view id) {
  if (id == "." || id == "..") return false;  // folders are named after it
  return !id.empty() && id.size() <= longest_id && std::ranges::all_of(id, is_id_character);
}

}  // namespace venturi
