// The YAML lane: a declarative file becomes the DAGs that it declares (yaml/dag_file.h). There is no program behind them: all
// of their tasks are built-in operators, so nothing is compiled, executed or cached.
#pragma once

#include <string>

#include "lanes/cpp/cpp_lane.h"
#include "lanes/yaml/calendar.h"

namespace venturi::lanes {

// As much of it as the lane reads, and a byte more, by which it sees that there is more.
[[nodiscard]] Result<std::string> read_dag_text(const std::string& file);

class YamlLane {
 public:
  // Absolute.
  explicit YamlLane(std::string dags_folder) : dags_folder_(std::move(dags_folder)) {}

  // By its name and text.
  [[nodiscard]] static bool is_dag_file(const std::string& file);
  // Of a file of the DAGs folder. Its problems are the result's import_errors; the program has no path.
  [[nodiscard]] Loaded load(const std::string& relative);

 private:
  std::string dags_folder_;
  yaml::Calendar calendar_;
};

}  // namespace venturi::lanes
