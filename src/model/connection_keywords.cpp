// The two key=value forms of PostgreSQL's clients.
//
//   Npgsql, ADO.NET   pairs separated by ';', keys in any case and with blanks in them, values trimmed or in ' or " (a doubled
//                     quote stands for one): learn.microsoft.com, DbConnectionStringBuilder;
//                     npgsql.org/doc/connection-string-parameters
//   libpq             pairs separated by blanks, keywords of libpq only, values plain or in ', with \ before ' and \:
//                     postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
//
// Each could take the other's separator for a part of a value. So neither takes a plain value (save a password) that looks as
// if it held further pairs; what both still understand, with different results, is refused by the caller.
#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "model/connection_forms.h"

namespace venturi {
namespace {

using connection_forms::parse_port;

std::string_view skip_blanks(std::string_view s) {
  while (!s.empty() && is_blank(s.front())) s.remove_prefix(1);
  return s;
}

// Collects the pairs of either form under libpq's keywords.
class Builder {
 public:
  // `plain`: the value was not quoted. Gives the reason where it cannot be.
  [[nodiscard]] std::optional<std::string> set(std::string_view keyword, std::string value, bool plain) {
    if (std::ranges::find(seen_, keyword) != seen_.end()) return "a key is given twice";
    seen_.emplace_back(keyword);
    if (plain && keyword != "password" && value.find_first_of("=;") != std::string::npos) {
      return "an unquoted value holds = or ;";
    }
    if (keyword == "host" && std::ranges::any_of(value, is_blank)) return "the host has a blank in it";
    if (keyword == "port") {
      connection_.port = parse_port(value);
      if (!connection_.port) return std::string(connection_forms::bad_port);
    } else if (keyword == "host") {
      connection_.host = std::move(value);
    } else if (keyword == "dbname") {
      connection_.schema = std::move(value);
    } else if (keyword == "user") {
      connection_.login = std::move(value);
    } else if (keyword == "password") {
      connection_.password = std::move(value);
    } else {
      extra_.set(keyword, std::move(value));
    }
    return std::nullopt;
  }

  [[nodiscard]] Connection finish() && {
    connection_.conn_type = "postgres";
    if (!extra_.empty()) connection_.extra = to_json(Value(std::move(extra_)));
    return std::move(connection_);
  }

 private:
  Connection connection_;
  Object extra_;
  std::vector<std::string> seen_;
};

// Npgsql's names without blanks, in lower case, and libpq's names for them.
constexpr std::pair<std::string_view, std::string_view> npgsql_keys[] = {
    {"host", "host"},
    {"server", "host"},
    {"port", "port"},
    {"database", "dbname"},
    {"db", "dbname"},
    {"username", "user"},
    {"user", "user"},
    {"userid", "user"},
    {"uid", "user"},
    {"password", "password"},
    {"pwd", "password"},
    {"psw", "password"},
    {"sslmode", "sslmode"},
    {"sslcertificate", "sslcert"},
    {"sslkey", "sslkey"},
    {"sslpassword", "sslpassword"},
    {"rootcertificate", "sslrootcert"},
    {"timeout", "connect_timeout"},
    {"applicationname", "application_name"},
    {"clientencoding", "client_encoding"},
    {"passfile", "passfile"},
    {"options", "options"},
    {"targetsessionattributes", "target_session_attrs"},
};
constexpr std::size_t npgsql_main_keys = 12;  // those before sslmode: one of them has to be there

std::string normalized_key(std::string_view key) {
  std::string normalized;
  for (const char c : key) {
    if (c != ' ') normalized += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return normalized;
}

bool is_npgsql_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' || c == '_' || c == '-';
  });
}

// Npgsql writes VerifyFull and PreferPrimary, libpq verify-full and prefer-primary.
std::string dashed(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c >= 'A' && c <= 'Z') {
      if (!out.empty() && out.back() != '-') out += '-';
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += c;
    }
  }
  return out;
}

