// Options of DAGs and tasks from their descriptions.
#pragma once

#include <venturi/dag.h>
#include <venturi/sensor_options.h>

#include <string>
#include <string_view>

namespace oracle {

[[nodiscard]] venturi::Duration seconds(double s);
[[nodiscard]] venturi::DagOptions dag_options(const venturi::Value& dag, const std::string& state_folder);
[[nodiscard]] venturi::TaskOptions task_options(const venturi::Value& task, const std::string& state_folder);
[[nodiscard]] venturi::SensorOptions sensor_options(const venturi::Value& args);

}  // namespace oracle
