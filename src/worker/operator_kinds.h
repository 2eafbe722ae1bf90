// What the worker has to know of the built-in operators: how each is started. Made from the registry of src/providers when
// Venturi is built; both sorted.
#pragma once

#include <span>
#include <string_view>

namespace venturi::worker {

// Operators that move data: forked from the host's mover process like user tasks.
[[nodiscard]] std::span<const std::string_view> movers();
// Operators that start commands: they get a stdout and a stderr, which the worker reads into the log.
[[nodiscard]] std::span<const std::string_view> commands();

}  // namespace venturi::worker
