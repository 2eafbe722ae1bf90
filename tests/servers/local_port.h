// Whether a server of this machine is up already: for those that say nothing when they are.
#pragma once

namespace venturi::tests {

// Whether somebody takes connections on the port of the loopback address.
[[nodiscard]] bool listens(int port);

}  // namespace venturi::tests
