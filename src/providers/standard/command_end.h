// A command of bash's that runs for a try, to its end: what all operators that start one have in common.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/fd.h"
#include "operators/operator_try.h"
#include "providers/standard/started_bash.h"

namespace venturi::providers {

// Its status, as waitpid gives it. Where the try is cancelled, SIGTERM goes to its group, SIGKILL 600 ms later, and the
// cancellation goes on.
[[nodiscard]] boost::asio::awaitable<int> end_of_command(operators::OperatorTry& t, StartedBash started);

// A stream of the try's output for one command more: the stream's end is seen when all that write to it are closed.
[[nodiscard]] Fd duplicate_output(const Fd& fd);

}  // namespace venturi::providers
