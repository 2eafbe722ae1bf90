#include "sdk/serialize.h"
#include "sdk/asset.h"

#include <algorithm>

#include "sdk/encode.h"
#include "sdk/leads_to.h"
#include "sdk/options.h"
#include "sdk/own_fields.h"

namespace venturi::inline sdk::internal {
namespace {

constexpr double default_retry_delay_s = 300;

Value seconds_since_1970(Time t) {
  return std::chrono::duration<double>(t.time_since_epoch()).count();
}

Value downstream_ids(const detail::TaskNode& task) {
  std::vector<std::string_view> ids;
  for (const detail::TaskNode* below : task.downstream) ids.push_back(below->task_id);
  std::sort(ids.begin(), ids.end());
  return Array(ids.begin(), ids.end());
}

std::string lower_case(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

std::string_view type_of_function(detail::TaskKind kind) {
  switch (kind) {
    case detail::TaskKind::branch:
      return "CppBranch";
    case detail::TaskKind::short_circuit:
      return "CppShortCircuit";
    case detail::TaskKind::plain:
      break;
  }
  return "CppTask";
}

// As Airflow's XComArg._serialize(); of a function its name stands where Airflow has its text.
Value serialize_list(const detail::ListNode& list) {
  using Kind = detail::ListNode::Kind;
  if (list.kind == Kind::constant) return encode(list.constant);
  if (list.kind == Kind::xcom) return xcom_ref(list.task->task_id, list.key);
  Array parts;
  for (const detail::ListBase& part : list.parts) parts.push_back(serialize_list(part.node()));
  if (list.kind == Kind::map) {
    const std::string_view name = detail::short_name(list.map->name);
    return typed("xcomref", Object{{"type", "map"},
                                   {"arg", std::move(parts.front())},
                                   {"callables", Array{Value(name.empty() ? "<lambda>" : name)}}});
  }
  Object var{{"type", list.kind == Kind::zip ? "zip" : "concat"}, {"args", std::move(parts)}};
  if (!list.fills.empty()) {
    const bool is_one =
        std::all_of(list.fills.begin(), list.fills.end(), [&](const Value& f) { return f == list.fills.front(); });
    var.add("fillvalue", is_one ? encode(list.fills.front()) : Value());
    Array each;
    for (const Value& fill : list.fills) each.push_back(encode(fill));
    if (!is_one) var.add("fillvalues", std::move(each));  // Venturi's own
  }
  return typed("xcomref", std::move(var));
}

using Axes = std::vector<detail::ListBase>;

// As Airflow's: the lists by name, or by number where parameters have none.
Object expand_input(const Axes& axes, std::vector<std::string> names = {}) {
  for (std::size_t axis = names.size(); axis < axes.size(); ++axis) names.push_back(std::to_string(axis));
  Object lists;
  for (std::size_t axis = 0; axis < axes.size(); ++axis) lists.add(names[axis], serialize_list(axes[axis].node()));
  return Object{{"type", "dict-of-lists"}, {"value", typed("dict", std::move(lists))}};
}

// {"__type": "xcomref", "__var": {"type": "item", "axis": 0, "list": 0}}
const Value* as_item(const Value& field) {
  const Value* var = field.get_string("__type") == "xcomref" ? field.get("__var") : nullptr;
  return var != nullptr && var->get_string("type") == "item" ? var : nullptr;
}

// Of a mapped operator: what is the same for all instances, and which item each other field is.
void add_fields(Object& to, const detail::TaskNode& task) {
  if (task.axes.empty()) {
    for (const auto& [name, value] : task.fields) to.add(name, value);
    return;
  }
  Object partial;
  std::vector<std::string> names(task.axes.size());
  for (const auto& [name, value] : task.fields) {
    const Value* item = as_item(value);
    (item == nullptr ? partial : to).add(name, value);
    if (item == nullptr) continue;
    std::string& of_axis = names[static_cast<std::size_t>(item->get_int("axis"))];
    of_axis += (of_axis.empty() ? "" : ",") + name;
  }
  to.add("_is_mapped", true);
  to.add("partial_kwargs", std::move(partial));
  to.add("_expand_input_attr", "expand_input");
  to.add("expand_input", task.expands_kwargs
                             ? Object{{"type", "list-of-dicts"}, {"value", serialize_list(task.axes.front().node())}}
                             : expand_input(task.axes, std::move(names)));
}

void add_mapping(Object& to, const detail::TaskNode& task) {
  if (task.axes.empty()) return;
  to.add("_is_mapped", true);
  to.add("partial_kwargs", Object{});
  to.add("_expand_input_attr", "expand_input");
  to.add("expand_input", task.expands_kwargs
                             ? Object{{"type", "list-of-dicts"}, {"value", serialize_list(task.axes.front().node())}}
                             : expand_input(task.axes));
}

void add_function(Object& to, const detail::TaskNode& task) {
  to.add("task_type", task.task_type.empty() ? Value(type_of_function(task.kind)) : Value(task.task_type));
  to.add("_task_module", "venturi.program");
  for (const auto& [name, value] : task.fields) to.add(name, value);
  if (task.options.light.value_or(false)) to.add("light", true);
  if (!task.options.do_xcom_push.value_or(true)) to.add("do_xcom_push", false);
  if (task.own != nullptr) return add_mapping(to, task);
  const Axes& axes = axes_of(task);
  Array arguments;
  for (const detail::TaskInput& input : task.inputs) {
    if (input.axis >= 0)
      arguments.push_back(serialize_list(detail::zipped_part(axes[static_cast<std::size_t>(input.axis)].node(), input.list)));
    else if (!input.whole.empty())
      arguments.push_back(serialize_list(input.whole.front().node()));
    else
      arguments.push_back(input.from != nullptr ? xcom_ref(input.from->task_id, input.key) : encode(input.constant));
  }
  to.add("op_args", std::move(arguments));
  add_mapping(to, task);
  if (task.multiple_outputs) to.add("multiple_outputs", true);
  if (task.kind == detail::TaskKind::plain) return;
  to.add("_can_skip_downstream", true);
  if (task.kind == detail::TaskKind::short_circuit) {
    to.add("ignore_downstream_trigger_rules", task.options.ignore_downstream_trigger_rules.value_or(true));
  }
}

void add_operator(Object& to, const detail::TaskNode& task) {
  to.add("task_type", task.task_type);
  to.add("_task_module", "venturi.operators." + lower_case(task.task_type));
  if (task.task_type == "EmptyOperator" || task.task_type == "ExternalTaskMarker") to.add("_is_empty", true);
  add_fields(to, task);
  if (!task.branches) return;
  to.add("_can_skip_downstream", true);
  to.add("_leads_to", leads_to(task));
}

void add_options(Object& to, const TaskOptions& o) {
  const auto add = [&to]<class T>(std::string_view name, const Option<T>& value) {
    if (value) to.add(std::string(name), *value);
  };
  const auto add_duration = [&to](std::string_view name, const Option<Duration>& value) {
    if (value) to.add(std::string(name), seconds_of(*value));
  };
  const auto add_text = [&to](std::string_view name, const std::string& value) {
    if (!value.empty()) to.add(std::string(name), value);
  };
  add_text("owner", o.owner);
  add("retries", o.retries);
  to.add("retry_delay", o.retry_delay ? seconds_of(*o.retry_delay) : default_retry_delay_s);
  add("retry_exponential_backoff", o.retry_exponential_backoff);
  add_duration("max_retry_delay", o.max_retry_delay);
  add("retries_on_loss", o.retries_on_loss);
  if (!o.retry_policy.empty()) to.add("has_retry_policy", true);
  add_duration("execution_timeout", o.execution_timeout);
  if (o.trigger_rule) to.add("trigger_rule", to_string(*o.trigger_rule));
  // As in Airflow, who waits for what is below a task in the run before waits for the task itself too.
  if (o.depends_on_past.value_or(false) || o.wait_for_downstream.value_or(false)) to.add("depends_on_past", true);
  add("ignore_first_depends_on_past", o.ignore_first_depends_on_past);
  add("wait_for_downstream", o.wait_for_downstream);
  add("max_active_tis_per_dag", o.max_active_tis_per_dag);
  add("max_active_tis_per_dagrun", o.max_active_tis_per_dagrun);
  to.add("pool", o.pool.empty() ? "default_pool" : o.pool);
  add("pool_slots", o.pool_slots);
  add("priority_weight", o.priority_weight);
  if (o.weight_rule.own() != nullptr)
    to.add("weight_rule", "venturi.program." + struct_name(o.weight_rule.own_name()));
  else if (o.weight_rule)
    to.add("weight_rule", to_string(*o.weight_rule));
  add_text("queue", o.queue);
  add_text("doc_md", o.doc_md);
  add_text("map_index_template", o.map_index_template);
}

void add_dates(Object& to, const TaskOptions& o, const DagOptions& dag) {
  if (const auto start = time_of(o.start_date, dag)) to.add("start_date", seconds_since_1970(*start));
  if (const auto end = time_of(o.end_date, dag)) to.add("end_date", seconds_since_1970(*end));
}

Value serialize_params(const Params& params) {
  Array list;
  for (const auto& [name, param] : params.list()) {
    list.push_back(Array{Value(name),
                         Object{{"__class", "airflow.sdk.definitions.param.Param"},
                                {"default", param.value.is_given() ? encode(param.value.get()) : typed("arg_not_set", Value())},
                                {"description", param.description.empty() ? Value() : Value(param.description)},
                                {"schema", encode(param.schema)},
                                {"source", nullptr}}});
  }
  return list;
}

// Ids of what stands on the other side of a group's edges.
struct Neighbours {
  Array groups, tasks;
  void add(const detail::Step& step) {
    if (step.group() != nullptr)
      groups.emplace_back(step.group()->group_id);
    else
      tasks.emplace_back(step.task()->task_id);
  }
};

// Every DAG has one group around all.
Value serialize_group(const detail::GroupNode& group) {
  Object children;
  for (const detail::Step& child : group.children) {
    if (child.group() != nullptr)
      children.add(child.group()->group_id, Array{Value("taskgroup"), serialize_group(*child.group())});
    else
      children.add(child.task()->task_id, Array{Value("operator"), Value(child.task()->task_id)});
  }
  Neighbours upstream, downstream;
  for (const auto& [before, after] : group.dag->group_edges) {
    if (after.group() == &group) upstream.add(before);
    if (before.group() == &group) downstream.add(after);
  }
  const bool is_root = group.around == nullptr;
  Object serialized{{"_group_id", is_root ? Value() : Value(group.label)},
                    {"group_display_name", ""},
                    {"prefix_group_id", group.options.prefix_group_id},
                    {"tooltip", group.options.tooltip},
                    {"ui_color", "CornflowerBlue"},
                    {"ui_fgcolor", "#000"},
                    {"children", std::move(children)},
                    {"upstream_group_ids", std::move(upstream.groups)},
                    {"downstream_group_ids", std::move(downstream.groups)},
                    {"upstream_task_ids", std::move(upstream.tasks)},
                    {"downstream_task_ids", std::move(downstream.tasks)}};
  if (!group.axes.empty()) {
    serialized.add("is_mapped", true);
    serialized.add("expand_input", expand_input(group.axes));
  }
  return serialized;
}

Value sorted_tags(std::vector<std::string> tags) {
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return Array(tags.begin(), tags.end());
}

}  // namespace

std::string SourceFile::relative() const {
  const std::string prefix = bundle_path.empty() || bundle_path.back() == '/' ? bundle_path : bundle_path + "/";
  return !prefix.empty() && file.starts_with(prefix) ? file.substr(prefix.size()) : file;
}

void add_callbacks(Object& to, const std::vector<NamedCallbacks>& callbacks) {
  Object notifiers;
  for (const auto& [name, list] : callbacks) {
    bool has_function = false;
    Array data;
    for (const Callback& callback : list->list()) {
      if (callback.is_function())
        has_function = true;
      else
        data.push_back(Object{{"classpath", callback.notifier().classpath}, {"kwargs", callback.notifier().kwargs}});
    }
    if (has_function) to.add("has_" + std::string(name), true);
    if (!data.empty()) notifiers.add(std::string(name), std::move(data));
  }
  if (!notifiers.empty()) to.add("notifiers", std::move(notifiers));
}

Value serialize_reference(const DeadlineReference& reference, const DagOptions& options) {
  using Kind = DeadlineReference::Kind;
  switch (reference.kind()) {
    case Kind::dagrun_logical_date:
      return Object{{"reference_type", "DagRunLogicalDateDeadline"}};
    case Kind::fixed_datetime: {
      const auto date = time_of(reference.date(), options);
      return Object{{"reference_type", "FixedDatetimeDeadline"}, {"datetime", date ? seconds_since_1970(*date) : Value()}};
    }
    case Kind::average_runtime:
      return Object{
          {"reference_type", "AverageRuntimeDeadline"}, {"max_runs", reference.max_runs()}, {"min_runs", reference.min_runs()}};
    case Kind::dagrun_queued_at:
      break;
  }
  return Object{{"reference_type", "DagRunQueuedAtDeadline"}};
}

// As Airflow's encode_deadline_alert, but for the callback: the program has its functions.
Value serialize_deadlines(const DagOptions& options) {
  Array list;
  for (const DeadlineAlert& alert : options.deadline) {
    Object callback,
        members{{"reference", serialize_reference(alert.reference, options)}, {"interval", seconds_of(alert.interval)}};
    if (!alert.name.empty()) members.add("name", alert.name);
    add_callbacks(callback, {{"callback", &alert.callback}});
    members.add("callback", std::move(callback));
    list.push_back(typed("deadline_alert", std::move(members)));
  }
  return list;
}

void add_assets(Object& to, std::string_view name, const std::vector<AssetOrAlias>& assets) {
  if (assets.empty()) return;
  Array list;
  for (const AssetOrAlias& one : assets) list.push_back(typed(one.is_alias() ? "asset_alias" : "asset", one.members()));
  to.set(name, std::move(list));
}

Value serialize_task(const detail::TaskNode& task) {
  Object var{{"task_id", task.task_id}};
  if (task.function != nullptr)
    add_function(var, task);
  else
    add_operator(var, task);
  add_options(var, task.options);
  add_assets(var, "outlets", task.options.outlets);
  add_assets(var, "inlets", task.options.inlets);
  add_dates(var, task.options, task.dag->options);
  if (task.is_setup) var.add("is_setup", true);
  if (task.is_teardown) {
    var.add("is_teardown", true);
    var.add("trigger_rule", to_string(TriggerRule::all_done_setup_success));
    if (task.teardown.on_failure_fail_dagrun) var.add("on_failure_fail_dagrun", true);
  }
  if (!task.options.params.list().empty()) var.add("params", serialize_params(task.options.params));
  std::vector<NamedCallbacks> callbacks;
  for (const TaskCallback& c : task_callbacks) callbacks.push_back({c.name, &(task.options.*c.member)});
  add_callbacks(var, callbacks);
  var.add("downstream_task_ids", downstream_ids(task));
  var.add("template_fields", Array(task.template_fields.begin(), task.template_fields.end()));
  if (!task.template_ext.empty()) var.add("template_ext", Array(task.template_ext.begin(), task.template_ext.end()));
  var.add("ui_color", task.function != nullptr ? "#ffefeb" : task.task_type == "EmptyOperator" ? "#e8f7e4" : "#f0ede4");
  var.add("ui_fgcolor", "#000");
  var.add("_needs_expansion", !axes_of(task).empty());
  var.add("has_retry_policy", false);
  return typed("operator", std::move(var));
}

Value serialize_dag(const detail::DagNode& dag, const SourceFile& source) {
  const DagOptions& o = dag.options;
  Object out{{"dag_id", dag.dag_id},
             {"fileloc", source.file},
             {"relative_fileloc", source.relative()},
             {"timezone", timezone_of(o)},
             {"timetable", serialize_timetable(o)}};
  if (const auto start = time_of(o.start_date, o)) out.add("start_date", seconds_since_1970(*start));
  if (const auto end = time_of(o.end_date, o)) out.add("end_date", seconds_since_1970(*end));
  out.add("catchup", o.catchup);
  if (!o.description.empty()) out.add("description", o.description);
  if (!o.doc_md.empty()) out.add("doc_md", o.doc_md);
  if (!o.tags.empty()) out.add("tags", sorted_tags(o.tags));
  if (!o.template_searchpath.empty())
    out.add("template_searchpath", Array(o.template_searchpath.begin(), o.template_searchpath.end()));
  if (const auto runs = max_active_runs_of(o)) out.add("max_active_runs", *runs);
  if (o.max_active_tasks) out.add("max_active_tasks", *o.max_active_tasks);
  out.add("max_consecutive_failed_dag_runs", o.max_consecutive_failed_dag_runs.value_or(0));
  if (o.dagrun_timeout) out.add("dagrun_timeout", seconds_of(*o.dagrun_timeout));
  if (o.fail_fast) out.add("fail_fast", true);
  if (o.rerun_with_latest_version) out.add("rerun_with_latest_version", *o.rerun_with_latest_version);
  if (o.is_paused_upon_creation) out.add("is_paused_upon_creation", *o.is_paused_upon_creation);
  out.add("disable_bundle_versioning", false);
  out.add("_processor_dags_folder", source.bundle_path);
  add_callbacks(out, {{"on_success_callback", &o.on_success_callback}, {"on_failure_callback", &o.on_failure_callback}});
  Array tasks;
  for (const auto& task : dag.tasks) tasks.push_back(serialize_task(*task));
  out.add("tasks", std::move(tasks));
  out.add("task_group", serialize_group(dag.root));
  out.add("dag_dependencies", Array{});
  out.add("deadline", o.deadline.empty() ? Value() : serialize_deadlines(o));
  out.add("allowed_run_types", nullptr);
  out.add("edge_info", Object{});
  out.add("params", serialize_params(o.params));
  return Object{{"__version", 3}, {"dag", std::move(out)}};
}

}  // namespace venturi::inline sdk::internal
