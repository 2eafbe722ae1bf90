#include "providers/standard/transform_script.h"

#include <sys/wait.h>

#include <utility>

#include <fmt/format.h>

#include "operators/outcome.h"
#include "providers/standard/bash_environment.h"
#include "providers/standard/command_end.h"
#include "providers/standard/started_bash.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::TaskFailed;
using operators::TaskFailedForGood;

// A word of a command of bash's, whatever stands in it.
std::string quoted_word(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  }
  return quoted + "'";
}

}  // namespace

std::vector<std::string> words_in(const Arguments& arguments, std::string_view name) {
  const Value* given = arguments.find(name);
  std::vector<std::string> words;
  if (given == nullptr) return words;
  const auto add = [&](const Value& word) {
    std::string text = word.is_string() ? word.as_string() : to_json(word);
    if ((!word.is_string() && !word.is_number()) || text.find('\0') != std::string::npos)
      throw TaskFailedForGood(fmt::format("the argument {} must be a text, or a list of texts", name));
    words.push_back(std::move(text));
  };
  if (given->is_array()) {
    for (const Value& word : given->as_array()) add(word);
  } else {
    add(*given);
  }
  return words;
}

asio::awaitable<void> run_transform_script(operators::OperatorTry& t, std::vector<std::string> command) {
  std::string text = "exec";
  for (const std::string& word : command) text += " " + quoted_word(word);
  static const std::vector<operators::Argument> none;
  BashCommand bash{.text = std::move(text),
                   .cwd = {},
                   .environment = bash_environment(Arguments(none, Value(Object{})), t.facts, t.op.whole()),
                   .out = duplicate_output(t.output->at(0)),
                   .err = duplicate_output(t.output->at(1))};
  StartedBash started = co_await start_bash(std::move(bash));
  t.output.reset();
  const int status = co_await end_of_command(t, std::move(started));
  if (WIFSIGNALED(status))
    throw TaskFailed(fmt::format("Transform script failed: it was ended by signal {}", WTERMSIG(status)));
  if (const int code = WEXITSTATUS(status); code != 0) throw TaskFailed(fmt::format("Transform script failed: {}", code));
}

}  // namespace venturi::providers
