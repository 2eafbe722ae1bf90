#include "cli/manual.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "cli/command.h"
#include "cli/help.h"

namespace venturi::cli {
namespace {

// As text of a page: a backslash and a dash have meanings of their own, and so has a line that begins with . or '.
std::string roff(std::string_view text) {
  std::string out;
  bool at_start = true;
  for (const char c : text) {
    if (at_start && (c == '.' || c == '\'')) out += "\\&";
    at_start = c == '\n';
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

std::string head(const std::string& name, std::string_view date, std::string_view summary) {
  std::string title = name;
  std::ranges::transform(title, title.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  std::string about(summary);
  return fmt::format(".TH {} 1 {} \"Venturi " VENTURI_VERSION "\" \"Venturi\"\n.SH NAME\n{} \\- {}\n", roff(title), date,
                     roff(name), roff(about));
}

// Paragraphs as they are; what stands indented are examples.
void append_details(std::string& page, std::string_view details) {
  bool in_example = false;
  std::istringstream lines{std::string(details)};
  for (std::string line; std::getline(lines, line);) {
    const bool is_example = line.starts_with("  ");
    if (is_example != in_example) page += is_example ? ".PP\n.nf\n" : ".fi\n.PP\n";
    in_example = is_example;
    page += is_example ? "    " + roff(std::string_view(line).substr(2)) + "\n" : roff(line) + "\n";
  }
  if (in_example) page += ".fi\n";
}

void append_command(std::string& page, const Command& command) {
  page += fmt::format(".SS {}\n{}.\n", roff(usage_of(command)), roff(command.summary));
  const std::string details = details_with_examples(command);
  if (!details.empty()) {
    if (!details.starts_with("  ")) page += ".PP\n";
    append_details(page, details);
  }
  for (const Parameter& p : command.parameters)
    page += fmt::format(".TP\n.B {}\n{}\n", roff(words_of(p)), roff(help_with_default(p)));
}

constexpr std::string_view exit_codes =
    ".SH EXIT STATUS\n0: done. 1: failed; what, where and what to do is said on stderr. 2: the words make no command.\n"
    ".B dags test\nand\n.B tasks test\nend with the outcome of their run: 0 success, 1 failed, 130 after Ctrl\\-C.\n";

std::string page_of_group(const Group& group, std::string_view date) {
  std::string page = head("venturi-" + std::string(group.name), date, group.summary);
  page += fmt::format(".SH SYNOPSIS\n.B venturi {}\nCOMMAND [ARGUMENT...] [OPTION...]\n.SH COMMANDS\n", roff(group.name));
  for (const Command& command : command_table()) {
    if (command.group == group.name) append_command(page, command);
  }
  page += exit_codes;
  return page + ".SH SEE ALSO\n.BR venturi (1)\n";
}

std::string page_of_program(std::string_view date) {
  std::string page = head("venturi", date, "schedules, runs and shows workflows, as Apache Airflow does");
  page +=
      ".SH SYNOPSIS\n.B venturi\nCOMMAND [ARGUMENT...] [OPTION...]\n.SH DESCRIPTION\n"
      "Each command works on the home that VENTURI_HOME names, with and without a server that runs on it: what changes\n"
      "something is carried out by the server where there is one, and by the command itself where there is none.\n"
      ".SH COMMANDS\n";
  for (const Command& command : command_table()) {
    if (command.group.empty()) append_command(page, command);
  }
  page += ".SH GROUPS OF COMMANDS\n";
  for (const Group& group : command_groups())
    page += fmt::format(".TP\n.BR venturi\\-{} (1)\n{}\n", roff(group.name), roff(group.summary));
  page += exit_codes;
  page +=
      ".SH ENVIRONMENT\n.TP\n.B VENTURI_HOME\nThe home: configuration, database, logs, DAGs. ~/.venturi unless it is set.\n"
      ".TP\n.B VENTURI__SECTION__KEY\nA setting, before what venturi.toml says; AIRFLOW__SECTION__KEY where the meaning is "
      "the\n"
      "same.\n.TP\n.B AIRFLOW_CONN_ID, AIRFLOW_VAR_KEY\nA connection, or a variable, before what is stored.\n"
      ".SH FILES\n.TP\n.B ~/.venturi/venturi.toml\nThe configuration.\n.TP\n.B ~/.venturi/dags\nDAG files.\n";
  return page;
}

}  // namespace

std::vector<ManualPage> manual_pages(std::string_view date) {
  std::vector<ManualPage> pages{{"venturi.1", page_of_program(date)}};
  for (const Group& group : command_groups())
    pages.push_back({"venturi-" + std::string(group.name) + ".1", page_of_group(group, date)});
  return pages;
}

}  // namespace venturi::cli
