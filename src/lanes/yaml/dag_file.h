// A YAML file of the DAGs folder: one DAG, several below `dags`, or several documents of either kind.
//
//   text ─ read_yaml ─▶ tree ─ DagBuilder ─▶ the SDK's DAG ─ its checks, serialize ─▶ serialized DAG ─ model's checks
//
// Nothing is executed, and the same text gives the same DAGs. docs/yaml.md is for those who write them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lanes/yaml/calendar.h"
#include "lanes/yaml/problems.h"
#include "venturi/value.h"

namespace venturi::lanes::yaml {

struct DagFile {
  std::vector<std::string> dag_ids;  // of those without problems, in the order of the file
  Value result;                      // Airflow's DagFileParsingResult, as a DAG program gives it
  std::vector<YamlProblem> problems;
};

struct DagFileSource {
  std::string file;         // absolute
  std::string relative;     // to the DAGs folder; as problems call it
  std::string dags_folder;  // absolute
};

[[nodiscard]] DagFile read_dag_file(std::string_view text, const DagFileSource& source, Calendar& calendar);

// Whether a file with this name and text is one of ours: .yaml or .yml, and a line that begins with `dag_id:`, `dags:`,
// `tasks:` or `task_groups:`. Others, such as those of dbt or Docker Compose, are left alone.
[[nodiscard]] bool is_dag_file(std::string_view name, std::string_view text);
[[nodiscard]] bool has_yaml_name(std::string_view name);

}  // namespace venturi::lanes::yaml
