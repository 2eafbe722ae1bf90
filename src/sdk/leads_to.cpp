#include "sdk/leads_to.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "sdk/encode.h"

namespace venturi::inline sdk::internal {
namespace {

using detail::TaskNode;

std::unordered_set<const TaskNode*> all_below(const TaskNode& task) {
  std::unordered_set<const TaskNode*> found;
  std::vector<const TaskNode*> waiting{&task};
  while (!waiting.empty()) {
    const TaskNode* next = waiting.back();
    waiting.pop_back();
    for (const TaskNode* below : next->downstream) {
      if (found.insert(below).second) waiting.push_back(below);
    }
  }
  return found;
}

}  // namespace

Value leads_to(const TaskNode& branch) {
  Object all;
  for (const TaskNode* first : branch.downstream) {
    const auto below = all_below(*first);
    std::vector<std::string_view> ids;
    for (const TaskNode* other : branch.downstream) {
      if (other != first && below.contains(other)) ids.push_back(other->task_id);
    }
    std::sort(ids.begin(), ids.end());
    if (!ids.empty()) all.add(first->task_id, Array(ids.begin(), ids.end()));
  }
  return typed("dict", std::move(all));
}

}  // namespace venturi::inline sdk::internal
