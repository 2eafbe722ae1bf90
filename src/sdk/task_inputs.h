// What a task's function is called with: which XComs are asked for, and what of their values each parameter gets.
//
//   the output of a task             GetXCom
//   ... in the same mapped group     GetXCom with the same map_index
//   what a mapped task's instances gave   GetXComSequenceSlice: all of it
//   an item of one list              GetXCom with "item" (Venturi's own), or GetXComSequenceItem of a mapped task's instances
//   an item where there are several  the whole lists: their lengths say which item each instance has
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sdk/context_data.h"
#include "sdk/dag_node.h"

namespace venturi::inline sdk::internal {

class InputRequests {
 public:
  // `of_venturi`: the server knows "item".
  InputRequests(const detail::TaskNode& task, const detail::ContextData& data, bool of_venturi);

  [[nodiscard]] const std::vector<Value>& requests() const { return requests_; }
  // `answers`: one for each request, null where there is no such XCom. Gives a value for each parameter; throws
  // std::runtime_error where a list that the task is mapped over is none any more.
  [[nodiscard]] std::vector<Value> values(const std::vector<Value>& answers) const;

 private:
  std::size_t ask(const detail::TaskNode& from, const std::string& key, bool one_item);
  [[nodiscard]] std::vector<std::size_t> item_indexes(const std::vector<Value>& answers) const;
  [[nodiscard]] const Value& list(std::size_t axis, std::size_t list, const std::vector<Value>& answers) const;

  const detail::TaskNode& task_;
  const std::vector<std::vector<detail::MappedSource>>& axes_;
  const detail::ContextData& data_;
  bool one_item_ = false;  // of each list only this instance's is asked for
  std::vector<Value> requests_;
  std::map<std::pair<std::string, std::string>, std::size_t> asked_;  // task and key
  std::vector<std::size_t> of_input_;                                 // request of each input from a task
  std::vector<std::vector<std::size_t>> of_axis_;                     // request of each list from a task
};

}  // namespace venturi::inline sdk::internal
