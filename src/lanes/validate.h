// `venturi dags validate`: what the DAG processor would say of the YAML files of a folder, without a server, a home or a
// program being started.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/yaml.h"

namespace venturi::lanes {

struct FileProblem {
  std::string file;  // as it was found: below the path that was asked for
  YamlProblem problem;
};

struct Validation {
  std::size_t files = 0, dags = 0;  // of YAML, and those of their DAGs that are fine
  std::vector<FileProblem> problems;
  std::vector<std::string> not_looked_at;  // C++ sources and bundles: whether they are right their compiler knows
};

// A file, or a folder with all that is below it, as a DAGs folder is gone through: without hidden files and what .airflowignore
// names. An error where the path does not exist or cannot be read.
[[nodiscard]] Result<Validation> validate(const std::string& path);

}  // namespace venturi::lanes
