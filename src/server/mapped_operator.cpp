#include "server/mapped_operator.h"

#include <algorithm>
#include <optional>
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
    std::size_t source = 0;
    if (inputs_->get_string("type") == "list-of-dicts") {
      made.set("_kwargs", item_of(inputs_->at("value"), source).value_or(Value()));
      return made;
    }
    // Fields that say nothing of their list have its name.
    for (const auto& [name, list] : lists.as_object()) {
      Value item = item_of(list, source).value_or(Value());
      if (!made.contains(name) && name.find(',') == std::string::npos) made.set(name, std::move(item));
    }
    return made;
  }

 private:
  const Value* expand_input() const {
    if (!task_.is_mapped()) return nullptr;
    if (task_.mapped_group) return &dag_.mapped_groups.at(*task_.mapped_group);
    return task_.serialized.get(task_.serialized.get_string("_expand_input_attr", "expand_input"));
  }
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

  // {"type": "item", "axis": 0, "list": 1}: of lists that are zipped, the item of one.
  Value own_item(const Value& ref) const {
    const Object& axes = unwrapped(inputs_->at("value")).as_object();
    const auto axis = axes.begin() + static_cast<std::ptrdiff_t>(ref.get_int("axis"));
    std::size_t source = 0;
    for (auto before = axes.begin(); before != axis; ++before) source += sources_of(before->second);
    const Value* zip = as_reference(axis->second);
    if (zip == nullptr || zip->get_string("type") != "zip") return item_of(axis->second, source).value_or(Value());
    const Array& parts = zip->at("args").as_array();
    const auto list = static_cast<std::size_t>(ref.get_int("list"));
    for (std::size_t part = 0; part < list; ++part) source += sources_of(parts.at(part));
    return item_of(parts.at(list), source).value_or(fill_of(*zip, list));
  }

  // Joined lists, those within others too: zip and concat have "args".
  static const Array* parts_of(const Value& list) {
    const Value* ref = as_reference(list) != nullptr ? as_reference(list) : &list;
    const std::string type = ref->get_string("type");
    const Value* args = type == "zip" || type == "concat" ? ref->get("args") : nullptr;
    return args != nullptr && args->is_array() ? &args->as_array() : nullptr;
  }
  static std::size_t sources_of(const Value& list) {
    const Array* parts = parts_of(list);
    if (parts == nullptr) return 1;
    std::size_t count = 0;
    for (const Value& part : *parts) count += sources_of(part);
    return count;
  }
  // Airflow has one value for all lists ("fillvalue"), Venturi's SDK one for each as well.
  static Value fill_of(const Value& zip, std::size_t list) {
    const Value* each = zip.get("fillvalues");
    return each != nullptr && each->is_array() ? each->as_array().at(list) : zip.get_value("fillvalue");
  }

  // Nothing where this instance's item is not of this list. `source` counts the lists that are not joined (Launch::items).
  std::optional<Value> item_of(const Value& list, std::size_t& source) const {
    const Array* parts = parts_of(list);
    if (parts == nullptr) {
      const std::int64_t item = source < launch_.items.size() ? launch_.items[source] : 0;
      ++source;
      return item < 0 ? std::nullopt : std::optional(item_of(list, item));
    }
    const Value* const ref = as_reference(list);
    const Value& joined = ref != nullptr ? *ref : list;
    const bool is_zip = joined.get_string("type") == "zip";
    std::optional<Value> found;
    Array side_by_side;
    for (std::size_t i = 0; i < parts->size(); ++i) {
      std::optional<Value> item = item_of((*parts)[i], source);
      if (is_zip) side_by_side.push_back(item ? *item : fill_of(joined, i));
      if (item) found = std::move(item);
    }
    return found && is_zip ? std::optional<Value>(std::move(side_by_side)) : found;
  }

  // Of a list, a dict (whose items are pairs, as in Airflow) or a reference.
  Value item_of(const Value& list, std::int64_t item) const {
    const auto at = static_cast<std::size_t>(item);
    // What is joined is named without a type, as in Airflow.
    const Value* ref = as_reference(list) != nullptr ? as_reference(list) : list.get("task_id") != nullptr ? &list : nullptr;
    if (ref != nullptr) {
      const auto task = dag_.find_task(ref->get_string("task_id"));
      Object members = ref->as_object();
      members.set(task && dag_.tasks[*task].is_mapped() ? "map_index" : "item", item);
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
