#include "lanes/yaml/template_check.h"

#include <memory>

#include "template/template.h"

namespace venturi::lanes::yaml {

std::optional<std::string> template_problem(const std::string& text) {
  if (!text.contains("{{") && !text.contains("{%") && !text.contains("{#")) return std::nullopt;
  try {
    const templates::Template parsed(text, {}, std::make_shared<const templates::Environment>());
  } catch (const templates::TemplateError& e) {
    const bool has_lines = text.find('\n') + 1 < text.size() && text.contains('\n');
    return e.message() + (has_lines && e.line() > 0 ? ", on its line " + std::to_string(e.line()) : "");
  }
  return std::nullopt;
}

}  // namespace venturi::lanes::yaml
