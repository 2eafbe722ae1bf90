// .airflowignore, in Airflow 3's default syntax "glob", which is .gitignore's: a pattern a line, `#` comments, `!` takes back,
// `/` at the end for folders only, `/` before that ties it to the folder of the file, `*` `?` `[...]` within a name, `**`
// over folders. A file in a subfolder adds to those above it; the last pattern that fits decides.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace venturi::lanes {

class IgnorePatterns {
 public:
  // `folder`: where the file lies, relative to the DAGs folder, empty for itself.
  void add(std::string_view folder, std::string_view text);
  [[nodiscard]] bool ignores(std::string_view path, bool is_folder) const;

 private:
  struct Pattern {
    std::string prefix;  // "folder/" of its file, or empty
    std::string glob;
    bool negated = false, folders_only = false, anchored = false;
  };
  std::vector<Pattern> patterns_;
};

// One name or path against a glob as above; `*` and `?` stop at `/`.
[[nodiscard]] bool glob_fits(std::string_view glob, std::string_view path);

}  // namespace venturi::lanes
