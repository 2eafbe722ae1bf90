// Renders templates in the host: what they refer to is fetched through a task host until all is there.
#pragma once

#include <boost/asio/awaitable.hpp>

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

// The hook `render`, for tasks of DAG programs.
//   render{value, name, details: {ti, ti_context, start_date, own}, operator} ─▶ {value}
// `value` is anything that JSON is, the strings in it are templates; `name` is what errors call it.
[[nodiscard]] boost::asio::awaitable<Value> call_render(HookSession& session, HookCall call);
void register_render(Registry& registry);

}  // namespace venturi::operators
