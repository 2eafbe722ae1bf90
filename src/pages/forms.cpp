#include "pages/forms.h"

#include <algorithm>
#include <charconv>

#include "api/endpoint.h"
#include "pages/html.h"

namespace venturi::pages {

std::optional<Fields> Fields::parse(std::string_view text) {
  Fields fields;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const std::size_t equals = pair.find('=');
    auto name = api::percent_decoded(pair.substr(0, equals), true);
    auto value = api::percent_decoded(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!name || !value) return std::nullopt;
    if (!name->empty()) fields.fields_.emplace(std::move(*name), std::move(*value));
  }
  return fields;
}

std::string Fields::text(std::string_view name) const {
  const auto found = fields_.find(name);
  return found == fields_.end() ? std::string() : found->second;
}

std::vector<std::string> Fields::texts(std::string_view name) const {
  std::vector<std::string> all;
  for (auto [i, end] = fields_.equal_range(name); i != end; ++i) all.push_back(i->second);
  return all;
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

std::string cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const std::size_t end = header.find(';');
    std::string_view pair = header.substr(0, end);
    header = end == std::string_view::npos ? std::string_view() : header.substr(end + 1);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.starts_with(name) && pair.size() > name.size() && pair[name.size()] == '=')
      return std::string(pair.substr(name.size() + 1));
  }
  return {};
}

std::string own_path(std::string_view wanted) {
  const bool is_path = wanted.starts_with('/') && !wanted.starts_with("//") && !wanted.contains('\\') &&
                       std::ranges::none_of(wanted, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; });
  return is_path ? std::string(wanted) : "/";
}

std::optional<PathValues> match_path(std::string_view pattern, std::string_view path) {
  PathValues values;
  while (!pattern.empty() && !path.empty()) {
    const std::size_t pattern_end = pattern.find('/', 1), path_end = path.find('/', 1);
    const std::string_view wanted = pattern.substr(1, pattern_end == pattern.npos ? pattern.npos : pattern_end - 1),
                           given = path.substr(1, path_end == path.npos ? path.npos : path_end - 1);
    if (wanted.starts_with('{')) {
      auto value = api::percent_decoded(given, false);
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
