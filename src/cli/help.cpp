#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "cli/airflow_commands.h"

namespace venturi::cli {
namespace {

constexpr std::size_t page_width = 100;
constexpr std::size_t help_column = 34;

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

std::string value_name(const Parameter& p) {
  if (p.type != ValueType::choice) return std::string(p.value);
  std::string words = "{" + std::string(p.value) + "}";
  std::ranges::replace(words, ' ', '|');
  return words;
}

}  // namespace

std::string words_of(const Parameter& p) {
  if (!p.is_option()) return upper(p.names);
  std::string words;
  for (const char c : p.names) words += c == ',' ? std::string(", ") : std::string(1, c);
  if (p.type != ValueType::flag) words += " " + value_name(p);
  return words;
}

std::string usage_of(const Command& command) {
  std::string line = "venturi " + command.words();
  bool has_options = false;
  for (const Parameter& p : command.parameters) {
    if (p.is_option())
      has_options = true;
    else
      line += p.may_be_missing ? " [" + upper(p.names) + "]" : " " + upper(p.names);
  }
  return line + (has_options ? " [OPTION...]" : "");
}

std::string help_with_default(const Parameter& p) {
  std::string help(p.help);
  if (!p.default_value.empty()) help += fmt::format(" (default: {})", p.default_value);
  return help;
}

std::string details_with_examples(const Command& command) {
  std::string details(command.details);
  for (const Example& example : command_examples()) {
    if (example.command != command.words()) continue;
    if (!details.empty()) details += "\n";
    details += "  " + std::string(example.line);
  }
  return details;
}

namespace {

// Words from column `indent` on; the first line begins where the caller's line ends.
std::string wrap(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t column = indent;
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    if (column > indent && column + 1 + word.size() > page_width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

void append_entry(std::string& out, const std::string& name, std::string_view help) {
  std::string line = "  " + name;
  if (line.size() + 2 > help_column)
    line += "\n" + std::string(help_column, ' ');
  else
    line.append(help_column - line.size(), ' ');
  out += line + wrap(help, help_column) + "\n";
}

std::string paragraphs(std::string_view text) {
  std::string out;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) out += (line.starts_with("  ") ? line : wrap(line, 0)) + "\n";
  return out;
}

void append_commands(std::string& out, std::string_view group) {
  for (const Command& command : command_table()) {
    if (command.group == group) append_entry(out, std::string(command.name), command.summary);
  }
}

constexpr std::string_view page_head =
    "# Command line\n\n"
    "<!-- Made from src/cli/command_rows_*.cpp by: ninja venturi_cli_reference && src/cli/venturi_cli_reference > "
    "docs/reference/cli.md -->\n\n"
    "The commands have the words of Airflow's command line where Airflow has the command. `venturi COMMAND --help` shows what "
    "stands here.\n"
    "Each works on the home that `VENTURI_HOME` names (`~/.venturi` unless it is set), with and without a server that runs on "
    "it: "
    "what\n"
    "changes something is carried out by the server where there is one, and by the command itself where there is none.\n\n"
    "Exit codes: 0 done; 1 failed, with what, where and what to do on stderr; 2 the words make no command. `dags test` and "
    "`tasks test`\n"
    "end with the outcome of their run: 0 success, 1 failed; 130 after Ctrl-C.\n";

std::string table_cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

void append_reference(std::string& page, const Command& command) {
  page += fmt::format("\n### venturi {}\n\n{}.\n\n```\n{}\n```\n", command.words(), command.summary, usage_of(command));
  if (const std::string details = details_with_examples(command); !details.empty()) {
    // Examples stand indented in the help.
    page += "\n";
    bool in_block = false;
    std::istringstream lines{details};
    for (std::string line; std::getline(lines, line);) {
      const bool is_example = line.starts_with("  ");
      if (is_example != in_block) page += is_example ? "\n```sh\n" : "```\n\n";
      in_block = is_example;
      page += (is_example ? line.substr(2) : line) + "\n";
    }
    if (in_block) page += "```\n";
  }
  if (command.parameters.empty()) return;
  page += "\n| argument or option | meaning | default |\n|---|---|---|\n";
  for (const Parameter& p : command.parameters) {
    page += fmt::format("| `{}` | {} | {} |\n", table_cell(words_of(p)), table_cell(p.help),
                        p.default_value.empty() ? "" : fmt::format("`{}`", p.default_value));
  }
}

}  // namespace

std::string_view Parameter::key() const {
  const std::size_t at = names.find("--");
  return at == std::string_view::npos ? names : names.substr(at + 2);
}

std::string Command::words() const {
  return group.empty() ? std::string(name) : fmt::format("{} {}", group, name);
}

std::string help_of_program() {
  std::string out = "venturi " VENTURI_VERSION
                    ": schedules, runs and shows workflows, as Apache Airflow does\n\n"
                    "Usage: venturi COMMAND [ARGUMENT...] [OPTION...]\n\nCommands:\n";
  append_commands(out, "");
  out += "\nGroups of commands:\n";
  for (const Group& group : command_groups()) append_entry(out, std::string(group.name), group.summary);
  out += "\nventuri GROUP --help and venturi COMMAND --help tell more.\n";
  return out;
}

std::string help_of_group(std::string_view group) {
  const auto found = std::ranges::find(command_groups(), group, &Group::name);
  std::string out =
      fmt::format("{}\n\nUsage: venturi {} COMMAND [ARGUMENT...] [OPTION...]\n\nCommands:\n", found->summary, group);
  append_commands(out, group);
  return out;
}

std::string help_of_command(const Command& command) {
  std::string out = fmt::format("{}\n\nUsage: {}\n", command.summary, usage_of(command));
  if (const std::string details = details_with_examples(command); !details.empty()) out += "\n" + paragraphs(details);
  const auto is_option = [](const Parameter& p) { return p.is_option(); };
  if (!std::ranges::all_of(command.parameters, is_option)) out += "\nArguments:\n";
  for (const Parameter& p : command.parameters) {
    if (!p.is_option()) append_entry(out, words_of(p), help_with_default(p));
  }
  out += "\nOptions:\n";
  for (const Parameter& p : command.parameters) {
    if (p.is_option()) append_entry(out, words_of(p), help_with_default(p));
  }
  append_entry(out, "-h, --help", "This text");
  return out;
}

std::string cli_reference() {
  std::string page(page_head);
  page += "\n## Programs\n";
  for (const Command& command : command_table()) {
    if (command.group.empty()) append_reference(page, command);
  }
  for (const Group& group : command_groups()) {
    page += fmt::format("\n## {}\n\n{}.\n", group.name, group.summary);
    for (const Command& command : command_table()) {
      if (command.group == group.name) append_reference(page, command);
    }
  }
  page +=
      "\n## Airflow's commands that are not here\n\nAll others of Airflow 3.3's command line are above.\n\n"
      "| Airflow | why, and what instead |\n|---|---|\n";
  for (const LeftOut& command : commands_left_out()) page += fmt::format("| `{}` | {} |\n", command.words, command.reason);
  return page;
}

}  // namespace venturi::cli
