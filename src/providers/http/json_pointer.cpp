#include "providers/http/json_pointer.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace venturi::providers {
namespace {

std::string unescaped(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1')) {
      text += token[++i] == '0' ? '~' : '/';
    } else {
      text += token[i];
    }
  }
  return text;
}

}  // namespace

const Value* at_pointer(const Value& value, std::string_view pointer) {
  const Value* here = &value;
  while (!pointer.empty()) {
    if (pointer.front() != '/') return nullptr;
    const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
    const std::string token = unescaped(pointer.substr(1, end - 1));
    pointer.remove_prefix(end);
    if (here->is_object()) {
      here = here->as_object().find(token);
      if (here == nullptr) return nullptr;
    } else if (here->is_array()) {
      std::size_t index = 0;
      const auto [stop, error] = std::from_chars(token.data(), token.data() + token.size(), index);
      if (error != std::errc{} || stop != token.data() + token.size() || index >= here->as_array().size()) return nullptr;
      here = &here->as_array()[index];
    } else {
      return nullptr;
    }
  }
  return here;
}

}  // namespace venturi::providers
