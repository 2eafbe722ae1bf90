// A program that makes a file of another one: SCRIPT ARGUMENTS... , the two paths among them. What it writes to stdout and
// stderr is in the try's log.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "operators/arguments.h"
#include "operators/operator_try.h"

namespace venturi::providers {

// Of an argument that is a text, or a list of texts and numbers. Throws TaskFailedForGood.
[[nodiscard]] std::vector<std::string> words_in(const operators::Arguments& arguments, std::string_view name);

// Throws TaskFailed where it does not end with exit code 0; where the try is cancelled, it is ended.
[[nodiscard]] boost::asio::awaitable<void> run_transform_script(operators::OperatorTry& t, std::vector<std::string> command);

}  // namespace venturi::providers
