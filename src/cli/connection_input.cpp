#include "cli/connection_input.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cli/secret_files.h"
#include "cli/yaml.h"

namespace venturi::cli {
namespace {

constexpr std::string_view command_words = "venturi connections add";

std::unexpected<Error> usage(std::string what, std::string hint) {
  return fail(ErrorKind::invalid, std::move(what), std::string(command_words), std::move(hint));
}

constexpr std::array whole{"conn-uri", "conn-json", "conn-file"};
constexpr std::array parts{"conn-type", "conn-host", "conn-login", "conn-password", "conn-schema", "conn-port"};

Result<std::string> argument_or_stdin(const Arguments& arguments, std::string_view key) {
  const std::string text = arguments.text(key);
  return text == "-" ? read_input("-") : text;
}

Result<Connection> from_parts(const Arguments& arguments) {
  Object json;
  for (const auto& [key, member] : {std::pair{"conn-type", "conn_type"},
                                    {"conn-description", "description"},
                                    {"conn-host", "host"},
                                    {"conn-login", "login"},
                                    {"conn-schema", "schema"},
                                    {"conn-port", "port"},
                                    {"conn-extra", "extra"}}) {
    if (const auto text = arguments.maybe(key)) json.add(member, *text);
  }
  if (arguments.has("conn-password")) {
    auto password = argument_or_stdin(arguments, "conn-password");
    if (!password) return std::unexpected(std::move(password.error()));
    json.add("password", std::move(*password));
  }
  return parse_connection(arguments.text("conn_id"), to_json(json));
}

// An entry of a file: the text of a connection, or Airflow's JSON of it.
Result<Connection> from_entry(const std::string& conn_id, const Value& entry) {
  if (entry.is_string()) return parse_connection(conn_id, entry.as_string());
  // Airflow reads a list of one as its element.
  if (entry.is_array() && entry.as_array().size() == 1) return from_entry(conn_id, entry.as_array().front());
  if (!entry.is_object()) return fail(ErrorKind::invalid, "it is neither a text nor an object", "connection " + conn_id);
  Object json;
  for (const auto& [key, value] : entry.as_object()) json.set(key == "extra_dejson" ? "extra" : key, value);
  return parse_connection(conn_id, to_json(json));
}

// What Airflow's exports have of each.
Value export_value(const Connection& connection) {
  const Value all = connection_json(connection, true);
  Object json;
  for (const char* key : {"conn_type", "description", "login", "password", "host", "port", "schema"})
    json.add(key, all.at(key));
  json.add("extra", connection.extra ? Value(*connection.extra) : Value());
  return json;
}

}  // namespace

Result<void> check_connection_arguments(const Arguments& arguments) {
  const auto is_given = [&](const char* key) { return arguments.has(key); };
  const auto ways = std::ranges::count_if(whole, is_given);
  if (ways > 1) return usage("--conn-uri, --conn-json and --conn-file are three ways to say the same", "give one of them");
  if (ways == 0 && !arguments.has("conn-type")) {
    return usage("nothing says what the connection is", "give --conn-uri, --conn-json, --conn-file or --conn-type");
  }
  if (ways == 0) return {};
  const std::string way = *std::ranges::find_if(whole, is_given);
  if (const auto part = std::ranges::find_if(parts, is_given); part != parts.end()) {
    return usage("--" + way + " is all of the connection, and --" + *part + " a part of it", "leave one of them out");
  }
  if (way == "conn-json" && arguments.has("conn-extra"))
    return usage("the JSON of --conn-json holds extra already", "leave --conn-extra out");
  return {};
}

Result<Connection> connection_of(const Arguments& arguments) {
  const auto* way = std::ranges::find_if(whole, [&](const char* key) { return arguments.has(key); });
  if (way == whole.end()) return from_parts(arguments);
  auto text = std::string_view(*way) == "conn-file" ? read_input(arguments.text(*way)) : argument_or_stdin(arguments, *way);
  if (!text) return std::unexpected(std::move(text.error()));
  auto connection = parse_connection(arguments.text("conn_id"), *text);
  if (!connection) return connection;
  if (const auto description = arguments.maybe("conn-description")) connection->description = *description;
  if (const auto extra = arguments.maybe("conn-extra")) connection->extra = *extra;
  return connection;
}

Result<std::vector<Connection>> read_connection_file(const std::filesystem::path& path) {
  const auto entries = read_secret_file(path);
  if (!entries) return std::unexpected(entries.error());
  std::vector<Connection> connections;
  std::string problems;
  for (const auto& [conn_id, entry] : *entries) {
    auto connection = from_entry(conn_id, entry);
    if (connection)
      connections.push_back(std::move(*connection));
    else
      problems += "\n  " + connection.error().text();
  }
  if (!problems.empty()) return fail(ErrorKind::invalid, "nothing was imported, because of:" + problems, path.string());
  return connections;
}

std::string connection_file(const std::vector<Connection>& connections, std::string_view format,
                            std::string_view serialization) {
  if (format == "env") {
    std::string lines;
    for (const Connection& c : connections)
      lines += c.conn_id + "=" + (serialization == "json" ? to_json(export_value(c)) : connection_uri(c)) + "\n";
    return lines;
  }
  Object object;
  for (const Connection& c : connections) object.add(c.conn_id, export_value(c));
  return format == "yaml" ? to_yaml(object) : to_json(object, 2) + "\n";
}

}  // namespace venturi::cli
