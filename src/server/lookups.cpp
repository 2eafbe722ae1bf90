#include "server/lookups.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

namespace venturi::server {

namespace {

std::string variable_name(std::string_view prefix, std::string_view name) {
  std::string text(prefix);
  for (const char c : name) text += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

Lookups::Lookups(const char* const* environment, std::vector<store::Reader*> readers)
    : environment_(environment), readers_(std::move(readers)) {}

std::optional<std::string> Lookups::from_environment(std::string_view prefix, std::string_view name) const {
  const std::string wanted = variable_name(prefix, name) + "=";
  for (const char* const* entry = environment_; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (text.starts_with(wanted)) return std::string(text.substr(wanted.size()));
  }
  return std::nullopt;
}

Result<std::optional<Connection>> Lookups::connection(std::string_view conn_id) const {
  if (const auto text = from_environment("AIRFLOW_CONN_", conn_id)) {
    auto parsed = parse_connection(conn_id, *text);
    if (!parsed) {
      parsed.error().where = "environment variable " + variable_name("AIRFLOW_CONN_", conn_id);
      return std::unexpected(std::move(parsed.error()));
    }
    return std::optional(std::move(*parsed));
  }
  for (store::Reader* reader : readers_) {
    auto found = reader->connection(conn_id);
    if (!found || *found) return found;
  }
  return std::optional<Connection>();
}

Result<std::optional<std::string>> Lookups::variable(std::string_view key) const {
  if (auto text = from_environment("AIRFLOW_VAR_", key)) return text;
  for (store::Reader* reader : readers_) {
    auto found = reader->variable(key);
    if (!found) return std::unexpected(std::move(found.error()));
    if (*found) return std::optional(std::move((*found)->value));
  }
  return std::optional<std::string>();
}

Result<std::vector<std::string>> Lookups::variable_keys() const {
  std::set<std::string> keys;
  for (store::Reader* reader : readers_) {
    auto rows = reader->variables();
    if (!rows) return std::unexpected(std::move(rows.error()));
    for (auto& row : *rows) keys.insert(std::move(row.key));
  }
  return std::vector<std::string>(keys.begin(), keys.end());
}

}  // namespace venturi::server
