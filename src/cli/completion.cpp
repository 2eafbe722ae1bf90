#include "cli/completion.h"

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>

namespace venturi::cli {
namespace {

// "-o", or "--output" with or without "=..."
const Parameter* find_option(const Command& command, std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  for (const Parameter& p : command.parameters) {
    if (!p.is_option()) continue;
    if (name == "--" + std::string(p.key())) return &p;
    if (p.names.size() > 2 && p.names[1] != '-' && name.starts_with(p.names.substr(0, 2)) && !name.starts_with("--")) return &p;
  }
  return nullptr;
}

// What a parameter's value names; empty: nothing that the home knows.
std::string_view named_by(const Command& command, const Parameter& p) {
  const std::string_view key = p.key();
  if (key == "dag_id" || key == "dag-id" || key == "dag") return "dag_id";
  if (key == "task_id" || key == "task-id") return "task_id";
  if (key == "run_id" || key == "run-id" || key == "logical_date_or_run_id") {
    return command.name == "trigger" ? "" : "run_id";  // that one is new
  }
  if (key == "conn_id" || key == "conn-id") return command.name == "add" ? "" : "conn_id";
  if (key == "pool" && !p.is_option()) return "pool";
  if (key == "key" && command.group == "variables") return "variable";
  if (key == "backfill_id") return "backfill_id";
  if (command.group == "config" && (key == "section" || key == "option")) return key;
  return "";
}

std::vector<Candidate> values_of(const Command& command, const Parameter& p, const GivenWords& given, const KnownNames& names) {
  std::vector<Candidate> out;
  if (p.type == ValueType::choice) {
    std::istringstream words{std::string(p.value)};
    for (std::string word; words >> word;) out.push_back({word, ""});
    return out;
  }
  const std::string_view of = named_by(command, p);
  return of.empty() ? out : names(of, given);
}

// Where the word that is being written stands.
struct Place {
  const Parameter* value_of = nullptr;  // behind an option that takes a value
  std::size_t argument = 0;             // how many arguments stand before
  bool options_may_come = true;
  std::set<const Parameter*> options;
  GivenWords given;
};

Place place_behind(const Command& command, std::span<const char* const> words) {
  Place place;
  std::vector<const Parameter*> arguments;
  for (const Parameter& p : command.parameters) {
    if (!p.is_option()) arguments.push_back(&p);
  }
  for (const std::string_view word : words) {
    if (place.value_of != nullptr) {
      place.given[std::string(place.value_of->key())] = word;
      place.value_of = nullptr;
    } else if (place.options_may_come && word == "--") {
      place.options_may_come = false;
    } else if (place.options_may_come && word.size() > 1 && word.starts_with('-')) {
      const Parameter* p = find_option(command, word);
      if (p == nullptr) continue;
      if (p->type != ValueType::list) place.options.insert(p);
      const bool has_value = word.starts_with("--") ? word.contains('=') : word.size() > 2;
      if (p->type != ValueType::flag && !has_value) place.value_of = p;
    } else {
      if (place.argument < arguments.size()) place.given[std::string(arguments[place.argument]->key())] = word;
      ++place.argument;
    }
  }
  return place;
}

std::vector<Candidate> of_command(const Command& command, std::span<const char* const> words, const KnownNames& names) {
  const std::string_view current = words.back();
  const Place place = place_behind(command, words.first(words.size() - 1));
  if (place.value_of != nullptr) return values_of(command, *place.value_of, place.given, names);
  if (place.options_may_come && current.starts_with("--") && current.contains('=')) {
    const Parameter* p = find_option(command, current);
    if (p == nullptr) return {};
    auto values = values_of(command, *p, place.given, names);
    for (Candidate& value : values) value.word = "--" + std::string(p->key()) + "=" + value.word;
    return values;
  }
  std::vector<Candidate> out;
  if (place.options_may_come && current.starts_with('-')) {
    for (const Parameter& p : command.parameters) {
      if (p.is_option() && !place.options.contains(&p)) out.push_back({"--" + std::string(p.key()), std::string(p.help)});
    }
    out.push_back({"--help", "Shows what the command does"});
    return out;
  }
  std::size_t at = 0;
  for (const Parameter& p : command.parameters) {
    if (!p.is_option() && at++ == place.argument) return values_of(command, p, place.given, names);
  }
  return out;
}

std::vector<Candidate> commands_of(std::string_view group) {
  std::vector<Candidate> out;
  for (const Command& command : command_table()) {
    if (command.group == group) out.push_back({std::string(command.name), std::string(command.summary)});
  }
  if (!group.empty()) return out;
  for (const Group& g : command_groups()) out.push_back({std::string(g.name), std::string(g.summary)});
  return out;
}

std::vector<Candidate> all_candidates(std::span<const char* const> words, const KnownNames& names) {
  if (words.size() <= 1) return commands_of("");
  const std::string_view first = words[0];
  if (const Command* command = find_command("", first)) return of_command(*command, words.subspan(1), names);
  if (!is_group(first)) return {};
  if (words.size() == 2) return commands_of(first);
  const Command* command = find_command(first, words[1]);
  return command == nullptr ? std::vector<Candidate>() : of_command(*command, words.subspan(2), names);
}

// Readline replaces what stands behind the last : or = only, so that is what it is told.
constexpr std::string_view bash_script =
    R"(# Completion of venturi in bash: put it into ~/.local/share/bash-completion/completions/venturi
_venturi() {
  local line=${COMP_LINE:0:COMP_POINT} words current head
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current=${words[-1]}
  head=${current%"${current##*[:=]}"}
  mapfile -t COMPREPLY < <("${words[0]/#\~/$HOME}" __complete "${words[@]:1}" 2>/dev/null | cut -f1)
  COMPREPLY=("${COMPREPLY[@]#"$head"}")
}
complete -o default -F _venturi venturi
)";

constexpr std::string_view zsh_script = R"(#compdef venturi
# Completion of venturi in zsh: put it as _venturi into a folder of $fpath
_venturi() {
  local line
  local -a found
  for line in "${(@f)$(${(Q)words[1]} __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  if (( $#found )); then
    _describe -V venturi found
  else
    _files
  fi
}
if [[ $funcstack[1] == _venturi ]]; then
  _venturi "$@"
else
  compdef _venturi venturi
fi
)";

constexpr std::string_view fish_script = R"(# Completion of venturi in fish: put it into ~/.config/fish/completions/venturi.fish
function __venturi_words
    set -l words (commandline -opc) (commandline -ct)
    set -l found ($words[1] __complete $words[2..-1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c venturi -f -a '(__venturi_words)'
)";

}  // namespace

std::vector<Candidate> candidates(std::span<const char* const> words, const KnownNames& names) {
  auto found = all_candidates(words, names);
  const std::string_view current = words.empty() ? std::string_view() : words.back();
  std::erase_if(found, [&](const Candidate& c) { return !c.word.starts_with(current); });
  return found;
}

std::string completion_script(std::string_view shell) {
  return std::string(shell == "zsh" ? zsh_script : shell == "fish" ? fish_script : bash_script);
}

}  // namespace venturi::cli
