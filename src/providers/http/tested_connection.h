// What asks a service whether a connection is good, run to its end: `connections test` has no loop of its own.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

#include "operators/registry.h"

namespace venturi::providers {

// `checking` gives what to say of it beside Airflow's words ("arn:aws:iam::..."), and throws what is wrong. What it refers to
// outlives the call.
[[nodiscard]] operators::ConnectionTest tested(boost::asio::awaitable<std::string> checking);

}  // namespace venturi::providers
