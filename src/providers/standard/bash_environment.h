// The environment of a bash command, as Airflow composes it: its own variables (here a short list of them), or `env` in their
// place, or both with append_env; and always AIRFLOW_CTX_*.
#pragma once

#include <string>
#include <vector>

#include "operators/arguments.h"
#include "operators/task_messages.h"

namespace venturi::providers {

// "NAME=value". Throws TaskFailedForGood for an `env` with names or values that cannot be.
[[nodiscard]] std::vector<std::string> bash_environment(const operators::Arguments& arguments,
                                                        const operators::TaskFacts& facts, const Value& op);

}  // namespace venturi::providers
