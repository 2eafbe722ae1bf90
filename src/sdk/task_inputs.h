// What a task's function is called with: which XComs are asked for, and what of their values each parameter gets.
//
//   the output of a task             GetXCom
//   ... in the same mapped group     GetXCom with the same map_index
//   what a mapped task's instances gave   GetXComSequenceSlice: all of it
//   an item of a list, where the server says which ("items" of StartupDetails, Venturi's own)
//                                    GetXCom with "item", or with the map_index of a mapped task's instance
//   an item otherwise                the whole lists: their lengths say which item each instance has
//   a list                           all that it consists of
//   a LazyXComSequence               nothing: it asks itself (lazy_xcoms.cpp)
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sdk/context_data.h"
#include "sdk/dag_node.h"

namespace venturi::inline sdk::internal {

class InputRequests {
 public:
  // `items`: what the server said; null where it said nothing.
  InputRequests(const detail::TaskNode& task, const detail::ContextData& data, const Value& items);

  [[nodiscard]] const std::vector<Value>& requests() const { return requests_; }
  // `answers`: one for each request, null where there is no such XCom. Gives a value for each parameter; throws
  // std::runtime_error where a list that the task is mapped over is none any more, and what functions of map() throw.
  [[nodiscard]] std::vector<Value> values(const std::vector<Value>& answers) const;

 private:
  static constexpr std::int64_t no_item = -1;
  // An XCom or a constant of the lists that the task is mapped over.
  struct Source {
    const detail::ListNode* list;
    std::size_t request = 0;
    std::int64_t item = no_item;
  };
  class Items;

  // Of `item`, where it is one; else the whole.
  std::size_t ask(const detail::TaskNode& from, const std::string& key, std::int64_t item = no_item);
  void ask_for_items(const Value& items);
  void ask_for_whole(const detail::ListNode& list);
  [[nodiscard]] std::size_t first_source_of(const detail::TaskInput& input) const;
  [[nodiscard]] std::vector<Source> with_places(const std::vector<Value>& answers) const;
  [[nodiscard]] Value whole_list(const detail::ListNode& list, const std::vector<Value>& answers) const;
  [[nodiscard]] Value apply(const detail::ListNode& map, const Value& item) const;

  const detail::TaskNode& task_;
  const std::vector<detail::ListBase>& axes_;
  const detail::ContextData& data_;
  bool knows_items_ = false;
  std::vector<Value> requests_;
  std::map<std::tuple<std::string, std::string, std::int64_t>, std::size_t> asked_;  // task, key and item
  std::vector<std::size_t> of_input_;                                                // request of each input from a task
  std::vector<Source> sources_;                                                      // of all axes, in order
};

}  // namespace venturi::inline sdk::internal
