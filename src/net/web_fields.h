// What browsers send besides a path: queries, forms and cookies.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace venturi::net {

// By name, those of one name in their order.
using WebFields = std::multimap<std::string, std::string, std::less<>>;
// application/x-www-form-urlencoded, as queries and forms are; nothing where it is not encoded as it should be, or is no UTF-8.
[[nodiscard]] std::optional<WebFields> parse_web_fields(std::string_view text);

// Of a Cookie header; empty where there is none. Of several of one name the first, which is the one of the longest path.
[[nodiscard]] std::string_view cookie_of(std::string_view header, std::string_view name);

// Whether a browser that is sent there stays at this server: a path, and nothing that it might take for another host.
[[nodiscard]] bool is_own_path(std::string_view path);

}  // namespace venturi::net
