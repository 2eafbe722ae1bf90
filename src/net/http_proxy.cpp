#include "net/http_proxy.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "net/http_url.h"

namespace venturi::net {
namespace {

// An empty variable counts as none.
std::string either(const Environment& environment, std::string name) {
  if (const auto lower = environment(name); lower && !lower->empty()) return *lower;
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return environment(name).value_or("");
}

}  // namespace

ProxyChoice proxy_from_environment(const std::string& url, const Environment& environment) {
  const auto origin = origin_of(url);
  if (!origin) return {};
  std::string proxy = either(environment, origin->scheme + "_proxy");
  if (proxy.empty()) proxy = either(environment, "all_proxy");
  if (proxy.empty()) return {};
  return {std::move(proxy), either(environment, "no_proxy")};
}

ProxyChoice proxy_from_environment(const std::string& url) {
  return proxy_from_environment(url, process_environment());
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

}  // namespace venturi::net
