// A text of several SQL statements.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace venturi::providers {

// Whether a word goes on with it.
[[nodiscard]] bool is_name_character(char c);

// Where what begins at `at` ends, if that is a quoted text, a quoted name or a comment; `at` where it is none of these.
[[nodiscard]] std::size_t end_of_quoted(std::string_view sql, std::size_t at);

// The statement without the semicolon that ends it and what comes behind that, where this is blanks and comments only.
[[nodiscard]] std::string without_last_semicolon(std::string_view sql);

// The statements between semicolons, without them and without what is only blanks and comments. A semicolon in a text, a name,
// a comment, a body in $$ or BEGIN ATOMIC ... END, or in parentheses (CREATE RULE) ends nothing.
[[nodiscard]] std::vector<std::string> split_statements(std::string_view sql);

}  // namespace venturi::providers
