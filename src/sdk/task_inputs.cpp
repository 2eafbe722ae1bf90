#include "sdk/task_inputs.h"

#include <algorithm>
#include <stdexcept>

namespace venturi::inline sdk::internal {
namespace {

using detail::ListBase;
using detail::ListNode;
using detail::TaskInput;
using detail::TaskNode;

bool is_mapped(const TaskNode& task) {
  return !axes_of(task).empty();
}

std::int64_t size_of(const Value& list) {
  if (list.is_array()) return static_cast<std::int64_t>(list.as_array().size());
  return list.is_object() ? static_cast<std::int64_t>(list.as_object().size()) : 0;
}

// Of an object the items are pairs of key and value, as in Airflow.
Value item_of(const Value& list, std::int64_t item) {
  if (list.is_array()) return list.as_array()[static_cast<std::size_t>(item)];
  const auto& [key, value] = *(list.as_object().begin() + item);
  return Array{Value(key), value};
}

std::string name_of(const ListNode& list) {
  return list.kind == ListNode::Kind::constant ? "a constant"
         : list.key == "return_value"          ? "the result of " + list.task->task_id
                                               : "XCom " + list.key + " of " + list.task->task_id;
}

// Where each source's item of an instance is, from how long the sources are: as the server's (engine/mapping.cpp).
class Places {
 public:
  explicit Places(std::vector<std::int64_t> lengths) : lengths_(std::move(lengths)) {}

  std::vector<std::int64_t> of(const std::vector<ListBase>& axes, std::int64_t map_index) {
    std::vector<std::int64_t> lengths;
    for (const ListBase& axis : axes) {
      lengths.push_back(length(axis.node()));
      if (lengths.back() == 0) throw std::runtime_error("a list that the task is mapped over is empty, or gone");
    }
    // The last axis goes fastest, as in Airflow.
    std::vector<std::int64_t> items(axes.size());
    std::int64_t rest = map_index;
    for (std::size_t axis = axes.size(); axis-- > 0; rest /= lengths[axis]) items[axis] = rest % lengths[axis];
    if (rest > 0) {
      throw std::runtime_error(
          "the lists that the task is mapped over have fewer items than when it was mapped; there is none for map index " +
          std::to_string(map_index));
    }
    next_ = 0;
    for (std::size_t axis = 0; axis < axes.size(); ++axis) place(axes[axis].node(), items[axis]);
    return std::move(places_);
  }

 private:
  // Of the sources from next_ on, which goes on behind them.
  std::int64_t length(const ListNode& list) {
    if (list.parts.empty()) return lengths_[next_++];
    std::int64_t length = this->length(list.parts.front().node());
    for (std::size_t i = 1; i < list.parts.size(); ++i) {
      const std::int64_t next = this->length(list.parts[i].node());
      length = list.kind == ListNode::Kind::concat ? length + next
               : list.fills.empty()                ? std::min(length, next)
                                                   : std::max(length, next);
    }
    return length;
  }
  void place(const ListNode& list, std::int64_t item) {
    if (list.parts.empty()) {
      ++next_;
      places_.push_back(item);
      return;
    }
    std::int64_t rest = item;
    for (const ListBase& part : list.parts) {
      const std::size_t at = next_;
      const std::int64_t has = length(part.node());
      next_ = at;
      place(part.node(), rest >= 0 && rest < has ? rest : -1);
      if (list.kind == ListNode::Kind::concat) rest = rest >= has ? rest - has : -1;
    }
  }

  std::vector<std::int64_t> lengths_;
  std::size_t next_ = 0;
  std::vector<std::int64_t> places_;
};

}  // namespace

// The items of one instance, put together from those of the sources.
class InputRequests::Items {
 public:
  Items(const InputRequests& inputs, const std::vector<Source>& sources, const std::vector<Value>& answers)
      : inputs_(inputs), sources_(sources), answers_(answers) {}

