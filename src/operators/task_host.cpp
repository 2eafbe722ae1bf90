#include "operators/task_host.h"

#include <cstdio>

#include "operators/host_link.h"
#include "operators/task_messages.h"

namespace venturi::operators {

namespace asio = boost::asio;

Value TaskHost::enveloped(Value message) const {
  return Object{{"type", sender_.envelope->type}, {sender_.envelope->key, sender_.id()}, {"body", std::move(message)}};
}

asio::awaitable<Value> TaskHost::ask(Value message) {
  if (closed_) throw TaskFailed("the try is over");
  const std::string type = message.get_string("type");
  const task::Frame answer = co_await link_.call(enveloped(std::move(message)));
  Value body = body_of(answer, type);
  memory_.take(bytes_of(body), "the answer to " + type);
  co_return body;
}

void TaskHost::tell(Value message) {
  if (closed_) return;
  std::string type = message.get_string("type");
  link_.request(enveloped(std::move(message)), [type = std::move(type), sender = sender_](const task::Frame& answer) {
    if (answer.error.is_null()) return;
    std::fprintf(stderr, "venturi-operators: the server refused %s of %s %s: %s\n", type.c_str(),
                 std::string(sender.envelope->key).c_str(), to_json(sender.id()).c_str(), to_json(answer.error).c_str());
  });
}

std::shared_ptr<void>& TaskHost::shared(const std::string& name) {
  return link_.shared(name);
}

asio::awaitable<Connection> TaskHost::connection(std::string conn_id) {
  const Value body = co_await ask(get_connection(conn_id));
  Connection connection = read_connection(body, conn_id);
  log_.add_secrets(connection_secrets(connection));
  co_return connection;
}

asio::awaitable<std::optional<std::string>> TaskHost::variable(std::string key) {
  const Value body = co_await ask(get_variable(key));
  std::optional<std::string> value = read_variable(body);
  if (value && is_sensitive_name(key)) log_.add_secrets(std::vector{*value});
  co_return value;
}

}  // namespace venturi::operators
