// Operators that move data from and to a real PostgreSQL.
#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <memory>
#include <string>

#include "providers/testing/host_program.h"
#include "servers/postgres_server.h"
#include "venturi/run_file.h"

namespace venturi::providers::testing {

class PgMoverTest : public MoverProgramTest {
 protected:
  // One server for all tests of a suite: making a cluster takes most of a second.
  static void SetUpTestSuite() { shared() = std::make_unique<tests::PostgresServer>(); }
  static void TearDownTestSuite() { shared().reset(); }

  PgMoverTest() { connect_as("db", {}); }

  static tests::PostgresServer& server() { return *shared(); }
  // The first value of a query.
  static std::string sql(const std::string& query) { return server().run(query); }
  // All rows as "(a,b) (c,)": PostgreSQL's text of rows, which leaves nulls empty.
  static std::string rows(const std::string& query) {
    return sql("SELECT coalesce(string_agg(r::text, ' '), '') FROM (" + query + ") AS r");
  }
  void connect_as(const std::string& conn_id, const Object& changes) {
    Object connection{{"type", "ConnectionResult"},
                      {"conn_id", conn_id},
                      {"conn_type", "postgres"},
                      {"host", "127.0.0.1"},
                      {"schema", "postgres"},
                      {"login", "postgres"},
                      {"password", server().password()},
                      {"port", server().port()},
                      {"extra", nullptr}};
    for (const auto& [name, value] : changes) connection.set(name, value);
    connections[conn_id] = std::move(connection);
  }
  static Object op_of(const std::string& type, const Object& more) {
    Object op{{"task_type", type}, {"conn_id", "db"}};
    for (const auto& [name, value] : more) op.set(name, value);
    return op;
  }
  // The XCom as JSON; "error: ..." of a try that failed, "failed for good: ..." of one that is not tried again.
  std::string outcome(Object op) {
    last = run(std::move(op));
    return outcome_of(last);
  }
  static std::string outcome_of(const Moved& moved) {
    if (!moved.error().empty()) return "error: " + moved.error();
    const Value state = moved.message("TaskState");
    if (!state.is_null()) return state.get_string("state") + " for good: " + state.get_string("error");
    return moved.xcom().is_null() ? "no XCom" : to_json(moved.xcom());
  }
  [[nodiscard]] static std::string at() {
    return "PostgreSQL at 127.0.0.1:" + std::to_string(server().port()) + ", database postgres, as postgres (connection db): ";
  }
  // The names of what is in the test's folder.
  std::vector<std::string> files() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) names.push_back(entry.path().filename());
    return names;
  }

  Moved last;

 private:
  static std::unique_ptr<tests::PostgresServer>& shared() {
    static std::unique_ptr<tests::PostgresServer> one;
    return one;
  }
};

}  // namespace venturi::providers::testing
