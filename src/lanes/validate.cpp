#include "lanes/validate.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "lanes/cache_file.h"
#include "lanes/ignore_file.h"
#include "lanes/project_folder.h"
#include "lanes/yaml/dag_file.h"
#include "lanes/yaml_lane.h"

namespace venturi::lanes {
namespace {

namespace fs = std::filesystem;

class Validator {
 public:
  explicit Validator(fs::path root) : root_(std::move(root)) {}

  Result<void> read_folder(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::directory_entry> entries;
    for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error)) entries.push_back(*i);
    if (error) return fail(ErrorKind::unavailable, "cannot be read: " + error.message(), folder.string());
    std::ranges::sort(entries, {}, [](const fs::directory_entry& entry) { return entry.path(); });
    const std::string below = relative(folder);
    if (const auto ignored = read_file((folder / ".airflowignore").string())) ignored_.add(below == "." ? "" : below, *ignored);
    const bool is_project = std::ranges::any_of(entries, [&](const fs::directory_entry& entry) {
      const std::string name = entry.path().filename().string();
      return name == bundle_file || name == cmake_file;
    });
    if (is_project && folder != root_) {  // it is one program: what else lies there is no DAG file
      found.not_looked_at.push_back(folder.string());
      return {};
    }
    for (const fs::directory_entry& entry : entries) {
      const bool is_folder = entry.is_directory(error);
      if (entry.path().filename().string().starts_with('.') || ignored_.ignores(relative(entry.path()), is_folder)) continue;
      if (is_folder) {
        if (auto read = read_folder(entry.path()); !read) return read;
      } else if (entry.is_regular_file(error)) {
        look_at(entry.path().string());
      }
    }
    return {};
  }

  // Every YAML file that one names is meant to be one of ours.
  void look_at(const std::string& file, bool is_named = false) {
    if (yaml::has_yaml_name(file)) {
      const auto text = read_dag_text(file);
      if (!text) {
        found.problems.push_back({file, {{1, 1}, text.error().what, text.error().hint, {}}});
      } else if (is_named || yaml::is_dag_file(file, *text)) {
        read_yaml_file(file, *text);
      }
    } else if (CppLane::kind_of(file) != CppLane::Kind::none) {
      found.not_looked_at.push_back(file);
    }
  }

  Validation found;

 private:
  [[nodiscard]] std::string relative(const fs::path& path) const { return path.lexically_relative(root_).string(); }

  void read_yaml_file(const std::string& file, const std::string& text) {
    ++found.files;
    yaml::DagFile read = yaml::read_dag_file(text, {file, file, root_.string()}, calendar_);
    for (YamlProblem& problem : read.problems) found.problems.push_back({file, std::move(problem)});
    for (const std::string& dag_id : read.dag_ids) {
      ++found.dags;
      const auto [first, is_new] = file_of_.emplace(dag_id, file);
      if (!is_new)
        found.problems.push_back(
            {file,
             {{1, 1}, "the dag_id `" + dag_id + "` is that of a DAG in " + first->second, "give each an id of its own", {}}});
    }
  }

  fs::path root_;
  IgnorePatterns ignored_;
  yaml::Calendar calendar_;
  std::map<std::string, std::string> file_of_;
};

}  // namespace

Result<Validation> validate(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return fail(ErrorKind::not_found, "there is no such file or folder", path);
  fs::path root(path);
  if (!root.has_filename()) root = root.parent_path();
  if (!fs::is_directory(status)) {
    Validator validator(root.parent_path());
    validator.look_at(path, true);
    return std::move(validator.found);
  }
  Validator validator(root);
  if (auto read = validator.read_folder(root); !read) return std::unexpected(std::move(read.error()));
  return std::move(validator.found);
}

}  // namespace venturi::lanes
