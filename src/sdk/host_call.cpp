// Calls of the worker's operator host (task/host_call.h): hooks, and templates.
#include "task/host_call.h"

#include <algorithm>

#include "sdk/context_data.h"
#include "sdk/serialize.h"

namespace venturi::inline sdk {
namespace {

using Extensions = std::span<const std::string_view>;

bool is_template(const std::string& text, Extensions template_ext) {
  return text.find("{{") != std::string::npos || text.find("{%") != std::string::npos || text.find("{#") != std::string::npos ||
         std::ranges::any_of(template_ext, [&text](std::string_view extension) { return text.ends_with(extension); });
}

bool has_template(const Value& value, Extensions template_ext) {
  if (value.is_string()) return is_template(value.as_string(), template_ext);
  if (value.is_array())
    return std::ranges::any_of(value.as_array(), [&](const Value& item) { return has_template(item, template_ext); });
  return value.is_object() &&
         std::ranges::any_of(value.as_object(), [&](const auto& member) { return has_template(member.second, template_ext); });
}

// What becomes of texts that are no templates: as Jinja they lose a newline at their end.
Value without_last_newlines(const Value& value) {
  if (value.is_string()) {
    std::string text = value.as_string();
    if (text.ends_with('\n')) text.pop_back();
    return text;
  }
  if (value.is_array()) {
    Array items;
    for (const Value& item : value.as_array()) items.push_back(without_last_newlines(item));
    return items;
  }
  if (!value.is_object()) return value;
  Object members;
  for (const auto& [key, member] : value.as_object()) members.add(key, without_last_newlines(member));
  return members;
}

Value time_or_null(const std::optional<Time>& time) {
  return time ? Value(format_time(*time)) : Value();
}

// What templates show as `dag`: as the server's for built-in operators.
Value shown_dag(const detail::ContextData& data) {
  const detail::DagNode& dag = *data.dag;
  const DagOptions& o = dag.options;
  return Object{{"dag_id", dag.dag_id},
                {"description", o.description.empty() ? Value() : Value(o.description)},
                {"owner", o.default_args.owner.empty() ? std::string("airflow") : o.default_args.owner},
                {"tags", Array(o.tags.begin(), o.tags.end())},
                {"template_searchpath", Array(o.template_searchpath.begin(), o.template_searchpath.end())},
                {"timezone", internal::timezone_of(o)},
                {"start_date", time_or_null(internal::time_of(o.start_date, o))},
                {"end_date", time_or_null(internal::time_of(o.end_date, o))},
                {"catchup", o.catchup},
                {"fail_fast", o.fail_fast},
                {"max_active_runs", internal::max_active_runs_of(o).value_or(16)},
                {"max_active_tasks", o.max_active_tasks.value_or(16)},
                {"fileloc", data.fileloc},
                {"relative_fileloc", data.relative_fileloc}};
}

Value shown_task(const detail::ContextData& data) {
  Value op = Object{{"task_id", data.task_id}};
  if (data.task != nullptr) op = internal::serialize_task(*data.task).at("__var");
  // As Airflow's task has them in its process: with their values.
  if (data.task != nullptr && data.task->own == nullptr && !data.inputs.empty())
    op.as_object().set("op_args", Array(data.inputs.begin(), data.inputs.end()));
  for (const auto& [name, value] : data.filled) op.as_object().set(name, value);
  op.as_object().set(
      "_template_context",
      Object{{"dag", data.dag == nullptr ? Value(Object{{"dag_id", data.dag_id}}) : shown_dag(data)}, {"params", data.params}});
  return op;
}

Value shown_details(const detail::ContextData& data) {
  Value ti = data.startup_ti != nullptr ? *data.startup_ti : Value(Object{});
  for (const auto& [key, value] : {std::pair<const char*, Value>{"id", data.ti_id},
                                   {"dag_id", data.dag_id},
                                   {"task_id", data.task_id},
                                   {"run_id", data.run_id},
                                   {"try_number", data.try_number},
                                   {"map_index", data.map_index}}) {
    if (ti.get(key) == nullptr) ti.as_object().set(key, value);
  }
  Object details{{"ti", std::move(ti)},
                 {"ti_context", data.startup_context != nullptr ? *data.startup_context : Value(Object{})},
                 {"start_date", nullptr}};
  if (data.own.is_object()) details.add("own", data.own);
  // Of a callback: Airflow's `exception` is of a task's, `reason` of a DAG's.
  if (!data.error.empty()) details.add(data.task != nullptr ? "exception" : "reason", data.error);
  return details;
}

}  // namespace

HookError::HookError(const std::string& what, Value detail) : std::runtime_error(what), detail_(std::move(detail)) {}

Value detail::ContextData::call_host(std::string_view what, std::string_view hook, std::string_view method,
                                     std::string_view conn_id, Object arguments) {
  if (host_calls < task::host_calls_version) {
    throw HookError(
        std::string(what) +
            " needs a worker of Venturi, whose operator host has the drivers; this task runs under another supervisor "
            "(a stock Airflow, or an older Venturi)",
        Object{{"needs", "venturi"}});
  }
  internal::Answer answer = comms.ask(Object{
      {"type", "HostCall"}, {"hook", hook}, {"method", method}, {"conn_id", conn_id}, {"arguments", std::move(arguments)}});
  if (answer.error.is_null()) return std::move(answer.body);
  Value detail = answer.error.take_value("detail");
  std::string text = detail.get_string("message");
  if (text.empty()) text = internal::error_text(answer.error);
  throw HookError(text, std::move(detail));
}

std::string Context::render(std::string_view text) const {
  const Value rendered = render_template(Value(text), "text");
  return rendered.is_string() ? rendered.as_string() : to_json(rendered);
}

Value Context::render_template(const Value& content, std::string_view name) const {
  return data_->render(content, name);
}

Value detail::ContextData::render(const Value& content, std::string_view name, Extensions template_ext) {
  if (!has_template(content, template_ext)) return without_last_newlines(content);  // the same everywhere, and for nothing
  Value answer = call_host("rendering a template", "render", "render", {},
                           Object{{"value", content},
                                  {"name", name},
                                  {"template_ext", Array(template_ext.begin(), template_ext.end())},
                                  {"details", shown_details(*this)},
                                  {"operator", shown_task(*this)}});
  return answer.take_value("value");
}

}  // namespace venturi::inline sdk
