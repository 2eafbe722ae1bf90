// The command line, in Airflow's words where Airflow has the command. This folder turns words into calls of src/server and
// prints what comes back; what a command does is not decided here.
//
//   argv ─ find_command() ─▶ Command ─ parse_arguments() ─▶ Arguments ─ handler ─▶ exit code, or an Error
//
// The one table of commands is command_table(): parsing, help texts and docs/reference/cli.md follow from it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace venturi::cli {

// What the command line ends with. `dags test` and `tasks test` tell the outcome of their run: done or failed.
enum ExitCode : int {
  exit_done = 0,
  exit_failed = 1,
  exit_usage = 2,          // the words make no command
  exit_interrupted = 130,  // SIGINT; 143 for SIGTERM
};

enum class ValueType : std::uint8_t {
  flag,  // there or not
  text,
  list,  // text that may be given several times: what was given, with line feeds between
  date,  // ISO 8601, as parse_time() reads it
  json_object,
  integer,
  count,   // an integer from 1
  choice,  // one of the words of `value`
};

struct Parameter {
  std::string_view names;  // of an argument: "dag_id"; of an option: "-c,--conf" or "--conf"
  ValueType type = ValueType::text;
  std::string_view value;  // how help calls it: "JSON"; of a choice: the words, separated by blanks
  std::string_view help;
  std::string_view default_value;  // as it would be written
  bool may_be_missing = false;     // of an argument; options always may

  [[nodiscard]] bool is_option() const { return names.starts_with('-'); }
  // What handlers ask for: "dag_id", "conf".
  [[nodiscard]] std::string_view key() const;
};

class Arguments;
using Handler = Result<int> (*)(const Arguments&);
// What the types of the parameters cannot say: an error of it is wrong usage.
using Check = Result<void> (*)(const Arguments&);

struct Command {
  std::string_view group;  // "dags"; empty: the command has one word
  std::string_view name;
  std::string_view summary;           // one line, ends without a full stop
  std::string_view details;           // further lines of the help; may be empty
  std::vector<Parameter> parameters;  // arguments in their order, then options
  Handler handler = nullptr;
  Check check = nullptr;  // may be missing

  [[nodiscard]] std::string words() const;  // "dags trigger"
};

struct Group {
  std::string_view name, summary;
};

// What the reference shows of a command beside the lines in its details; tests/e2e/cli_reference_test.py runs them all.
struct Example {
  std::string_view command;  // "dags trigger"
  std::string_view line;     // "venturi dags trigger example"
};

[[nodiscard]] const std::vector<Group>& command_groups();
[[nodiscard]] const std::vector<Example>& command_examples();
[[nodiscard]] const std::vector<Command>& command_table();
// nullptr where there is none; `group` empty: of one word.
[[nodiscard]] const Command* find_command(std::string_view group, std::string_view name);
[[nodiscard]] bool is_group(std::string_view word);

}  // namespace venturi::cli
