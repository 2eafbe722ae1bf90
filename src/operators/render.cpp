#include "operators/render.h"

#include <utility>
#include <vector>

#include "model/dag.h"
#include "net/background.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"

namespace venturi::operators {

namespace asio = boost::asio;

namespace {

// A disk that is slow holds nobody else up.
asio::awaitable<std::optional<Value>> fetch_file(TaskHost& host, const Value& wanted) {
  const auto read = [wanted] { return read_template_file(wanted); };
  std::optional<Value> text = co_await net::in_background(read);
  if (text) host.take_memory(text->as_string().size(), "the template " + wanted.get_string("template_file"));
  co_return text;
}

asio::awaitable<std::optional<Value>> fetch(TaskHost& host, const TaskFacts& facts, const Value& wanted) {
  if (const Value* conn_id = wanted.get("connection"))
    co_return connection_for_templates(co_await host.connection(conn_id->as_string()));
  if (const Value* key = wanted.get("variable")) {
    auto text = co_await host.variable(key->as_string());
    co_return text ? std::optional<Value>(std::move(*text)) : std::nullopt;
  }
  if (const Value* xcom = wanted.get("xcom")) co_return read_answer(co_await host.ask(message_for(*xcom)));
  if (const Value* question = wanted.get("question")) co_return read_question_answer(co_await host.ask(*question));
  if (wanted.get("template_file") != nullptr) co_return co_await fetch_file(host, wanted);
  co_return co_await host.ask(previous_success(facts));
}

}  // namespace

asio::awaitable<void> render_all(TaskHost& host, const TaskFacts& facts, TemplatedArguments& templates) {
  while (const auto wanted = templates.render()) {
    std::optional<Value> found = co_await fetch(host, facts, *wanted);
    templates.answer(*wanted, std::move(found));
  }
}

asio::awaitable<std::string> render_map_index(TaskHost& host, const TaskFacts& facts, TemplatedArguments& templates) {
  std::string name;
  while (const auto wanted = templates.render_map_index(name)) {
    std::optional<Value> found = co_await fetch(host, facts, *wanted);
    templates.answer(*wanted, std::move(found));
  }
  co_return name;
}

namespace {

asio::awaitable<Value> render_value(TaskHost& host, const TaskFacts& facts, const Value& op, const TemplateDetails& details,
                                    std::string name, Value value, std::vector<std::string> template_ext = {}) {
  const std::vector<Argument> declared{templated({name, ArgumentType::any})};
  Arguments arguments(declared, Value(Object{}));
  arguments.set(name, std::move(value));
  const std::vector<std::string_view> extensions(template_ext.begin(), template_ext.end());
  TemplatedArguments templates(declared, extensions, op, details, arguments);
  co_await render_all(host, facts, templates);
  const Value* rendered = arguments.find(name);
  co_return rendered == nullptr ? Value() : *rendered;
}

[[noreturn]] void no_context(const std::string& name) {
  throw TaskFailed("the template of " + name + " cannot be rendered: its DAG or its run is gone");
}

}  // namespace

asio::awaitable<std::string> render_text(OperatorTry& t, std::string name, std::string text) {
  if (!may_be_template(text)) co_return text;
  const Value op = t.op.whole();
  const auto details = TemplateDetails::of(t.template_details, op);
  if (!details) no_context(name);
  const Value rendered = co_await render_value(t.host, t.facts, op, *details, std::move(name), std::move(text));
  co_return rendered.as_string();
}

asio::awaitable<std::string> render_text(Notification& n, std::string name, std::string text) {
  if (!may_be_template(text)) co_return text;
  const auto context = NotificationDetails::of(n);
  if (!context) no_context(name);
  const Value rendered =
      co_await render_value(n.host, context->facts, context->op, context->details, std::move(name), std::move(text));
  co_return rendered.as_string();
}

std::optional<NotificationDetails> NotificationDetails::of(const Notification& n) {
  Value op = n.context.get_value("operator");
  if (op.get("_template_context") == nullptr) return std::nullopt;
  const bool of_task = n.context.get("ti") != nullptr;
  Object details{{"ti", n.context.get_value(of_task ? "ti" : "last_ti")},
                 {"ti_context", n.context.get("ti_context") != nullptr ? n.context.at("ti_context")
                                                                       : Object{{"dag_run", n.context.get_value("dag_run")}}},
                 {"start_date", nullptr}};
  if (const std::string error = n.context.get_string("error"); !error.empty())
    details.add(of_task ? "exception" : "reason", error);
  if (details.at("ti").is_null()) {  // of a DAG of which no task ran
    details.set(
        "ti",
        Object{
            {"id", ""}, {"dag_id", n.context.get_value("dag_id")}, {"task_id", ""}, {"run_id", n.context.get_value("run_id")}});
  }
  const Value all(std::move(details));
  auto of_templates = TemplateDetails::of(all, op);
  return NotificationDetails{.op = std::move(op), .facts = TaskFacts(all), .details = *std::move(of_templates)};
}

asio::awaitable<Value> call_render(HookSession& session, HookCall call) {
  if (call.method != "render") throw TaskFailed("the hook render has no method '" + call.method + "', only render");
  const std::string name = call.arguments.get_string("name", "value");
  const Value details = call.arguments.at("details"), op = call.arguments.at("operator");
  const TaskFacts facts(details);
  const auto of_templates = TemplateDetails::of(details, op);
  if (!of_templates) throw TaskFailed("the hook render was asked without the DAG's part of a template's context");
  std::vector<std::string> template_ext;
  if (const Value* given = call.arguments.get("template_ext")) {
    for (const Value& extension : given->as_array()) template_ext.push_back(extension.as_string());
  }
  Value rendered = co_await render_value(session.host, facts, op, *of_templates, name, call.arguments.get_value("value"),
                                         std::move(template_ext));
  // Masked where it is shown, as the rendered fields of operators are.
  co_return Object{{"value", std::move(rendered)}};
}

void register_render(Registry& registry) {
  registry.add(HookEntry{"render", call_render});
}

}  // namespace venturi::operators
