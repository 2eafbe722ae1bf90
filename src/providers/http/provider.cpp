// HTTP.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>

#include "net/http_client.h"
#include "operators/registry.h"
#include "providers/http/http.h"
#include "providers/http/http_connection.h"

namespace venturi::providers {
namespace {

using operators::Argument;
using operators::ArgumentType;
using operators::templated;

std::vector<Argument> call_arguments(std::string_view data) {
  return {templated({"http_conn_id", ArgumentType::string}),
          templated({"endpoint", ArgumentType::string}),
          {"method", ArgumentType::string},
          templated({data, ArgumentType::any}),
          templated({"headers", ArgumentType::object}),
          {"extra_options", ArgumentType::object},
          {"request_kwargs", ArgumentType::object},
          {"response_check", ArgumentType::object}};
}

operators::ConnectionTest test_http(const Connection& connection) {
  constexpr std::chrono::seconds patience{15};
  constexpr std::size_t most_bytes = std::size_t{1} << 20;
  HttpConnection http = http_connection(connection, {});
  net::HttpRequest request = std::move(http.request);
  request.connect_timeout = request.idle_timeout = request.total_timeout = patience;
  set_url(request, http.settings, url_from_endpoint(http.settings.base_url, ""));
  boost::asio::io_context loop;
  net::run_http_on(loop.get_executor());
  std::optional<Result<net::HttpAnswer>> answer;
  boost::asio::co_spawn(loop, net::fetch(std::move(request), most_bytes),
                        [&](const std::exception_ptr& error, Result<net::HttpAnswer> got) {
                          if (error) std::rethrow_exception(error);
                          answer = std::move(got);
                        });
  loop.run();
  if (!*answer) return {false, answer->error().text()};
  const net::HttpHead& head = (*answer)->head;
  constexpr int first_error = 400;
  if (head.status >= first_error && http.settings.check_response)
    return {false, fmt::format("{}:{}", head.status, head.reason)};
  return {true, std::string(operators::connection_is_good)};
}

}  // namespace

void register_http(operators::Registry& registry) {
  registry.add(catalog::ProviderInfo{"http", "HTTP requests", "providers/http.md"});
  registry.add(operators::ConnectionType{
      .info = {.conn_type = "http",
               .label = "HTTP",
               .hook = "HttpHook",
               .default_conn_id = "http_default",
               .fields = {{"host", "Base URL", "https://api.example.com, or a host name beside a schema"},
                          {"schema", "Schema", "http or https, where the base URL does not say it"},
                          {"port", "Port", "", ArgumentType::integer},
                          {"login", "Login", "with the password: basic authentication"},
                          {"password", "Password", "", ArgumentType::string, true},
                          {"timeout", "Timeout", "seconds for a request", ArgumentType::number},
                          {"verify", "Verify", "false: any certificate; a path: PEM of the authorities that count",
                           ArgumentType::any},
                          {"proxies", "Proxies", "by scheme: {\"https\": \"http://proxy:3128\"}", ArgumentType::object},
                          {"check_response", "Check response", "false: error statuses are no errors", ArgumentType::boolean},
                          {"Authorization", "Header Authorization", "every other member of extra is a header of each request",
                           ArgumentType::string, true}}},
      .test = test_http});
  std::vector<Argument> call = call_arguments("data"), sensor = call_arguments("request_params"), file = call_arguments("data");
  const std::vector<Argument> of_operator{{"log_response", ArgumentType::boolean},
                                          {"retry_args", ArgumentType::object},
                                          {"pagination", ArgumentType::object},
                                          {"response_filter", ArgumentType::string},
                                          {"deferrable", ArgumentType::boolean}};
  call.insert(call.end(), of_operator.begin(), of_operator.end());
  sensor.push_back({"response_error_codes_allowlist", ArgumentType::list});
  std::erase_if(file, [](const Argument& a) { return a.name == "response_check"; });
  const std::vector<Argument> of_file{templated({"path", ArgumentType::string}),
                                      templated({"file_name", ArgumentType::string}),
                                      templated({"sha256", ArgumentType::string}),
                                      {"max_bytes", ArgumentType::integer},
                                      {"retry_args", ArgumentType::object}};
  file.insert(file.end(), of_file.begin(), of_file.end());
  registry.add(operators::OperatorEntry{.task_type = "HttpOperator", .arguments = std::move(call), .run = run_http});
  registry.add(operators::OperatorEntry{.task_type = "HttpSensor",
                                        .arguments = std::move(sensor),
                                        .poke = poke_http,
                                        .trigger = "airflow.providers.http.triggers.http.HttpSensorTrigger"});
  registry.add(
      operators::OperatorEntry{.task_type = "HttpToFileOperator", .arguments = std::move(file), .run = run_http_to_file});
  registry.add(operators::HookEntry{"http", call_http});
  registry.add(operators::NotifierEntry{.classpath = "venturi.notifiers.http.HttpNotifier",
                                        .arguments = {templated({"http_conn_id", ArgumentType::string}),
                                                      templated({"endpoint", ArgumentType::string}),
                                                      {"method", ArgumentType::string},
                                                      templated({"data", ArgumentType::any}),
                                                      templated({"json", ArgumentType::any}),
                                                      templated({"headers", ArgumentType::object}),
                                                      templated({"extra_options", ArgumentType::object})},
                                        .notify = notify_http});
}

}  // namespace venturi::providers
