// Renders templates in the host: what they refer to is fetched through a task host until all is there.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "operators/hook_session.h"
#include "operators/registry.h"
#include "operators/task_host.h"
#include "operators/task_messages.h"
#include "operators/templates.h"

namespace venturi::operators {

// All of it outlives the call. Throws as TemplatedArguments::render().
[[nodiscard]] boost::asio::awaitable<void> render_all(TaskHost& host, const TaskFacts& facts, TemplatedArguments& templates);

// The name of a mapped task's instance; empty where it has no map_index_template.
[[nodiscard]] boost::asio::awaitable<std::string> render_map_index(TaskHost& host, const TaskFacts& facts,
                                                                   TemplatedArguments& templates);

// A text that no argument gave (a template of its connection), with the context of the try, or of what a notification is about.
// `name` is what errors call it. Throws as above, and where the server knew no context any more. The operator's entry has to
// say keeps_context.
[[nodiscard]] boost::asio::awaitable<std::string> render_text(OperatorTry& t, std::string name, std::string text);
[[nodiscard]] boost::asio::awaitable<std::string> render_text(Notification& n, std::string name, std::string text);

// A notification's own details: of the task that it is about, or, of a DAG, of the task that ended last. Nothing where the
// server sent no context.
struct NotificationDetails {
  static std::optional<NotificationDetails> of(const Notification& n);
  Value op;
  TaskFacts facts;
  TemplateDetails details;
};

// The hook `render`, for tasks of DAG programs.
//   render{value, name, template_ext, details: {ti, ti_context, start_date, own}, operator} ─▶ {value}
// `value` is anything that JSON is, the strings in it are templates, or names of files with them where they end with one of
// `template_ext`; `name` is what errors call it.
[[nodiscard]] boost::asio::awaitable<Value> call_render(HookSession& session, HookCall call);
void register_render(Registry& registry);

}  // namespace venturi::operators
