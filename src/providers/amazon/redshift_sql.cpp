#include "providers/amazon/redshift_sql.h"

#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace venturi::providers {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t shortest_fragment = 6;

std::string as_literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += c;
    out += c;
  }
  return out + "'";
}

// An identifier as the catalog has it: names without quotes are in lower case there.
std::string in_catalog(std::string_view name) {
  if (name.size() > 1 && name.front() == '"' && name.back() == '"') return std::string(name.substr(1, name.size() - 2));
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// Airflow takes a query whose quotes somebody has doubled, ''open'', for one without that. Here it is so only of plain words:
// in a = '' OR b = '' nothing is doubled.
std::string unescaped(std::string_view query) {
  const auto is_plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || "-_:./%"sv.contains(c); };
  std::string out;
  while (!query.empty()) {
    const std::size_t begin = query.find("''");
    out += query.substr(0, begin);
    if (begin == std::string_view::npos) break;
    query.remove_prefix(begin + 2);
    const auto end = static_cast<std::size_t>(std::ranges::find_if_not(query, is_plain) - query.begin());
    const bool is_escaped = end > 0 && query.substr(end).starts_with("''");
    out += is_escaped ? fmt::format("'{}'", query.substr(0, end)) : "''";
    if (is_escaped) query.remove_prefix(end + 2);
  }
  return out;
}

// Credentials on a line of their own: where an error shows the line that it is about, that is hardly ever theirs.
std::string copy_text(const CopyStatement& copy, const std::string& destination) {
  std::string sql = "COPY " + destination;
  if (!copy.columns.empty()) sql += fmt::format(" ({})", fmt::join(copy.columns, ", "));
  sql += fmt::format("\nFROM {}\nCREDENTIALS\n{}", as_literal("s3://" + copy.bucket + "/" + copy.key),
                     as_literal(copy.credentials));
  if (!copy.region.empty()) sql += "\nREGION " + as_literal(copy.region);
  for (const std::string& option : copy.options) sql += "\n" + option;
  return sql;
}

}  // namespace

std::string credentials_clause(const AwsCredentials& credentials) {
  std::string clause =
      fmt::format("aws_access_key_id={};aws_secret_access_key={}", credentials.access_key_id, credentials.secret_access_key);
  if (!credentials.session_token.empty()) clause += ";token=" + credentials.session_token;
  return clause;
}

std::string credentials_clause_of_role(std::string_view role_arn) {
  return fmt::format("aws_iam_role={}", role_arn);
}

std::vector<std::string> copy_statements(const CopyStatement& copy, CopyMethod method, const std::vector<std::string>& keys) {
  const std::string into = copy.table.text();
  switch (method) {
    case CopyMethod::append:
      return {copy_text(copy, into)};
    case CopyMethod::replace:
      return {"DELETE FROM " + into, copy_text(copy, into)};
    case CopyMethod::upsert:
      break;
  }
  // Of this session alone. A name of its own: a temporary table hides one of the same name.
  const std::string staging = "venturi_staging_of_this_copy";
  std::vector<std::string> same;
  for (const std::string& key : keys) same.push_back(fmt::format("{}.{} = {}.{}", copy.table.table, key, staging, key));
  return {fmt::format("CREATE TEMPORARY TABLE {} (LIKE {} INCLUDING DEFAULTS)", staging, into), copy_text(copy, staging),
          fmt::format("DELETE FROM {} USING {} WHERE {}", into, staging, fmt::join(same, " AND ")),
          fmt::format("INSERT INTO {} SELECT * FROM {}", into, staging), "DROP TABLE " + staging};
}

std::string primary_key_query(const RedshiftTable& table) {
  return fmt::format(
      "SELECT kcu.column_name FROM information_schema.table_constraints tco JOIN information_schema.key_column_usage kcu ON "
      "kcu.constraint_name = tco.constraint_name AND kcu.constraint_schema = tco.constraint_schema WHERE tco.constraint_type = "
      "'PRIMARY KEY' AND kcu.table_schema = {} AND kcu.table_name = {} ORDER BY kcu.ordinal_position",
      as_literal(in_catalog(table.schema.empty() ? "public" : table.schema)), as_literal(in_catalog(table.table)));
}

std::string unload_statement(const UnloadStatement& unload) {
  const std::string query = unescaped(unload.query);
  const bool has_dollars = query.find("$$") != std::string::npos;
  std::string sql = fmt::format("UNLOAD ({})\nTO {}\nCREDENTIALS\n{}", has_dollars ? as_literal(query) : "$$" + query + "$$",
                                as_literal("s3://" + unload.bucket + "/" + unload.key), as_literal(unload.credentials));
  for (const std::string& option : unload.options) sql += "\n" + option;
  return sql;
}

std::string without_fragments(std::string text, const std::vector<std::string>& secrets) {
  std::set<std::string_view> pieces;
  for (const std::string_view secret : secrets) {
    for (std::size_t i = 0; i + shortest_fragment <= secret.size(); ++i) pieces.insert(secret.substr(i, shortest_fragment));
  }
  if (pieces.empty()) return text;
  std::string clean;
  std::size_t hidden_to = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (pieces.contains(std::string_view(text).substr(i, shortest_fragment))) {
      if (i >= hidden_to) clean += "***";
      hidden_to = i + shortest_fragment;
    }
    if (i >= hidden_to) clean += text[i];
  }
  return clean;
}

}  // namespace venturi::providers
