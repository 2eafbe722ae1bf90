#include "providers/test_connection.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <iterator>
#include <optional>

#include "base/json.h"
#include "base/masking.h"
#include "net/http_client.h"
#include "operators/outcome.h"
#include "operators/stop_signal.h"
#include "operators/try_log.h"
#include "providers/http/http_connection.h"
#include "providers/postgres/pg_connection.h"

namespace venturi::providers {
namespace {

constexpr const char* well = "Connection successfully tested";

ConnectionTest test_postgres(const Connection& connection) {
  const operators::StopSignal stop;
  operators::TryLog log(Fd(), connection_secrets(connection));
  PgConnection server(pg_parameters(connection, log), stop, log);
  (void)server.execute("SELECT 1");
  return {true, well};
}

ConnectionTest test_http(const Connection& connection) {
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
  return {true, well};
}

}  // namespace

ConnectionTest test_connection(const Connection& connection) {
  try {
    if (connection.conn_type == "postgres") return test_postgres(connection);
    if (connection.conn_type == "http") return test_http(connection);
    for (const char* type : {"smtp", "slack", "slackwebhook", "msteams"}) {
      if (connection.conn_type == type)
        return {false, fmt::format("Connections of type {} cannot be tested: let a task use it", type)};
    }
    return {false, fmt::format("Unknown hook type \"{}\"", connection.conn_type)};
  } catch (const std::exception& e) {
    return {false, e.what()};
  }
}

int run_connection_test() {
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  const auto given = parse_json(text);
  const auto connection = given && given->is_object() ? parse_connection(given->get_string("conn_id"), text)
                                                      : Result<Connection>(fail(ErrorKind::invalid, "no JSON object on stdin"));
  ConnectionTest test = connection ? test_connection(*connection) : ConnectionTest{false, connection.error().text()};
  if (connection) test.message = Masker(connection_secrets(*connection)).mask(test.message);
  std::cout << to_json(Value(Object{{"status", test.is_good}, {"message", test.message}})) << std::endl;
  return 0;
}

}  // namespace venturi::providers
