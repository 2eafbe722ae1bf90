// Callbacks that write what they were told into a file of the DAG, a line of JSON each.
#pragma once

#include <venturi/dag.h>

#include <string>

namespace oracle {

[[nodiscard]] venturi::Callback task_callback(const std::string& event, const std::string& state_folder);
[[nodiscard]] venturi::Callback dag_callback(const std::string& event, const std::string& state_folder);

}  // namespace oracle
