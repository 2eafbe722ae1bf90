// Airflow's connection URIs: Connection._parse_from_uri and Connection.get_uri of airflow/models/connection.py.
//
//   conn-type://[protocol://][login[:password]@][host][:port][/schema][?key=value&... | ?__extra__=...]
//
// Stricter than Airflow where it would silently take a part of the password for something else.
#include <algorithm>

#include "base/json.h"
#include "base/percent.h"
#include "base/text.h"
#include "model/connection_forms.h"

namespace venturi {
namespace {

constexpr std::string_view extra_key = "__extra__";

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_scheme(std::string_view s) {
  return !s.empty() && is_alpha(s.front()) && std::ranges::all_of(s, [](char c) {
    return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.' || c == '_';
  });
}

std::string lower(std::string_view s) {
  std::string out(s);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Python's unquote: what is no escape stays as it is.
std::string percent_decode(std::string_view s, bool plus_is_blank = false) {
  std::string out;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '%' && i + 2 < s.size() && hex_value(s[i + 1]) >= 0 && hex_value(s[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(s[i + 1]) * 16 + hex_value(s[i + 2]));
      i += 2;
    } else {
      out += plus_is_blank && s[i] == '+' ? ' ' : s[i];
    }
  }
  return out;
}

std::optional<std::string> unless_empty(std::string s) {
  if (s.empty()) return std::nullopt;
  return s;
}

// Cuts `s` at the first `separator`: the part before it is returned, `s` keeps what is behind (nothing where there is none).
std::string_view cut(std::string_view& s, std::string_view separator) {
  const std::size_t at = std::min(s.find(separator), s.size());
  const std::string_view before = s.substr(0, at);
  s.remove_prefix(std::min(at + separator.size(), s.size()));
  return before;
}

// Python's dict(parse_qsl(query, keep_blank_values=True)).
Object parse_query(std::string_view query) {
  Object values;
  while (!query.empty()) {
    std::string_view value = cut(query, "&");
    if (value.empty()) continue;
    const std::string_view key = cut(value, "=");
    values.set(percent_decode(key, true), percent_decode(value, true));
  }
  return values;
}

// The query that parse_query reads back to this extra; nullopt where it has other values than strings.
std::optional<std::string> extra_as_query(std::string_view extra) {
  const auto value = parse_json(extra);
  if (!value || !value->is_object() || value->as_object().empty() || value->as_object().contains(extra_key)) {
    return std::nullopt;
  }
  std::string query;
  for (const auto& [key, member] : value->as_object()) {
    if (!member.is_string()) return std::nullopt;
    if (!query.empty()) query += '&';
    query += percent_encoded(key) + '=' + percent_encoded(member.as_string());
  }
  return query;
}

}  // namespace

namespace connection_forms {

std::optional<std::string> normalize_conn_type(std::string_view conn_type) {
  if (!is_scheme(conn_type)) return std::nullopt;
  if (conn_type == "postgresql") return "postgres";
  std::string normalized(conn_type);
  std::ranges::replace(normalized, '-', '_');
  return normalized;
}

bool looks_like_uri(std::string_view text) {
  const std::size_t end = text.find("://");
  return end != std::string_view::npos && is_scheme(text.substr(0, end));
}

Result<Connection> parse_uri(std::string_view text) {
  constexpr std::string_view encode = "; characters such as @ : / ? # % are percent-encoded in the parts of a URI";
  Connection connection;
  connection.conn_type = normalize_conn_type(lower(cut(text, "://"))).value();

  if (text.find('#') != std::string_view::npos) return unfit("a URI may hold # only as %23");
  std::string_view rest = text;
  const bool has_query = text.find('?') != std::string_view::npos;
  std::string_view hierarchy = cut(rest, "?");
  const std::string_view query = rest;

  std::string protocol;
  if (hierarchy.find("://") != std::string_view::npos) {
    const std::string_view scheme = cut(hierarchy, "://");
    if (!is_scheme(scheme)) return unfit("what stands before the second :// is no protocol" + std::string(encode));
    protocol = std::string(scheme) + "://";
  }

  std::string_view path = hierarchy;
  std::string_view authority = cut(path, "/");
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    std::string_view password = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    const bool has_password = password.find(':') != std::string_view::npos;
    connection.login = unless_empty(percent_decode(cut(password, ":")));
    if (has_password) connection.password = percent_decode(password);
  } else if (path.find('@') != std::string_view::npos ||
             query.substr(0, query.find_first_of("=&")).find('@') != std::string_view::npos) {
    return unfit("the @ stands behind a / or ?" + std::string(encode));
  }

  std::string_view host;
  if (authority.starts_with('[')) {
    authority.remove_prefix(1);
    if (authority.find(']') == std::string_view::npos) return unfit("the [ of an IPv6 address is not closed");
    host = cut(authority, "]");
    if (!authority.empty() && !authority.starts_with(':')) return unfit("something other than a port follows the IPv6 address");
    authority.remove_prefix(authority.empty() ? 0 : 1);
  } else {
    host = cut(authority, ":");
  }
  if (!authority.empty()) {
    connection.port = parse_port(authority);
    if (!connection.port) return unfit(std::string(bad_port) + std::string(encode));
  }
  connection.host = unless_empty(protocol + percent_decode(host));
  connection.schema = unless_empty(percent_decode(path));

  if (has_query && !query.empty()) {
    const Object values = parse_query(query);
    if (const Value* extra = values.find(extra_key)) {
      connection.extra = unless_empty(extra->as_string());
    } else if (!values.empty()) {
      connection.extra = to_json(Value(values));
    }
  }
  return connection;
}

}  // namespace connection_forms

std::string connection_uri(const Connection& connection) {
  std::string type = lower(connection.conn_type);
  std::ranges::replace(type, '_', '-');
  std::string uri = type + "://";

  std::string_view host = connection.host ? std::string_view(*connection.host) : std::string_view();
  if (const std::size_t end = host.find("://"); end != std::string_view::npos && is_scheme(host.substr(0, end))) {
    uri += host.substr(0, end + 3);
    host.remove_prefix(end + 3);
  }
  std::string authority;
  if (connection.login) authority += percent_encoded(*connection.login);
  if (connection.password) authority += ':' + percent_encoded(*connection.password);
  if (!authority.empty()) authority += '@';
  std::string location = percent_encoded(host);
  if (connection.port) {
    if (location.empty() && authority.empty()) location += '@';
    location += ':' + std::to_string(*connection.port);
  }
  const bool has_schema = connection.schema && !connection.schema->empty();
  if (has_schema) location += '/' + percent_encoded(*connection.schema);
  uri += authority + location;
  if (connection.extra && !connection.extra->empty()) {
    const auto query = extra_as_query(*connection.extra);
    uri += has_schema ? "?" : "/?";
    uri += query ? *query : std::string(extra_key) + '=' + percent_encoded(*connection.extra);
  }
  return uri;
}

}  // namespace venturi
