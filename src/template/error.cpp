#include "template/error.h"

#include <array>

namespace venturi::templates {
namespace {

constexpr std::array<std::string_view, 17> python_names = {"TemplateSyntaxError",
                                                           "TemplateAssertionError",
                                                           "TemplateRuntimeError",
                                                           "TemplateNotFound",
                                                           "UndefinedError",
                                                           "SecurityError",
                                                           "FilterArgumentError",
                                                           "TypeError",
                                                           "ValueError",
                                                           "KeyError",
                                                           "IndexError",
                                                           "AttributeError",
                                                           "ZeroDivisionError",
                                                           "OverflowError",
                                                           "LimitError",
                                                           "AirflowRuntimeError",
                                                           "AirflowNotFoundException"};

std::string with_place(const std::string& message, std::string_view template_name, int line) {
  if (line == 0) return message;
  return message + " (" + std::string(template_name) + ", line " + std::to_string(line) + ")";
}

}  // namespace

std::string_view python_name(ErrorKind kind) {
  return python_names[static_cast<std::size_t>(kind)];
}

TemplateError::TemplateError(ErrorKind kind, std::string message, std::string_view template_name, int line)
    : std::runtime_error(with_place(message, template_name, line)), kind_(kind), line_(line), message_(std::move(message)) {}

void fail(ErrorKind kind, std::string message) {
  throw TemplateError(kind, std::move(message));
}

}  // namespace venturi::templates
