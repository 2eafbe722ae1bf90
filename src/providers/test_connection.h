// `venturi-operators --venturi-test-connection`: whether a connection, Airflow's JSON on stdin, can be used as it is.
#pragma once

#include "model/connection.h"
#include "operators/registry.h"

namespace venturi::providers {

[[nodiscard]] operators::ConnectionTest test_connection(const operators::Registry& registry, const Connection& connection);

// Reads it, and writes {"status": ..., "message": ...} to stdout. The exit code.
[[nodiscard]] int run_connection_test(const operators::Registry& registry);

}  // namespace venturi::providers
