#include "pages/forms.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/percent.h"

namespace venturi::pages {

std::optional<Fields> Fields::parse(std::string_view text) {
  auto parsed = net::parse_web_fields(text);
  if (!parsed) return std::nullopt;
  Fields fields;
  fields.fields_ = std::move(*parsed);
  return fields;
}

std::string Fields::text(std::string_view name) const {
  const auto found = fields_.find(name);
  return found == fields_.end() ? std::string() : found->second;
}

std::string Fields::lines(std::string_view name) const {
  std::string lines = text(name);
  std::erase(lines, '\r');
  return lines;
}

std::int64_t Fields::number(std::string_view name, std::int64_t otherwise) const {
  const std::string given = text(name);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), value);
  return error == std::errc() && end == given.data() + given.size() && value >= 0 ? value : otherwise;
}

void Fields::set(std::string name, std::string value) {
  fields_.erase(name);
  fields_.emplace(std::move(name), std::move(value));
}

std::string Fields::query(std::initializer_list<std::string_view> without) const {
  std::string out;
  for (const auto& [name, value] : fields_) {
    if (std::ranges::find(without, name) != without.end() || value.empty()) continue;
    out += (out.empty() ? "" : "&") + percent_encoded(name) + "=" + percent_encoded(value);
  }
  return out;
}

std::string own_path(const std::string& wanted) {
  return net::is_own_path(wanted) ? wanted : "/";
}

std::optional<PathValues> match_path(std::string_view pattern, std::string_view path) {
  PathValues values;
  while (!pattern.empty() && !path.empty()) {
    const std::size_t pattern_end = pattern.find('/', 1), path_end = path.find('/', 1);
    const std::string_view wanted = pattern.substr(1, pattern_end == pattern.npos ? pattern.npos : pattern_end - 1),
                           given = path.substr(1, path_end == path.npos ? path.npos : path_end - 1);
    if (wanted.starts_with('{')) {
      auto value = percent_decoded(given, false);
      if (!value || value->empty()) return std::nullopt;
      values.emplace(wanted.substr(1, wanted.size() - 2), std::move(*value));
    } else if (wanted != given) {
      return std::nullopt;
    }
    pattern = pattern_end == pattern.npos ? std::string_view() : pattern.substr(pattern_end);
    path = path_end == path.npos ? std::string_view() : path.substr(path_end);
  }
  return pattern.empty() && path.empty() ? std::optional(std::move(values)) : std::nullopt;
}

}  // namespace venturi::pages
