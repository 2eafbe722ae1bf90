// Built-in operators, as structs of data: dag.add(BashOperator{.task_id = "clean", .bash_command = "rm -rf /tmp/x"}). They run
// in Venturi's operator host, not in the DAG's program. Each field takes a constant or the output of a task. Members are
// designated in the order in which they stand here; what has no default and says so must be given.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "venturi/field.h"
#include "venturi/task_options.h"

namespace venturi::inline sdk {

// A command of bash. Its XCom is the last line of what it prints.
struct BashOperator {
  std::string task_id{};
  Field<std::string> bash_command{};                     // required
  Field<Texts> env{};                                    // instead of the worker's environment, or added to it
  Field<bool> append_env{};                              // false
  Field<std::string> cwd{};                              // a temporary folder
  Field<std::vector<std::int64_t>> skip_on_exit_code{};  // 99: exit codes that mean skipped
  Field<bool> do_xcom_push{};                            // true
  using Result = std::string;
};

// Does nothing: a place where branches meet, or an end that a branch names.
struct EmptyOperator {
  std::string task_id{};
  using Result = void;
};

// Gives a constant. dag.constant("three", 3) is the same with a type.
struct ConstantOperator {
  std::string task_id{};
  Field<Value> value{};  // required
  using Result = Value;
};

// A mail over the SMTP server of a connection.
struct EmailOperator {
  std::string task_id{};
  Field<std::vector<std::string>> to{};     // required
  Field<std::string> subject{};             // the file subject_template of the connection
  Field<std::string> text_content{};        // one of the two contents, or both
  Field<std::string> html_content{};        // without either: the file html_content_template of the connection
  Field<std::vector<std::string>> files{};  // attachments: paths; '<img src="cid:chart.png">' shows /tmp/chart.png
  Field<std::vector<std::string>> cc{}, bcc{};
  Field<std::string> conn_id{};       // "smtp_default"
  Field<std::string> from_email{};    // that of the connection
  Field<std::string> mime_charset{};  // "utf-8"
  Field<Texts> custom_headers{};
  Field<std::string> mime_subtype{};  // "mixed"; "related" for images that html_content shows
  // Receivers that the server refused while it took others, each with its answer; mostly empty.
  using Result = std::map<std::string, std::string>;
};

// The rows of a query, streamed into a file of the run.
struct PostgresToFileOperator {
  std::string task_id{};
  Field<std::string> conn_id{};            // "postgres_default"
  Field<std::string> sql{};                // required; one statement
  Field<std::vector<Value>> parameters{};  // of $1, $2, ...
  Field<std::vector<Column>> columns{};    // as which types they are stored; without: those of the result
  Field<std::string> file_name{};          // the task_id
  using Result = RunFile;
};

// A CSV file, typed and checked, into a file of the run. What is no value of a column's type is kept as unreadable.
struct CsvToFileOperator {
  std::string task_id{};
  Field<std::string> path{};                // required; on the worker's machine
  Field<std::string> delimiter{};           // ","
  Field<bool> header{};                     // true; without one, `columns` names what is there, in order
  Field<std::string> encoding{};            // "utf-8"
  Field<std::string> source_compression{};  // "infer": by the file's ending; "gzip", "none"
  Field<std::vector<Column>> columns{};     // which columns, by name, and their types; without: all of the header, as strings
  Field<std::string> file_name{};           // the task_id
  using Result = RunFile;
};

namespace detail {
struct GroupNode;
// One for each operator; `result` is what a typed shortcut promises of its XCom.
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const BashOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const EmptyOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const ConstantOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const EmailOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const PostgresToFileOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const CsvToFileOperator& op, const TaskOptions& options);
template <class Op>
concept Operator = requires(GroupNode& group, const Op& op, const TaskOptions& options) {
  typename Op::Result;
  add_operator(group, op, options);
};
}  // namespace detail

}  // namespace venturi::inline sdk
