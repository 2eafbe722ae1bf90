// URLs as the HTTP client needs them; libcurl's parser does the work.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace venturi::net {

// For people: without user, password and fragment, and with *** for the values of its query. What is no URL is "(no URL)".
[[nodiscard]] std::string shown_url(const std::string& url);

struct Origin {
  std::string scheme, host, port;  // lower case; the port always
  friend bool operator==(const Origin&, const Origin&) = default;
};
// The error says what is wrong without repeating the text.
[[nodiscard]] Result<Origin> origin_of(const std::string& url);
// What `location` means for one who is at `base`.
[[nodiscard]] Result<std::string> resolved_url(const std::string& base, const std::string& location);

using QueryItems = std::vector<std::pair<std::string, std::string>>;
// application/x-www-form-urlencoded, as Python's urlencode() writes it.
[[nodiscard]] std::string form_encoded(const QueryItems& items);
// The URL with more of a query, before its fragment; an empty query changes nothing.
[[nodiscard]] std::string with_query(const std::string& url, const std::string& query);

}  // namespace venturi::net
