#include "server/mapped_operator.h"

#include <algorithm>
#include <utility>

#include "model/dag_fields.h"

namespace venturi::server {
namespace {

Value reference(Object members) {
  return Object{{"__type", "xcomref"}, {"__var", std::move(members)}};
}

const Value* as_reference(const Value& value) {
  return value.get_string("__type") == "xcomref" ? value.get("__var") : nullptr;
}

class Instance {
 public:
  explicit Instance(const engine::Launch& launch)
      : launch_(launch), dag_(*launch.dag), task_(dag_.tasks[launch.task]), inputs_(expand_input()) {}

  // In Airflow's words, the operator that the mapped one is unmapped to.
  Value op() const {
    Object made;
    if (const Value* partial = task_.serialized.get("partial_kwargs")) {
      for (const auto& [name, value] : unwrapped(*partial).as_object()) made.set(name, resolved(value));
    }
    const bool is_mapped = task_.serialized.get_bool("_is_mapped");
    for (const auto& [name, value] : task_.serialized.as_object()) {
      if (name == "partial_kwargs" || name == "expand_input" || name == task_.serialized.get_string("_expand_input_attr"))
        continue;
      made.set(name, resolved(value));
    }
    if (!is_mapped || inputs_ == nullptr) return made;
    const Value& lists = unwrapped(inputs_->at("value"));
    if (inputs_->get_string("type") == "list-of-dicts") {
      made.set("_kwargs", item_of(inputs_->at("value"), item(0)));
      return made;
    }
    // Fields that say nothing of their list have its name.
    for (std::size_t axis = 0; axis < lists.as_object().size(); ++axis) {
      const auto& [name, list] = *(lists.as_object().begin() + static_cast<std::ptrdiff_t>(axis));
      if (!made.contains(name) && name.find(',') == std::string::npos) made.set(name, item_of(list, item(axis)));
    }
    return made;
  }

 private:
  const Value* expand_input() const {
    if (!task_.is_mapped()) return nullptr;
    if (task_.mapped_group) return &dag_.mapped_groups.at(*task_.mapped_group);
    return task_.serialized.get(task_.serialized.get_string("_expand_input_attr", "expand_input"));
  }
  std::int64_t item(std::size_t axis) const { return axis < launch_.items.size() ? launch_.items[axis] : 0; }

  // Everything in it that refers to an XCom, or to an item of a list.
  Value resolved(const Value& value) const {
    if (value.is_array()) {
      Array items;
      items.reserve(value.as_array().size());
      for (const Value& item : value.as_array()) items.push_back(resolved(item));
      return items;
    }
    if (!value.is_object()) return value;
    if (const Value* ref = as_reference(value)) return ref->get_string("type") == "item" ? own_item(*ref) : own_xcom(*ref);
    Object members;
    members.reserve(value.as_object().size());
    for (const auto& [name, member] : value.as_object()) members.add(name, resolved(member));
    return members;
  }

  // {"type": "item", "axis": 0, "list": 1}
  Value own_item(const Value& ref) const {
    const auto axis = static_cast<std::size_t>(ref.get_int("axis"));
    const Object& axes = unwrapped(inputs_->at("value")).as_object();
    const Value& list = (axes.begin() + static_cast<std::ptrdiff_t>(axis))->second;
    const Value* zip = as_reference(list);
    if (zip == nullptr || zip->get_string("type") != "zip") return item_of(list, item(axis));
    return item_of(zip->at("args").as_array().at(static_cast<std::size_t>(ref.get_int("list"))), item(axis));
  }

  // Of a list, a dict (whose items are pairs, as in Airflow) or a reference.
  Value item_of(const Value& list, std::int64_t item) const {
    const auto at = static_cast<std::size_t>(item);
    if (const Value* ref = as_reference(list)) {
      const auto task = dag_.find_task(ref->get_string("task_id"));
      Object members = ref->as_object();
      members.set(task && dag_.tasks[*task].is_mapped() ? "offset" : "item", item);
      return reference(std::move(members));
    }
    const Value& plain = unwrapped(list);
    if (plain.is_array()) return at < plain.as_array().size() ? plain.as_array()[at] : Value();
    if (!plain.is_object() || at >= plain.as_object().size()) return {};
    const auto& [key, value] = *(plain.as_object().begin() + item);
    return Array{Value(key), value};
  }

  Value own_xcom(const Value& ref) const {
    const auto task = dag_.find_task(ref.get_string("task_id"));
    Object members = ref.as_object();
    if (task && dag_.tasks[*task].is_mapped()) {
      if (task_.is_in_group_of(dag_.tasks[*task]))
        members.set("map_index", launch_.ti.map_index);
      else
        members.set("sequence", true);
    }
    return reference(std::move(members));
  }

  const engine::Launch& launch_;
  const Dag& dag_;
  const Task& task_;
  const Value* inputs_;
};

}  // namespace

Value operator_of(const engine::Launch& launch) {
  const Task& task = launch.dag->tasks[launch.task];
  const bool is_concerned =
      task.is_mapped() || std::ranges::any_of(task.upstream, [&](TaskIndex i) { return launch.dag->tasks[i].is_mapped(); });
  return is_concerned ? Instance(launch).op() : task.serialized;
}

}  // namespace venturi::server
