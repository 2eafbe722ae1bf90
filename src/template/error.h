// What can go wrong in a template. One exception type; its kind is the exception that Python would raise, since that is what
// users of Jinja search for and what our tests compare.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace venturi::templates {

enum class ErrorKind : std::uint8_t {
  syntax,
  assertion,  // found when the template is compiled: a filter or test that does not exist, a block defined twice
  runtime,
  no_template,
  undefined,
  security,
  filter_argument,
  type,
  value,
  key,
  index,
  attribute,
  zero_division,
  overflow,
  limit,  // ours: the template asked for more than Limits allows
  airflow_runtime,
  airflow_not_found,
};

// "UndefinedError": the name of the Python class.
[[nodiscard]] std::string_view python_name(ErrorKind kind);

class TemplateError : public std::runtime_error {
 public:
  // Thrown by functions that do not know where they are called; the evaluator adds the place.
  TemplateError(ErrorKind kind, std::string message) : TemplateError(kind, std::move(message), {}, 0) {}
  TemplateError(ErrorKind kind, std::string message, std::string_view template_name, int line);

  [[nodiscard]] ErrorKind kind() const { return kind_; }
  // Without the place; what() has both: "'x' is undefined (template of bash_command, line 2)".
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] int line() const { return line_; }  // 0: not known (yet)

 private:
  ErrorKind kind_;
  int line_;
  std::string message_;
};

[[noreturn]] void fail(ErrorKind kind, std::string message);

}  // namespace venturi::templates
