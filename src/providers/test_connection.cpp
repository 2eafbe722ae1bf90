#include "providers/test_connection.h"

#include <fmt/format.h>

#include <exception>
#include <iostream>
#include <iterator>

#include "base/json.h"
#include "base/masking.h"

namespace venturi::providers {

operators::ConnectionTest test_connection(const operators::Registry& registry, const Connection& connection) {
  const operators::ConnectionType* type = registry.find_connection_type(connection.conn_type);
  if (type == nullptr) return {false, fmt::format("Unknown hook type \"{}\"", connection.conn_type)};
  if (type->test == nullptr)
    return {false, fmt::format("Connections of type {} cannot be tested: let a task use it", connection.conn_type)};
  try {
    return type->test(connection);
  } catch (const std::exception& e) {
    return {false, e.what()};
  }
}

int run_connection_test(const operators::Registry& registry) {
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  const auto given = parse_json(text);
  const auto connection = given && given->is_object() ? parse_connection(given->get_string("conn_id"), text)
                                                      : Result<Connection>(fail(ErrorKind::invalid, "no JSON object on stdin"));
  operators::ConnectionTest test =
      connection ? test_connection(registry, *connection) : operators::ConnectionTest{false, connection.error().text()};
  if (connection) test.message = Masker(connection_secrets(*connection)).mask(test.message);
  std::cout << to_json(Value(Object{{"status", test.is_good}, {"message", test.message}})) << std::endl;
  return 0;
}

}  // namespace venturi::providers
