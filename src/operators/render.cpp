#include "operators/render.h"

#include "operators/outcome.h"

namespace venturi::operators {

namespace asio = boost::asio;

namespace {

asio::awaitable<std::optional<Value>> fetch(TaskHost& host, const TaskFacts& facts, const Value& wanted) {
  if (const Value* conn_id = wanted.get("connection"))
    co_return connection_for_templates(co_await host.connection(conn_id->as_string()));
  if (const Value* key = wanted.get("variable")) {
    auto text = co_await host.variable(key->as_string());
    co_return text ? std::optional<Value>(std::move(*text)) : std::nullopt;
  }
  if (const Value* xcom = wanted.get("xcom")) co_return read_answer(co_await host.ask(message_for(*xcom)));
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

asio::awaitable<Value> call_render(HookSession& session, HookCall call) {
  if (call.method != "render") throw TaskFailed("the hook render has no method '" + call.method + "', only render");
  const std::string name = call.arguments.get_string("name", "value");
  const Value details = call.arguments.at("details"), op = call.arguments.at("operator");
  const TaskFacts facts(details);
  const auto of_templates = TemplateDetails::of(details, op);
  if (!of_templates) throw TaskFailed("the hook render was asked without the DAG's part of a template's context");
  const std::vector<Argument> declared{templated({name, ArgumentType::any})};
  Arguments arguments(declared, Value(Object{}));
  arguments.set(name, call.arguments.get_value("value"));
  TemplatedArguments templates(declared, op, *of_templates, arguments);
  co_await render_all(session.host, facts, templates);
  const Value* rendered = arguments.find(name);
  // Masked where it is shown, as the rendered fields of operators are.
  co_return Object{{"value", rendered == nullptr ? Value() : *rendered}};
}

void register_render(Registry& registry) {
  registry.add(HookEntry{"render", call_render});
}

}  // namespace venturi::operators
