// `dags validate` and `dags schema`: YAML files before a server sees them.
#include "lanes/validate.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "lanes/yaml/json_schema.h"
#include "lanes/yaml/problems.h"

namespace venturi::cli {
namespace {

Result<std::string> asked_path(const Arguments& arguments) {
  if (const auto path = arguments.maybe("path")) return *path;
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  return metadata->config.path("core.dags_folder").string();
}

std::string count(std::size_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

// People get lines that editors and terminals find the place by; programs get rows.
void print_problems(const lanes::Validation& found, const std::string& format) {
  if (format == "table") {
    for (const auto& [file, problem] : found.problems) print(printable(lanes::yaml::problem_line(file, problem), false) + "\n");
    return;
  }
  Rows rows{{"file", "line", "column", "problem", "hint"}, {}};
  for (const auto& [file, problem] : found.problems) {
    const std::string what = problem.subject.empty() ? problem.what : problem.what + ": " + problem.subject;
    rows.rows.push_back({file, problem.mark.line, problem.mark.column, what, problem.hint});
  }
  print(format_rows(rows, output_format(format)));
}

}  // namespace

Result<int> dags_validate(const Arguments& arguments) {
  const auto path = asked_path(arguments);
  if (!path) return std::unexpected(path.error());
  const auto found = lanes::validate(*path);
  if (!found) return std::unexpected(found.error());
  print_problems(*found, arguments.text("output"));
  if (!found->not_looked_at.empty()) {
    print_note("note: " + count(found->not_looked_at.size(), "C++ file") + " or folder left out, such as " +
               found->not_looked_at.front() + ": a server, and `venturi dags test`, compile them and tell what is wrong");
  }
  if (found->files == 0) print_note("note: there is no YAML file with DAGs in " + *path);
  print_note(count(found->files, "file") + ", " + count(found->dags, "DAG") + ", " + count(found->problems.size(), "problem"));
  return found->problems.empty() ? exit_done : exit_failed;
}

Result<int> dags_schema(const Arguments&) {
  print(to_json(lanes::yaml::json_schema(), 1) + "\n");
  return exit_done;
}

}  // namespace venturi::cli
