// `venturi-operators --venturi-test-connection`: whether a connection, Airflow's JSON on stdin, can be used as it is.
#pragma once

#include <string>

#include "model/connection.h"

namespace venturi::providers {

struct ConnectionTest {
  bool is_good = false;
  std::string message;  // as Airflow's hooks say it; without the connection's secrets
};
[[nodiscard]] ConnectionTest test_connection(const Connection& connection);

// Reads it, and writes {"status": ..., "message": ...} to stdout. The exit code.
[[nodiscard]] int run_connection_test();

}  // namespace venturi::providers
