// What a shell offers for the word that is being written. The scripts for the shells hand over the line, and print what
// `venturi __complete WORD...` says: one candidate a line, a tab, what it means.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/command.h"

namespace venturi::cli {

struct Candidate {
  std::string word, about;
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

// Names that only the home knows ("dag_id", "task_id", "run_id", "conn_id", "pool", "variable", "backfill_id", "section",
// "option"); `given` are the arguments that stand before, by their keys.
using GivenWords = std::map<std::string, std::string, std::less<>>;
using KnownNames = std::function<std::vector<Candidate>(std::string_view of, const GivenWords& given)>;

// `words` follow "venturi"; the last one is being written, and may be empty. None: the shell's own, which are files.
[[nodiscard]] std::vector<Candidate> candidates(std::span<const char* const> words, const KnownNames& names);

// Of the home of this process; nothing where there is none. Never an error: it would stand in the user's prompt.
[[nodiscard]] std::vector<Candidate> names_of_home(std::string_view of, const GivenWords& given);

// bash, zsh or fish.
[[nodiscard]] std::string completion_script(std::string_view shell);

}  // namespace venturi::cli
