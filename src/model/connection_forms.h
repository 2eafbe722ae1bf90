// The forms of connection.h one by one. Each tells why a text is not of its form in words that hold nothing of the text.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/connection.h"

namespace venturi::connection_forms {

[[nodiscard]] inline std::unexpected<Error> unfit(std::string reason) {
  return fail(ErrorKind::invalid, std::move(reason));
}

// Does it begin with "scheme://"?
[[nodiscard]] bool looks_like_uri(std::string_view text);
[[nodiscard]] Result<Connection> parse_uri(std::string_view text);
[[nodiscard]] Result<Connection> parse_airflow_json(std::string_view conn_id, std::string_view text);
// Host=h;Database=d
[[nodiscard]] Result<Connection> parse_npgsql(std::string_view text);
// host=h dbname=d
[[nodiscard]] Result<Connection> parse_libpq(std::string_view text);

// "postgresql" is "postgres" and '-' is '_', as in Airflow; nullopt where it could not be the scheme of a URI.
[[nodiscard]] std::optional<std::string> normalize_conn_type(std::string_view conn_type);

[[nodiscard]] inline std::optional<std::int32_t> parse_port(std::string_view text) {
  std::int32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port < 1 || port > 65535) return std::nullopt;
  return port;
}

inline constexpr std::string_view bad_port = "the port is not a number from 1 to 65535";

}  // namespace venturi::connection_forms
