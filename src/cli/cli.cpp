#include "cli/cli.h"

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "base/edit_distance.h"
#include "base/log.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/output.h"

namespace venturi::cli {
namespace {

bool is_help(std::string_view word) {
  return word == "--help" || word == "-h";
}

int tell(const Error& error, int code) {
  print_note("error: " + error.text());
  return code;
}

// `group` empty: the first word is unknown.
int unknown(std::string_view group, std::string_view word) {
  std::vector<std::string> names;
  for (const Command& command : command_table()) {
    if (command.group == group) names.emplace_back(command.name);
  }
  const std::string prefix = group.empty() ? "venturi " : "venturi " + std::string(group) + " ";
  if (group.empty()) {
    for (const Group& g : command_groups()) names.emplace_back(g.name);
  }
  const std::string near = nearest(word, names);
  return tell(
      {ErrorKind::invalid, "there is no command " + std::string(word), group.empty() ? "" : "venturi " + std::string(group),
       near.empty() ? "see: " + prefix + "--help" : "did you mean " + prefix + near + "?"},
      exit_usage);
}

int run_command(const Command& command, std::span<const char* const> words) {
  // What stands behind an option that takes a value is never a request for help, but nobody asks for "--conf --help" otherwise.
  if (std::ranges::any_of(words, [](const char* word) { return is_help(word); })) {
    print(help_of_command(command));
    return exit_done;
  }
  const auto arguments = parse_arguments(command, words);
  if (!arguments) return tell(arguments.error(), exit_usage);
  if (command.check != nullptr) {
    if (const auto fine = command.check(*arguments); !fine) return tell(fine.error(), exit_usage);
  }
  const auto code = command.handler(*arguments);
  return code ? *code : tell(code.error(), exit_failed);
}

int dispatch(std::span<const char* const> words) {
  if (words.empty()) {
    print_note(help_of_program());
    return exit_usage;
  }
  const std::string_view first = words[0];
  if (is_help(first) || first == "help") {
    print(help_of_program());
    return exit_done;
  }
  if (first == "__complete") {
    for (const Candidate& c : candidates(words.subspan(1), names_of_home))
      print(c.word + "\t" + printable(c.about, false) + "\n");
    return exit_done;
  }
  if (first == "--version") return run_command(*find_command("", "version"), {});
  if (const Command* command = find_command("", first)) return run_command(*command, words.subspan(1));
  if (!is_group(first)) return unknown("", first);
  if (words.size() == 1) {
    print_note(help_of_group(first));
    return exit_usage;
  }
  const std::string_view second = words[1];
  if (is_help(second)) {
    print(help_of_group(first));
    return exit_done;
  }
  if (const Command* command = find_command(first, second)) return run_command(*command, words.subspan(2));
  return unknown(first, second);
}

}  // namespace

int run(std::span<const char* const> words) {
  try {
    set_log_name("venturi");  // on stderr: what commands print is for programs too
    return dispatch(words);
  } catch (const std::exception& e) {
    return tell({ErrorKind::internal, e.what(), "", ""}, exit_failed);
  }
}

}  // namespace venturi::cli
