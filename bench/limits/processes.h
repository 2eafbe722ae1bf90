#pragma once

#include <string>
#include <vector>

#include "measure.h"

namespace venturi::bench {

// Makes a copy of this process that ends at once, and waits for it.
void fork_and_wait();

// Starts a command, waits for its end, and throws where it did not end well.
void spawn_and_wait(const std::vector<std::string>& command);

}  // namespace venturi::bench
