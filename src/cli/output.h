// Rows for people (table, plain) and for programs (json, yaml): `-o` of all commands that read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "venturi/value.h"

namespace venturi::cli {

enum class OutputFormat { table, json, yaml, plain };
// One of the four words.
[[nodiscard]] OutputFormat output_format(std::string_view word);

struct Rows {
  std::vector<std::string> columns;
  std::vector<std::vector<Value>> rows;  // each as long as columns
};

// In Airflow's looks:
//
//   dag_id | is_paused          (table)     dag_id  is_paused     (plain)
//   =======+==========                      example False
//   example| False
//
// Of a table's cell each line stands on a line of its own; elsewhere a line feed is written as \n. Control characters are
// always written as escapes: what comes from files and tasks must not move a terminal's cursor.
[[nodiscard]] std::string format_rows(const Rows& rows, OutputFormat format);

// Columns that a terminal takes for it: one a code point, none for combining marks of the first blocks.
[[nodiscard]] std::size_t display_width(std::string_view text);
// Without a line feed at the end, unless `text` has one.
[[nodiscard]] std::string printable(std::string_view text, bool keep_line_feeds);

// Writes all of it to stdout, or throws std::system_error.
void print(std::string_view text);
// A line to stderr that is no error: "note: the DAG is paused".
void print_note(std::string_view text);

}  // namespace venturi::cli
