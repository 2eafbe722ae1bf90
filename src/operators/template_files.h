// Files with templates: those that arguments name (Airflow's template_ext), and those that templates include, import or extend.
// As with Jinja's FileSystemLoader their names are relative to the folders of the DAG; one with ".." is nowhere, and a slash at
// the begin counts for nothing.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "template/template.h"
#include "venturi/value.h"

namespace venturi::operators {

// What a template may have: all of it goes through the loop of a process that serves other tasks too.
constexpr std::size_t most_template_bytes = 4UL << 20U;

// The folders that files are looked for in, in this order: that of the DAG's file, or of its bundle, then its
// template_searchpath. `dag` is what templates see of it.
[[nodiscard]] std::vector<std::string> template_folders(const Value& dag);

// The files of one rendering. Pure: what is not there yet ends the rendering with a request, {"template_file": name, "folders":
// [...]}, that read_template_file() answers.
class TemplateFiles final : public templates::Loader {
 public:
  explicit TemplateFiles(std::vector<std::string> folders) : folders_(std::move(folders)) {}

  // Throws templates::NotYet; nullopt where none of the folders has it.
  [[nodiscard]] std::optional<std::string> source(std::string_view name) const override;
  // False where the request is about something else.
  [[nodiscard]] bool take_answer(const Value& request, const std::optional<Value>& answer);
  // For errors: "there is no such file in /dags/team, nor in ..."; and of a file that a template named, where it was looked
  // for.
  [[nodiscard]] std::string where_not(std::string_view name) const;
  [[nodiscard]] std::string hint() const;

 private:
  std::vector<std::string> folders_;
  std::map<std::string, std::optional<std::string>, std::less<>> known_;
};

// Blocks. What the first folder that has it has; nothing where none has. Throws as read_template().
[[nodiscard]] std::optional<Value> read_template_file(const Value& request);

// Blocks. A file's text; `what` is what errors call it. Throws TaskFailed where it cannot be read, is no file, no UTF-8, or has
// more than most_template_bytes.
[[nodiscard]] std::string read_template(const std::string& path, const std::string& what);

}  // namespace venturi::operators
