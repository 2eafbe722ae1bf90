// SQL operators in the operator host against a real PostgreSQL.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>

#include "providers/testing/host_program.h"
#include "servers/postgres_server.h"

namespace venturi::providers::testing {

class SqlHostTest : public HostProgramTest {
 protected:
  // One server for all tests of a suite: making a cluster takes most of a second.
  static void SetUpTestSuite() { shared() = std::make_unique<tests::PostgresServer>(); }
  static void TearDownTestSuite() { shared().reset(); }

  SqlHostTest() { connect_as("db", {}); }

  static tests::PostgresServer& server() { return *shared(); }
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
    worker.connections[conn_id] = std::move(connection);
  }
  static Object with(Object op, const Object& more) {
    for (const auto& [name, value] : more) op.set(name, value);
    return op;
  }
  static Object op_of(const std::string& type, const Object& more) {
    return with({{"task_type", type}, {"conn_id", "db"}}, more);
  }
  static Object execute(Value sql, const Object& more = {}) {
    return with(op_of("SQLExecuteQueryOperator", {{"sql", std::move(sql)}}), more);
  }

  // Starts it, and gives it its connection; then it goes on by itself.
  void begin(Object op, const operators::testing::FakeWorker::Options& options = {}) {
    worker.start(++last_, std::move(op), options);
    (void)worker.message(last_, "GetConnection");
  }
  // Runs it to its end and returns the try's number.
  std::int64_t finish(Object op, bool should_retry = true) {
    const std::int64_t number = ++last_;
    worker.start(number, std::move(op), {.should_retry = should_retry});
    (void)worker.exit(number);
    return number;
  }
  // The XCom as JSON; "error: ..." of a try that failed, "failed for good: ..." of one that is not tried again.
  std::string outcome(Object op) {
    const std::int64_t number = finish(std::move(op));
    for (const task::Frame& frame : worker.seen) {
      if (!is_of(frame, number)) continue;
      const Value& body = frame.body.at("body");
      const std::string type = body.get_string("type");
      if (type == "RetryTask") return "error: " + body.get_string("retry_reason");
      if (type == "TaskState") return body.get_string("state") + " for good: " + body.get_string("error");
      if (type == "SetXCom" && body.get_string("key") == "return_value") return to_json(body.at("value"));
    }
    return "no XCom";
  }
  std::string last_log() { return worker.log(last_); }
  [[nodiscard]] static std::string at() {
    return "PostgreSQL at 127.0.0.1:" + std::to_string(server().port()) + ", database postgres, as postgres (connection db): ";
  }
  static bool is_at_work(const std::string& mark) {
    return server().run("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%" + mark +
                        "%' AND pid <> pg_backend_pid()") != "0";
  }
  std::int64_t last_ = 0;

 private:
  static bool is_of(const task::Frame& frame, std::int64_t number) {
    return frame.body.get_string("type") == "OperatorMessage" && frame.body.at("token").as_array().at(1).as_int() == number;
  }
  static std::unique_ptr<tests::PostgresServer>& shared() {
    static std::unique_ptr<tests::PostgresServer> one;
    return one;
  }
};

}  // namespace venturi::providers::testing