// All of libpq 15 to 17.
constexpr std::string_view libpq_keywords[] = {"application_name",
                                               "channel_binding",
                                               "client_encoding",
                                               "connect_timeout",
                                               "dbname",
                                               "fallback_application_name",
                                               "gssdelegation",
                                               "gssencmode",
                                               "gsslib",
                                               "host",
                                               "hostaddr",
                                               "keepalives",
                                               "keepalives_count",
                                               "keepalives_idle",
                                               "keepalives_interval",
                                               "krbsrvname",
                                               "load_balance_hosts",
                                               "options",
                                               "passfile",
                                               "password",
                                               "port",
                                               "replication",
                                               "require_auth",
                                               "requirepeer",
                                               "requiressl",
                                               "service",
                                               "ssl_max_protocol_version",
                                               "ssl_min_protocol_version",
                                               "sslcert",
                                               "sslcertmode",
                                               "sslcompression",
                                               "sslcrl",
                                               "sslcrldir",
                                               "sslkey",
                                               "sslmode",
                                               "sslnegotiation",
                                               "sslpassword",
                                               "sslrootcert",
                                               "sslsni",
                                               "target_session_attrs",
                                               "tcp_user_timeout",
                                               "user"};

}  // namespace

namespace connection_forms {

Result<Connection> parse_npgsql(std::string_view text) {
  Builder builder;
  bool known = false;
  for (text = skip_blanks(text); !text.empty(); text = skip_blanks(text)) {
    if (text.front() == ';') {
      text.remove_prefix(1);
      continue;
    }
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return unfit("a part without =");
    const std::string_view key = trim(text.substr(0, equals));
    if (!is_npgsql_key(key)) return unfit("a key that is no name");
    text = skip_blanks(text.substr(equals + 1));

    std::string value;
    const bool quoted = text.starts_with('\'') || text.starts_with('"');
    if (quoted) {
      const char quote = text.front();
      std::size_t i = 1;
      for (;; ++i) {
        if (i >= text.size()) return unfit("a quote is not closed");
        if (text[i] == quote) {
          if (i + 1 >= text.size() || text[i + 1] != quote) break;
          ++i;
        }
        value += text[i];
      }
      text = skip_blanks(text.substr(i + 1));
      if (!text.empty() && text.front() != ';') return unfit("something other than ; follows a quoted value");
    } else {
      const std::size_t end = std::min(text.find(';'), text.size());
      value = trim(text.substr(0, end));
      text.remove_prefix(end);
    }

    const std::string normalized = normalized_key(key);
    if (normalized == "datasource" || normalized == "initialcatalog") return unfit("a key of SQL Server");
    const auto* at = std::ranges::find(npgsql_keys, normalized, &std::pair<std::string_view, std::string_view>::first);
    const bool is_known = at != std::end(npgsql_keys);
    known = known || (is_known && at - std::begin(npgsql_keys) < static_cast<std::ptrdiff_t>(npgsql_main_keys));
    if (normalized == "sslmode" || normalized == "targetsessionattributes") value = dashed(value);
    if (auto reason = builder.set(is_known ? at->second : key, std::move(value), !quoted)) return unfit(std::move(*reason));
  }
  if (!known) return unfit("no Host, Database, Port, Username or Password");
  return std::move(builder).finish();
}

Result<Connection> parse_libpq(std::string_view text) {
  Builder builder;
  text = skip_blanks(text);
  if (text.empty()) return unfit("no host, dbname, port, user or password");
  for (; !text.empty(); text = skip_blanks(text)) {
    std::size_t end = 0;
    while (end < text.size() && text[end] != '=' && !is_blank(text[end])) ++end;
    const std::string_view keyword = text.substr(0, end);
    text = skip_blanks(text.substr(end));
    if (!text.starts_with('=')) return unfit("a word without =");
    if (!std::ranges::binary_search(libpq_keywords, keyword)) return unfit("a word before = that is no keyword of libpq");
    text = skip_blanks(text.substr(1));

    std::string value;
    const bool quoted = text.starts_with('\'');
    std::size_t i = quoted ? 1 : 0;
    for (;; ++i) {
      if (i >= text.size()) {
        if (quoted) return unfit("a quote is not closed");
        break;
      }
      if (quoted ? text[i] == '\'' : is_blank(text[i])) break;
      if (text[i] == '\\' && i + 1 < text.size()) ++i;
      value += text[i];
    }
    text.remove_prefix(std::min(i + (quoted ? 1 : 0), text.size()));
    if (auto reason = builder.set(keyword, std::move(value), !quoted)) return unfit(std::move(*reason));
  }
  return std::move(builder).finish();
}

}  // namespace connection_forms
}  // namespace venturi
