// Where a download goes, and its writing beside the loop: what all operators that make a file of an answer have in common.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>

#include "operators/arguments.h"
#include "operators/operator_try.h"

namespace venturi::providers {

// The argument `path`, or a file of the run named by `file_name` (the task_id).
[[nodiscard]] std::string target_path(const operators::OperatorTry& t, const operators::Arguments& arguments);

// In a thread beside the loop; what goes wrong with the disk may be well the next time: TaskFailed.
[[nodiscard]] boost::asio::awaitable<void> beside(std::function<void()> work);

}  // namespace venturi::providers