  // Nothing where the instance's item is not of this list. `source` counts on.
  std::optional<Value> of(const ListNode& list, std::size_t& source) const {
    switch (list.kind) {
      case ListNode::Kind::xcom:
      case ListNode::Kind::constant:
        return of_source(sources_[source++]);
      case ListNode::Kind::map: {
        std::optional<Value> item = of(list.parts.front().node(), source);
        return item ? std::optional(inputs_.apply(list, *item)) : std::nullopt;
      }
      case ListNode::Kind::concat: {
        std::optional<Value> found;
        for (const ListBase& part : list.parts) {
          if (std::optional<Value> item = of(part.node(), source)) found = std::move(item);
        }
        return found;
      }
      case ListNode::Kind::zip:
        break;
    }
    Array values;
    bool is_any = false;
    for (std::size_t i = 0; i < list.parts.size(); ++i) {
      std::optional<Value> item = of(list.parts[i].node(), source);
      is_any = is_any || item;
      values.push_back(item ? std::move(*item) : list.fills.empty() ? Value() : list.fills[i]);
    }
    return is_any ? std::optional<Value>(std::move(values)) : std::nullopt;
  }

 private:
  std::optional<Value> of_source(const Source& source) const {
    if (source.item < 0) return std::nullopt;
    if (source.list->kind == ListNode::Kind::constant) return item_of(source.list->constant, source.item);
    const Value& answer = answers_[source.request];
    return inputs_.knows_items_ ? answer : item_of(answer, source.item);
  }

