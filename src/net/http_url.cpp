#include "net/http_url.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <ranges>
#include <utility>

#include "base/percent.h"

namespace venturi::net {
namespace {

using Url = std::unique_ptr<CURLU, decltype([](CURLU* url) { ::curl_url_cleanup(url); })>;

// As browsers and Python's requests do, blanks and letters beyond ASCII are taken and encoded.
constexpr unsigned lenient = CURLU_URLENCODE | CURLU_NON_SUPPORT_SCHEME;

Url parsed(const std::string& text) {
  Url url(::curl_url());
  if (text.find('\0') != std::string::npos || ::curl_url_set(url.get(), CURLUPART_URL, text.c_str(), lenient) != CURLUE_OK)
    return {};
  return url;
}

std::string part(const Url& url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (::curl_url_get(url.get(), which, &text, flags) != CURLUE_OK) return {};
  std::string result(text);
  ::curl_free(text);
  return result;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// "a=1&b" as "a=***&b=***" would be a lie for b: a name alone may be a secret, so it becomes ***.
std::string masked_query(std::string_view query) {
  std::string masked;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view item = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const std::size_t equals = item.find('=');
    masked += masked.empty() ? "?" : "&";
    if (equals != std::string_view::npos) masked.append(item.substr(0, equals + 1));
    masked += "***";
  }
  return masked;
}

}  // namespace

std::string shown_url(const std::string& text) {
  const Url url = parsed(text);
  if (!url) return "(no URL)";
  std::string shown = part(url, CURLUPART_SCHEME) + "://" + part(url, CURLUPART_HOST);
  if (const std::string port = part(url, CURLUPART_PORT); !port.empty()) shown += ":" + port;
  const std::string path = part(url, CURLUPART_PATH);
  if (path != "/") shown += path;
  return shown + masked_query(part(url, CURLUPART_QUERY));
}

Result<Origin> origin_of(const std::string& text) {
  if (text.find("://") == std::string::npos) {
    return fail(ErrorKind::invalid, "the URL has no scheme", {}, "it has to begin with http:// or https://");
  }
  const Url url = parsed(text);
  if (!url) return fail(ErrorKind::invalid, "that is no URL", {}, "write http://host:port/path");
  Origin origin{lower(part(url, CURLUPART_SCHEME)), lower(part(url, CURLUPART_HOST)),
                part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT)};
  if (origin.scheme != "http" && origin.scheme != "https") {
    return fail(ErrorKind::invalid, "the scheme " + origin.scheme + " is not for the HTTP client", {}, "use http or https");
  }
  return origin;
}

Result<std::string> resolved_url(const std::string& base, const std::string& location) {
  const Url url = parsed(base);
  if (!url || location.find('\0') != std::string::npos ||
      ::curl_url_set(url.get(), CURLUPART_URL, location.c_str(), lenient) != CURLUE_OK) {
    return fail(ErrorKind::invalid, "the server redirects to what is no URL");
  }
  return part(url, CURLUPART_URL);
}

std::string form_encoded(const QueryItems& items) {
  std::string text;
  const auto append = [&text](std::string_view raw) {
    for (bool is_first = true; const auto word : std::views::split(raw, ' ')) {
      if (!std::exchange(is_first, false)) text += '+';
      text += percent_encoded(std::string_view(word));
    }
  };
  for (const auto& [name, value] : items) {
    if (!text.empty()) text += '&';
    append(name);
    text += '=';
    append(value);
  }
  return text;
}

std::string with_query(const std::string& url, const std::string& query) {
  if (query.empty()) return url;
  const std::size_t hash = std::min(url.find('#'), url.size());
  std::string text = url.substr(0, hash);
  if (text.find('?') == std::string::npos) {
    text += '?';
  } else if (!text.ends_with('?') && !text.ends_with('&')) {
    text += '&';
  }
  return text + query + url.substr(hash);
}

}  // namespace venturi::net
