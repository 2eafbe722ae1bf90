// Whether a text is a template that can be parsed: what is wrong with its language is known before it is ever rendered.
#pragma once

#include <optional>
#include <string>

namespace venturi::lanes::yaml {

// What is wrong with it, with its line where it has several; nothing where it is fine, or no template.
[[nodiscard]] std::optional<std::string> template_problem(const std::string& text);

}  // namespace venturi::lanes::yaml