  const InputRequests& inputs_;
  const std::vector<Source>& sources_;
  const std::vector<Value>& answers_;
};

InputRequests::InputRequests(const TaskNode& task, const detail::ContextData& data, const Value& items)
    : task_(task), axes_(axes_of(task)), data_(data) {
  bool takes_items = false;  // a task of a mapped group need not
  for (const TaskInput& input : task.inputs) {
    of_input_.push_back(input.from == nullptr || input.lazily ? 0 : ask(*input.from, input.key));
    if (!input.whole.empty()) ask_for_whole(input.whole.front().node());
    takes_items = takes_items || input.axis >= 0;
  }
  if (takes_items) ask_for_items(items);
}

std::size_t InputRequests::ask(const TaskNode& from, const std::string& key, std::int64_t item) {
  const auto [found, is_new] = asked_.emplace(std::tuple(from.task_id, key, item), requests_.size());
  if (!is_new) return found->second;
  const bool is_one = !is_mapped(from) || are_mapped_together(from, task_), is_item = item != no_item;
  const char* type = is_one || is_item ? "GetXCom" : "GetXComSequenceSlice";
  Object request{{"type", type}, {"key", key}, {"dag_id", data_.dag_id}, {"run_id", data_.run_id}, {"task_id", from.task_id}};
  if (is_one) {
    request.add("map_index", is_mapped(from) ? data_.map_index : -1);
    if (is_item) request.add("item", item);
  } else if (is_item) {
    request.add("map_index", item);  // of the instance that gave it
  } else {
    for (const char* bound : {"start", "stop", "step"}) request.add(bound, nullptr);
  }
  request.add("include_prior_dates", false);
  requests_.emplace_back(std::move(request));
  return found->second;
}

void InputRequests::ask_for_whole(const ListNode& list) {
  for_each_source(list, [&](const ListNode& source) {
    if (source.task != nullptr) (void)ask(*source.task, source.key);
  });
}

std::size_t InputRequests::first_source_of(const TaskInput& input) const {
  const auto axis = static_cast<std::size_t>(input.axis);
  std::size_t source = 0;
  for (std::size_t i = 0; i < axis; ++i) source += source_count(axes_[i].node());
  const ListNode& list = axes_[axis].node();
  if (list.kind != ListNode::Kind::zip) return source;
  for (int part = 0; part < input.list; ++part) source += source_count(list.parts[static_cast<std::size_t>(part)].node());
  return source;
}

void InputRequests::ask_for_items(const Value& items) {
  for (const ListBase& axis : axes_) {
    for_each_source(axis.node(), [&](const ListNode& source) { sources_.push_back({.list = &source}); });
  }
  knows_items_ = items.is_array() && items.as_array().size() == sources_.size();
  if (!knows_items_) {
    for (Source& source : sources_) {
      if (source.list->task != nullptr) source.request = ask(*source.list->task, source.list->key);
    }
    return;
  }
  for (std::size_t i = 0; i < sources_.size(); ++i) sources_[i].item = items.as_array()[i].as_int();
  for (const TaskInput& input : task_.inputs) {
    if (input.axis < 0) continue;
    const std::size_t first = first_source_of(input);
    const ListNode& list = zipped_part(axes_[static_cast<std::size_t>(input.axis)].node(), input.list);
    for (std::size_t i = first; i < first + source_count(list); ++i) {
      Source& source = sources_[i];
      if (source.list->task != nullptr && source.item >= 0)
        source.request = ask(*source.list->task, source.list->key, source.item);
    }
  }
}

std::vector<InputRequests::Source> InputRequests::with_places(const std::vector<Value>& answers) const {
  std::vector<Source> sources = sources_;
  if (knows_items_ || sources.empty()) return sources;
  std::vector<std::int64_t> lengths;
  for (const Source& source : sources) {
    lengths.push_back(size_of(source.list->task == nullptr ? source.list->constant : answers[source.request]));
  }
  const std::vector<std::int64_t> places = Places(std::move(lengths)).of(axes_, std::max(data_.map_index, 0));
  for (std::size_t i = 0; i < sources.size(); ++i) sources[i].item = places[i];
  return sources;
}

Value InputRequests::apply(const ListNode& map, const Value& item) const {
  const std::string_view name = detail::short_name(map.map->name);
  const std::string what = name.empty() ? "item of map()" : "item of map(" + std::string(name) + ")";
  detail::MapCall call(item, map.parts.front().node().kind == ListNode::Kind::zip, data_.run_files(), what);
  map.map->call(map.target.get(), call);
  return call.take_result();
}

Value InputRequests::whole_list(const ListNode& list, const std::vector<Value>& answers) const {
  if (list.kind == ListNode::Kind::xcom || list.kind == ListNode::Kind::constant) {
    const Value& value = list.task == nullptr ? list.constant : answers[asked_.at({list.task->task_id, list.key, no_item})];
    if (value.is_array()) return value;
    if (!value.is_object()) {
      throw std::runtime_error(name_of(list) + " is no list: " +
                               (value.is_null() ? "there is none, since that task was skipped or returned nothing"
                                                : "it is of type " + std::string(value.type_name())));
    }
    Array pairs;
    for (std::int64_t i = 0; i < size_of(value); ++i) pairs.push_back(item_of(value, i));
    return pairs;
  }
  std::vector<Value> parts;
  for (const ListBase& part : list.parts) parts.push_back(whole_list(part.node(), answers));
  Array all;
  if (list.kind == ListNode::Kind::map) {
    for (const Value& item : parts.front().as_array()) all.push_back(apply(list, item));
  } else if (list.kind == ListNode::Kind::concat) {
    for (Value& part : parts) {
      for (Value& item : part.as_array()) all.push_back(std::move(item));
    }
  } else {
    std::size_t length = parts.front().as_array().size();
    for (const Value& part : parts) {
      const std::size_t has = part.as_array().size();
      length = list.fills.empty() ? std::min(length, has) : std::max(length, has);
    }
    for (std::size_t i = 0; i < length; ++i) {
      Array values;
      for (std::size_t p = 0; p < parts.size(); ++p) {
        const Array& part = parts[p].as_array();
        values.push_back(i < part.size() ? part[i] : list.fills[p]);
      }
      all.push_back(std::move(values));
    }
  }
  return all;
}

std::vector<Value> InputRequests::values(const std::vector<Value>& answers) const {
  const std::vector<Source> sources = with_places(answers);
  const Items items(*this, sources, answers);
  std::vector<Value> values;
  for (std::size_t i = 0; i < task_.inputs.size(); ++i) {
    const TaskInput& input = task_.inputs[i];
    if (input.axis >= 0) {
      const ListNode& axis = axes_[static_cast<std::size_t>(input.axis)].node();
      std::size_t source = first_source_of(input);
      std::optional<Value> item = items.of(zipped_part(axis, input.list), source);
      const bool is_filled = !item && axis.kind == ListNode::Kind::zip && !axis.fills.empty();
      values.push_back(item ? std::move(*item) : is_filled ? axis.fills[static_cast<std::size_t>(input.list)] : Value());
    } else if (!input.whole.empty()) {
      values.push_back(whole_list(input.whole.front().node(), answers));
    } else {
      values.push_back(input.from == nullptr || input.lazily ? input.constant : answers[of_input_[i]]);
    }
  }
  return values;
}

}  // namespace venturi::inline sdk::internal
