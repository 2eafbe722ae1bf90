// What masking.h promises, written as directly as possible: the yardstick of masking_test.cpp and masking_fuzz.cpp.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/masking_forms.h"

namespace venturi {

inline std::string mask_naively(const std::vector<std::string>& secrets, std::string_view text) {
  const auto is_word = [&](std::size_t i) {
    const auto c = static_cast<unsigned char>(text[i]);
    return c >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  std::vector<std::pair<std::size_t, std::size_t>> matches;
  for (const std::string& secret : secrets) {
    for (const std::string& form : masked_forms(secret)) {
      for (std::size_t at = text.find(form); at != std::string_view::npos; at = text.find(form, at + 1)) {
        const std::size_t end = at + form.size();
        const bool field = (at == 0 || !is_word(at - 1)) && (end == text.size() || !is_word(end));
        if (field || !masked_as_field_only(secret)) matches.emplace_back(at, end);
      }
    }
  }
  std::ranges::sort(matches);
  std::string masked;
  std::size_t copied = 0;
  for (std::size_t i = 0; i < matches.size();) {
    auto [start, end] = matches[i++];
    while (i < matches.size() && matches[i].first < end) end = std::max(end, matches[i++].second);
    masked += text.substr(copied, start - copied);
    masked += "***";
    copied = end;
  }
  return masked + std::string(text.substr(copied));
}

}  // namespace venturi
