#include "sdk/own_fields.h"

#include <algorithm>
#include <exception>
#include <functional>
#include <span>
#include <vector>

#include "sdk/encode.h"
#include "sdk/render.h"
#include "venturi/own_notifier.h"
#include "venturi/own_operator.h"

namespace venturi::inline sdk::internal {
namespace {

using detail::Field;
using detail::FieldBase;
using detail::OwnFields;
using detail::TaskInput;
using detail::TaskNode;

// What a serialized task has under its own names (serialize.cpp, and Airflow's schema.json).
constexpr std::string_view names_of_tasks[] = {"task_id",
                                               "task_type",
                                               "owner",
                                               "retries",
                                               "retry_delay",
                                               "retry_exponential_backoff",
                                               "max_retry_delay",
                                               "retries_on_loss",
                                               "execution_timeout",
                                               "trigger_rule",
                                               "depends_on_past",
                                               "wait_for_downstream",
                                               "pool",
                                               "pool_slots",
                                               "priority_weight",
                                               "weight_rule",
                                               "queue",
                                               "doc_md",
                                               "doc",
                                               "params",
                                               "notifiers",
                                               "multiple_outputs",
                                               "do_xcom_push",
                                               "downstream_task_ids",
                                               "template_fields",
                                               "ui_color",
                                               "ui_fgcolor",
                                               "is_setup",
                                               "is_teardown",
                                               "on_failure_fail_dagrun",
                                               "has_retry_policy",
                                               "start_date",
                                               "end_date",
                                               "inlets",
                                               "outlets",
                                               "label",
                                               "partial_kwargs",
                                               "expand_input",
                                               "op_args",
                                               "map_index_template",
                                               "light"};
constexpr std::string_view names_of_sensors[] = {"poke_interval", "timeout",    "max_wait",    "mode",
                                                 "soft_fail",     "never_fail", "silent_fail", "exponential_backoff"};

bool is_taken(const TaskNode& task, std::string_view name) {
  if (name.starts_with('_') || name.starts_with("has_on_")) return true;
  if (std::ranges::find(names_of_tasks, name) != std::end(names_of_tasks)) return true;
  return task.sensor != nullptr && std::ranges::find(names_of_sensors, name) != std::end(names_of_sensors);
}

bool is_field(const detail::Type& type) {
  return type.write == detail::write_field;
}
std::span<const Field> fields_of(const OwnFields& own) {
  return own.type == nullptr ? std::span<const Field>() : std::span(own.type->fields, own.type->field_count);
}
bool is_template_field(const OwnFields& own, std::string_view name) {
  const std::span names(own.template_fields, own.template_field_count);
  return std::ranges::find(names, name) != names.end();
}

bool is_item(const Value& ref) {
  return ref.get_string("type") == "item";
}

const TaskInput* find_input(const TaskNode& task, const Value& ref) {
  if (is_item(ref)) {
    const auto found = std::ranges::find_if(task.inputs, [&](const TaskInput& input) {
      return input.axis == ref.get_int("axis") && input.list == ref.get_int("list");
    });
    return found == task.inputs.end() ? nullptr : &*found;
  }
  const std::string id = ref.get_string("task_id"), key = ref.get_string("key");
  for (const TaskInput& input : task.inputs) {
    if (input.from != nullptr && input.from->task_id == id && input.key == key) return &input;
  }
  return nullptr;
}

void take_outputs(TaskNode& task, const FieldBase& field) {
  (void)decode(field.value(), [&](const Value& ref) {
    if (is_item(ref)) {
      if (find_input(task, ref) == nullptr) {
        task.inputs.push_back({.from = nullptr,
                               .key = {},
                               .constant = {},
                               .axis = static_cast<int>(ref.get_int("axis")),
                               .list = static_cast<int>(ref.get_int("list"))});
      }
      return Value();
    }
    const std::string id = ref.get_string("task_id");
    const auto& upstream = field.upstream();
    const auto from = std::ranges::find_if(upstream, [&](const TaskNode* node) { return node->task_id == id; });
    if (from != upstream.end() && find_input(task, ref) == nullptr) {
      task.inputs.push_back({.from = *from, .key = ref.get_string("key"), .constant = {}});
      add_edge(**from, task);
    }
    return Value();
  });
}

// The value of another task's XCom in place of a reference to it.
Value output_of(const Value& ref, const Field& declared, const TaskNode* task, const detail::ContextData& data) {
  const TaskInput* input = task == nullptr ? nullptr : find_input(*task, ref);
  const std::string field = "field " + std::string(declared.name) + ": ";
  const std::string from = is_item(ref) ? "item of the group"
                           : ref.get_string("key") == "return_value"
                               ? "result of " + ref.get_string("task_id")
                               : "XCom " + ref.get_string("key") + " of " + ref.get_string("task_id");
  if (input == nullptr) {
    throw ConversionError(field + "the " + from +
                          " cannot be taken here: a notifier has no inputs, take it from its context with xcom_pull()");
  }
  const Value& value = data.inputs.at(static_cast<std::size_t>(input - task->inputs.data()));
  if (value.is_null() && !declared.type->element->nullable) {
    throw ConversionError(field + "there is no " + from +
                          ", since that task was skipped or returned nothing; to go on without it make the field a "
                          "Field<std::optional<...>>");
  }
  return value;
}

// As in Airflow, what another task gave is data and no template: it comes in after the rest was rendered. `plain` is `encoded`
// without it.
Value with_outputs(const Value& encoded, Value plain, const std::function<Value(const Value& ref)>& resolve) {
  if (encoded.is_array()) {
    Array& items = plain.as_array();
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = with_outputs(encoded.as_array()[i], std::move(items[i]), resolve);
  } else if (encoded.is_object()) {
    const Value& var = encoded.at("__var");
    if (encoded.get_string("__type") == "xcomref") return resolve(var);
    for (const auto& [key, member] : var.as_object()) {
      Value& value = *plain.as_object().find(key);
      value = with_outputs(member, std::move(value), resolve);
    }
  }
  return plain;
}

Value without_outputs(const FieldBase& field) {
  return decode(field.value(), [](const Value&) { return Value(); });
}

bool has_outputs(const Value& encoded) {
  bool found = false;
  (void)decode(encoded, [&found](const Value&) {
    found = true;
    return Value();
  });
  return found;
}

// expand_kwargs: the members of the item are fields.
void take_kwargs(const OwnFields& own, const Value& item, Object& values) {
  if (!item.is_object()) {
    throw ConversionError("expand_kwargs() goes over objects whose members are fields, and this item is of type " +
                          std::string(item.type_name()));
  }
  for (const auto& [name, value] : item.as_object()) {
    if (std::ranges::none_of(fields_of(own), [&](const Field& declared) { return declared.name == name; })) {
      throw ConversionError("the item of expand_kwargs() has a member " + name + ", and " + struct_name(own.name) +
                            " has no such field");
    }
    values.set(name, value);
  }
}

void fill(void* object, const OwnFields& own, const TaskNode* task, detail::ContextData& data) {
  const auto base_of = [&](const Field& declared) {
    const void* at = static_cast<const char*>(object) + declared.offset;
    return is_field(*declared.type) ? static_cast<const FieldBase*>(at) : nullptr;
  };
  Object templates;
  for (const Field& declared : fields_of(own)) {
    if (!is_template_field(own, declared.name)) continue;
    const FieldBase* base = base_of(declared);
    if (base != nullptr && !base->is_given()) continue;
    Value& value = templates.add(std::string(declared.name), Value());
    if (base != nullptr)
      value = without_outputs(*base);
    else
      declared.type->write(*declared.type, static_cast<const char*>(object) + declared.offset, value);
  }
  Object values = render_fields(data, templates, std::span(own.template_ext, own.template_ext_count));
  for (const Field& declared : fields_of(own)) {
    const FieldBase* base = base_of(declared);
    if (base == nullptr || !has_outputs(base->value())) continue;
    const Value* rendered = values.find(declared.name);
    values.set(declared.name, with_outputs(base->value(), rendered != nullptr ? *rendered : without_outputs(*base),
                                           [&](const Value& ref) { return output_of(ref, declared, task, data); }));
  }
  if (task != nullptr && task->expands_kwargs) take_kwargs(own, data.inputs.front(), values);
  if (task != nullptr) data.filled = values;
  if (task != nullptr && own.template_field_count > 0) {
    Object shown;
    for (const auto& [name, value] : values) {
      if (is_template_field(own, name)) shown.add(name, value);
    }
    tell_rendered(data, shown);
  }
  for (const Field& declared : fields_of(own)) {
    const Value* value = values.find(declared.name);
    if (value == nullptr) continue;
    const std::string what = "field " + std::string(declared.name);
    declared.type->read(*declared.type, *value, static_cast<char*>(object) + declared.offset,
                        detail::Reading{.run_dir = data.run_files(), .what = what});
  }
}

}  // namespace

std::string struct_name(std::string_view pretty) {
  // clang: "... name_of_struct() [T = ns::Archive]"      g++: "... name_of_struct() [with T = ns::Archive; std::string_view =
  // ...]"
  constexpr std::string_view mark = "T = ";
  const std::size_t start = pretty.find(mark);
  if (start == std::string_view::npos) return {};
  std::string_view name = pretty.substr(start + mark.size());
  name = name.substr(0, name.find_first_of(";]<"));
  if (const std::size_t scope = name.rfind("::"); scope != std::string_view::npos) name.remove_prefix(scope + 2);
  return std::string(name);
}

void keep_in_process(TaskNode& task, const TaskOptions& given, std::string_view what) {
  if (given.light.value_or(false)) add_mistake(task, "light is not for " + std::string(what) + ": take it away");
  task.options.light = false;  // nor by default_args
}

void describe_fields(TaskNode& task, const OwnFields& own, const void* object) {
  task.own = &own;
  task.task_type = struct_name(own.name);
  task.template_fields.assign(own.template_fields, own.template_fields + own.template_field_count);
  task.template_ext.assign(own.template_ext, own.template_ext + own.template_ext_count);
  if (task.expands_kwargs) task.inputs.push_back({.from = nullptr, .key = {}, .constant = {}, .axis = 0});
  for (const Field& declared : fields_of(own)) {
    if (declared.name == "task_id") continue;  // its own, where the struct has it as the built-in ones do
    if (is_taken(task, declared.name)) {
      add_mistake(task, task.task_type + "::" + std::string(declared.name) +
                            " has a name that every task has for something of its own: give the field another one");
      continue;
    }
    const void* at = static_cast<const char*>(object) + declared.offset;
    if (is_field(*declared.type)) {
      const auto& field = *static_cast<const FieldBase*>(at);
      if (!field.is_given()) continue;
      task.fields.add(std::string(declared.name), field.value());
      take_outputs(task, field);
      continue;
    }
    try {
      Value value;
      declared.type->write(*declared.type, at, value);
      task.fields.add(std::string(declared.name), encode(value));
    } catch (const std::exception& e) {
      add_mistake(task, "field " + std::string(declared.name) + ": " + e.what());
    }
  }
}

void fill_fields(void* object, const OwnFields& own, const TaskNode& task, detail::ContextData& data) {
  fill(object, own, &task, data);
}

namespace {

// The name by which a derived class may reach a protected member.
struct Access : Context {
  static detail::ContextData& data(const Context& context) { return *(context.*(&Access::data_)); }
};

}  // namespace

}  // namespace venturi::inline sdk::internal

namespace venturi::inline sdk::detail {

void write_field(const Type& type, const void* from, Value& to) {
  (void)type;
  to = static_cast<const FieldBase*>(from)->constant();
}

TaskNode& add_own_operator(GroupNode& group, std::string_view task_id, const OwnOperatorTable& table,
                           const TaskOptions& options, const void* op, void (*destroy)(const void* op)) {
  Shared owned(op, destroy);
  const std::string name = internal::struct_name(table.fields.name);
  TaskNode& node = add_node(group, task_id.empty() ? std::string_view(name) : task_id, options);
  node.function = &table.function;
  node.target = std::move(owned);
  node.multiple_outputs = node.options.multiple_outputs.value_or(false);
  internal::describe_fields(node, table.fields, op);
  if (table.has_on_kill) internal::keep_in_process(node, options, "an operator with on_kill(), which ends with its process");
  return node;
}

void fill_notifier(void* notifier, const OwnFields& fields, const CallbackContext& context) {
  internal::fill(notifier, fields, nullptr, internal::Access::data(context));
}

void Invocation::fill(void* object, const OwnFields& fields) {
  internal::fill_fields(object, fields, task_, data_);
}

}  // namespace venturi::inline sdk::detail
