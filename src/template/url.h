// URLs in text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace venturi::templates {

// Everything but letters, digits, _.-~ and what is in `safe` as %XX; blanks as + where it is asked for.
[[nodiscard]] std::string url_quote(std::string_view text, std::string_view safe, bool plus);

struct UrlizeOptions {
  std::optional<std::size_t> limit;  // of the text that is shown
  std::string rel, target;
};
// `text`, escaped, with its URLs and mail addresses as links.
[[nodiscard]] std::string urlize(std::string_view text, const UrlizeOptions& options);

}  // namespace venturi::templates
