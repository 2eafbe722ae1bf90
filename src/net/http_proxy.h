// Which proxy the environment names for a URL, as Python's requests reads it (trust_env): HTTP_PROXY, HTTPS_PROXY and ALL_PROXY
// in lower case before upper case, and NO_PROXY.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace venturi::net {

struct ProxyChoice {
  std::string proxy, no_proxy;  // of HttpRequest; no proxy: empty
};
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
// Of this process.
[[nodiscard]] Environment process_environment();

[[nodiscard]] ProxyChoice proxy_from_environment(const std::string& url);
[[nodiscard]] ProxyChoice proxy_from_environment(const std::string& url, const Environment& environment);

}  // namespace venturi::net
