// `connections`.
#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "base/event_loop.h"
#include "cli/connection_input.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "cli/secret_files.h"
#include "server/command_client.h"
#include "server/connection_tests.h"
#include "server/lookups.h"
#include "server/server.h"

extern char** environ;

namespace venturi::cli {
namespace {

Rows rows_of(const std::vector<Connection>& connections) {
  Rows rows{{"conn_id", "conn_type", "description", "host", "schema", "login", "password", "port", "extra"}, {}};
  for (const Connection& connection : connections) {
    const Value json = connection_json(connection, false);
    auto& row = rows.rows.emplace_back();
    for (const std::string& column : rows.columns) row.push_back(json.at(column));
  }
  return rows;
}

Error no_such_connection(const std::string& conn_id) {
  return {ErrorKind::not_found, "there is no connection " + conn_id, "",
          "see: venturi connections list; add it with: venturi connections add " + conn_id + " --conn-uri -"};
}

Array as_json(const std::vector<Connection>& connections) {
  Array list;
  for (const Connection& connection : connections) list.push_back(connection_json(connection, true));
  return list;
}

Result<void> add(const OpenedHome& opened, const std::vector<Connection>& connections, bool replace) {
  const auto done =
      server::run_command(opened.home, opened.config,
                          Object{{"command", "connections add"}, {"connections", as_json(connections)}, {"replace", replace}});
  if (!done) return std::unexpected(done.error());
  return {};
}

// The format that --file-format or the file's name says.
Result<std::string> export_format(const Arguments& arguments) {
  std::string format = arguments.text("file-format");
  if (format.empty()) {
    const std::string file = arguments.text("file");
    if (file.ends_with(".json"))
      format = "json";
    else if (file.ends_with(".yaml") || file.ends_with(".yml"))
      format = "yaml";
    else if (file.ends_with(".env"))
      format = "env";
    else {
      return fail(ErrorKind::invalid, "the file's name does not end with .json, .yaml, .yml or .env",
                  "venturi connections export " + file, "say what it is to hold: --file-format json");
    }
  }
  if (format != "env" && arguments.has("serialization-format")) {
    return fail(ErrorKind::invalid, "--serialization-format is for env files only", "venturi connections export",
                "leave it out");
  }
  return format;
}

}  // namespace

Result<int> connections_list(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  auto connections = metadata->reader().connections();
  if (!connections) return std::unexpected(std::move(connections.error()));
  if (const auto conn_id = arguments.maybe("conn-id")) {
    std::erase_if(*connections, [&](const Connection& c) { return c.conn_id != *conn_id; });
  }
  print(format_rows(rows_of(*connections), output_format(arguments.text("output"))));
  return exit_done;
}

Result<int> connections_get(const Arguments& arguments) {
  const std::string conn_id = arguments.text("conn_id");
  auto metadata = open_metadata();
  if (!metadata && metadata.error().kind != ErrorKind::not_found) return std::unexpected(std::move(metadata.error()));
  std::vector<store::Reader*> readers;
  if (metadata) readers.push_back(&metadata->reader());
  const auto connection = server::Lookups(environ, std::move(readers)).connection(conn_id);
  if (!connection) return std::unexpected(connection.error());
  if (!*connection) return std::unexpected(metadata ? no_such_connection(conn_id) : std::move(metadata.error()));
  print(format_rows(rows_of({**connection}), output_format(arguments.text("output"))));
  return exit_done;
}

Result<void> check_connections_add(const Arguments& arguments) {
  return check_connection_arguments(arguments);
}

Result<int> connections_add(const Arguments& arguments) {
  const auto connection = connection_of(arguments);
  if (!connection) return std::unexpected(connection.error());
  const auto opened = open_or_make_home();
  if (!opened) return std::unexpected(opened.error());
  if (auto added = add(*opened, {*connection}, false); !added) return std::unexpected(std::move(added.error()));
  print("Successfully added `conn_id`=" + connection->conn_id + "\n");
  return exit_done;
}

Result<int> connections_delete(const Arguments& arguments) {
  const auto opened = open_or_make_home();
  if (!opened) return std::unexpected(opened.error());
  const std::string conn_id = arguments.text("conn_id");
  const auto done =
      server::run_command(opened->home, opened->config, Object{{"command", "connections delete"}, {"conn_id", conn_id}});
  if (!done) return std::unexpected(done.error());
  print("Successfully deleted connection with `conn_id`=" + conn_id + "\n");
  return exit_done;
}

Result<int> connections_import(const Arguments& arguments) {
  auto connections = read_connection_file(arguments.text("file"));
  if (!connections) return std::unexpected(std::move(connections.error()));
  const auto opened = open_or_make_home();
  if (!opened) return std::unexpected(opened.error());
  const bool overwrite = arguments.has("overwrite");
  if (!overwrite) {
    // Left as they are; one that comes in between refuses the whole import.
    const auto metadata = server::open_reader(opened->home, opened->config);
    if (!metadata && metadata.error().kind != ErrorKind::not_found) return std::unexpected(metadata.error());
    std::vector<Connection> stored;
    if (metadata) {
      auto read = metadata->reader->connections();
      if (!read) return std::unexpected(std::move(read.error()));
      stored = std::move(*read);
    }
    std::erase_if(*connections, [&](const Connection& c) {
      const bool exists = std::ranges::find(stored, c.conn_id, &Connection::conn_id) != stored.end();
      if (exists) print_note("note: connection " + c.conn_id + " is there already and stays as it is; --overwrite replaces it");
      return exists;
    });
  }
  if (!connections->empty()) {
    if (auto added = add(*opened, *connections, overwrite); !added) return std::unexpected(std::move(added.error()));
  }
  for (const Connection& connection : *connections) print("Imported connection " + connection.conn_id + "\n");
  return exit_done;
}

Result<void> check_connections_export(const Arguments& arguments) {
  auto format = export_format(arguments);
  if (!format) return std::unexpected(std::move(format.error()));
  return {};
}

Result<int> connections_export(const Arguments& arguments) {
  const std::string file = arguments.text("file");
  if (auto fit = check_secret_target(file); !fit) return std::unexpected(std::move(fit.error()));
  const auto format = export_format(arguments);
  if (!format) return std::unexpected(format.error());
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  auto connections = metadata->reader().connections();
  if (!connections) return std::unexpected(std::move(connections.error()));
  std::ranges::sort(*connections, {}, &Connection::conn_id);
  if (auto written = write_secret_file(file, connection_file(*connections, *format, arguments.text("serialization-format")));
      !written) {
    return std::unexpected(std::move(written.error()));
  }
  print(std::to_string(connections->size()) + " connections successfully exported to " + file + ".\n");
  return exit_done;
}

// By this process, so that it needs no server; the operators' program knows the systems.
Result<int> connections_test(const Arguments& arguments) {
  const std::string conn_id = arguments.text("conn_id");
  auto metadata = open_metadata();
  if (!metadata && metadata.error().kind != ErrorKind::not_found) return std::unexpected(std::move(metadata.error()));
  std::vector<store::Reader*> readers;
  if (metadata) readers.push_back(&metadata->reader());
  const auto connection = server::Lookups(environ, std::move(readers)).connection(conn_id);
  if (!connection) return std::unexpected(connection.error());
  if (!*connection) return fail(ErrorKind::not_found, "there is no connection " + conn_id, "", "see: venturi connections list");
  print("Testing connection " + conn_id + " of type " + (*connection)->conn_type + "\n");
  EventLoop loop;
  server::ConnectionTests tests(loop, server::program_beside_this("venturi-operators"));
  std::optional<Result<Value>> outcome;
  loop.post([&] {
    tests.run(connection_json(**connection, true), [&](Result<Value> result) {
      outcome = std::move(result);
      loop.stop();
    });
  });
  loop.run();
  if (!*outcome) return std::unexpected(outcome->error());
  const bool is_good = (*outcome)->get_bool("status");
  print(std::string("Connection ") + (is_good ? "success" : "failed") + "!\n" +
        printable((*outcome)->get_string("message"), true) + "\n");
  return is_good ? exit_done : exit_failed;
}

}  // namespace venturi::cli
