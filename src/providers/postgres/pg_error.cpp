#include "providers/postgres/pg_error.h"

#include <string_view>

namespace venturi::providers {

std::string tidy(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

std::string hint_for(const std::string& message) {
  const auto has = [&](std::string_view words) { return message.find(words) != std::string::npos; };
  if (has("Connection refused")) return " (does the server run, and is the port right?)";
  if (has("password authentication failed") || has("no password supplied"))
    return " (check login and password of the connection)";
  if (has("could not translate host name")) return " (check the host of the connection)";
  return {};
}

std::string field_of(const PGresult* result, int field) {
  const char* text = ::PQresultErrorField(result, field);
  return text == nullptr ? std::string() : tidy(text);
}

std::string error_text(const PGresult* result) {
  std::string text = tidy(::PQresultErrorMessage(result));
  if (text.empty()) return "it answered otherwise than expected";
  // What libpq itself says (the connection is gone) has none.
  if (const std::string code = field_of(result, PG_DIAG_SQLSTATE); !code.empty()) text += "\nSQLSTATE " + code;
  return text;
}

std::string notice_text(const PGresult* notice) {
  std::string text = field_of(notice, PG_DIAG_SEVERITY) + ": " + field_of(notice, PG_DIAG_MESSAGE_PRIMARY);
  for (const char field : {PG_DIAG_MESSAGE_DETAIL, PG_DIAG_MESSAGE_HINT}) {
    if (const std::string more = field_of(notice, field); !more.empty()) text += "\n" + more;
  }
  return text;
}

bool is_warning(const PGresult* notice) {
  return field_of(notice, PG_DIAG_SEVERITY_NONLOCALIZED) == "WARNING";
}

}  // namespace venturi::providers
