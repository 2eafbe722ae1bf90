#include "providers/postgres/sql_split.h"

#include <algorithm>

#include "base/text.h"

namespace venturi::providers {
namespace {

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool is_comment(std::string_view text) {
  return text.starts_with("--") || text.starts_with("/*");
}

// Whether a body in SQL's standard form is open: BEGIN ATOMIC ...; ...; END, with CASE ... END in it.
class AtomicBody {
 public:
  void word(const std::string& word) {
    if (depth_ > 0) {
      if (word == "CASE") ++depth_;
      if (word == "END") --depth_;
    } else if (word == "ATOMIC" && last_ == "BEGIN") {
      depth_ = 1;
    }
    last_ = word;
  }
  [[nodiscard]] bool is_open() const { return depth_ > 0; }

 private:
  int depth_ = 0;
  std::string last_;
};

}  // namespace

bool is_name_character(char c) {
  return c == '_' || is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

// postgresql.org/docs/15/sql-syntax-lexical.html
std::size_t end_of_quoted(std::string_view sql, std::size_t at) {
  const auto behind = [&](std::size_t position, std::size_t length) {
    return position == std::string_view::npos ? sql.size() : position + length;
  };
  const std::string_view rest = sql.substr(at);
  if (rest.starts_with("--")) return behind(sql.find('\n', at), 1);
  if (rest.starts_with("/*")) {
    std::size_t i = at + 2;
    for (int depth = 1; depth > 0 && i < sql.size(); ++i) {
      if (sql.substr(i).starts_with("/*"))
        ++depth, ++i;
      else if (sql.substr(i).starts_with("*/"))
        --depth, ++i;
    }
    return std::min(i, sql.size());
  }
  if (rest.front() == '"') return behind(sql.find('"', at + 1), 1);
  if (rest.front() == '\'') {
    const bool escapes = at > 0 && (sql[at - 1] == 'E' || sql[at - 1] == 'e') && (at < 2 || !is_name_character(sql[at - 2]));
    for (std::size_t i = at + 1; i < sql.size(); ++i) {
      if (escapes && sql[i] == '\\')
        ++i;
      else if (sql[i] == '\'')
        return i + 1;  // a doubled quote begins the next text at once
    }
    return sql.size();
  }
  if (rest.front() == '$' && rest.size() > 1 && !is_digit(rest[1]) && (at == 0 || !is_name_character(sql[at - 1]))) {
    std::size_t end = 1;
    while (end < rest.size() && is_name_character(rest[end])) ++end;
    if (end == rest.size() || rest[end] != '$') return at;
    const std::string_view tag = rest.substr(0, end + 1);
    return behind(sql.find(tag, at + tag.size()), tag.size());
  }
  return at;
}

std::string without_last_semicolon(std::string_view sql) {
  std::size_t end = sql.size();  // of what counts: a comment behind the statement does no harm
  bool ended = false;
  for (std::size_t i = 0; i < sql.size();) {
    const std::size_t next = end_of_quoted(sql, i);
    const bool is_comment = next > i && (sql[i] == '-' || sql[i] == '/');
    if (sql[i] == ';') {
      if (!ended) end = i;
      ended = true;
    } else if (!is_comment && !is_blank(sql[i])) {
      end = sql.size();
      ended = false;
    }
    i = std::max(next, i + 1);
  }
  return std::string(sql.substr(0, end));
}

std::vector<std::string> split_statements(std::string_view sql) {
  std::vector<std::string> statements;
  AtomicBody body;
  std::size_t begin = 0;
  int parentheses = 0;
  bool has_content = false;
  const auto finish = [&](std::size_t end) {
    if (has_content) statements.emplace_back(trim(sql.substr(begin, end - begin)));
    begin = end + 1;
    has_content = false;
    parentheses = 0;
  };
  for (std::size_t i = 0; i < sql.size();) {
    if (const std::size_t next = end_of_quoted(sql, i); next > i) {
      has_content = has_content || !is_comment(sql.substr(i));
      i = next;
      continue;
    }
    const char c = sql[i];
    if (c == ';' && parentheses <= 0 && !body.is_open()) {
      finish(i++);
      continue;
    }
    if (c == '(') ++parentheses;
    if (c == ')') --parentheses;
    has_content = has_content || !is_blank(c);
    if (!is_name_character(c)) {
      ++i;
      continue;
    }
    std::string word;
    for (; i < sql.size() && is_name_character(sql[i]); ++i) word += upper(sql[i]);
    // E'...' and $$ go on right behind a word: the text that begins there is looked at next.
    body.word(word);
  }
  finish(sql.size());
  return statements;
}

}  // namespace venturi::providers
