// Carries out a command on a home, by whoever owns it: a running server gets it over the home's socket; where there is none,
// this process takes the lock and does the same on the store.
#pragma once

#include "base/result.h"
#include "home/config.h"
#include "home/home.h"
#include "venturi/value.h"

namespace venturi::server {

// `command` without its type (commands.h). A server that is just starting, or another command, is waited for.
[[nodiscard]] Result<Value> run_command(const Home& home, const Config& config, const Value& command);

}  // namespace venturi::server
