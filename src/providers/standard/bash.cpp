// BashOperator: bash -c in a process group of its own, its output read by the worker.
//
//   exit code 0                    success; the XCom is the last line of stdout
//   one of skip_on_exit_code (99)  skipped
//   another, or a signal           failed
//   cancelled                      SIGTERM to the group, SIGKILL 600 ms later
#include <sys/wait.h>

#include <algorithm>
#include <cctype>
#include <cstring>

#include <fmt/format.h>

#include "net/background.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/standard/bash_environment.h"
#include "providers/standard/command_end.h"
#include "providers/standard/sensors.h"
#include "providers/standard/standard.h"
#include "providers/standard/started_bash.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using operators::TaskSkipped;

// What takes longer is done beside the loop.
constexpr std::size_t decoded_at_once = 64UL << 10U;

std::vector<std::int64_t> skip_codes(const Arguments& arguments) {
  if (!arguments.has("skip_on_exit_code")) return {99};
  const Value* given = arguments.find("skip_on_exit_code");
  if (given == nullptr) return {};  // None: no exit code skips
  const auto code = [](const Value& value) {
    if (!value.is_int()) throw TaskFailedForGood("skip_on_exit_code must be an integer or a list of integers");
    return value.as_int();
  };
  if (!given->is_array()) return {code(*given)};
  std::vector<std::int64_t> codes;
  for (const Value& value : given->as_array()) codes.push_back(code(value));
  return codes;
}

// As Python's "backslashreplace" decodes what is no UTF-8, without the white space at the end.
std::string decoded(std::string line) {
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0) line.pop_back();
  std::string text;
  for (std::size_t i = 0; i < line.size();) {
    const auto first = static_cast<unsigned char>(line[i]);
    std::size_t length = first < 0x80                     ? 1
                         : first >= 0xc2 && first <= 0xdf ? 2
                         : first >= 0xe0 && first <= 0xef ? 3
                         : first >= 0xf0 && first <= 0xf4 ? 4
                                                          : 0;
    for (std::size_t k = 1; k < length; ++k) {
      if (i + k >= line.size() || (static_cast<unsigned char>(line[i + k]) & 0xc0U) != 0x80U) length = 0;
    }
    if (length == 0)
      text += fmt::format("\\x{:02x}", first);
    else
      text += line.substr(i, length);
    i += std::max<std::size_t>(1, length);
  }
  return text;
}

BashCommand command_of(OperatorTry& t, const Arguments& arguments, std::string cwd) {
  std::string text = arguments.string("bash_command");
  if (text.find('\0') != std::string::npos) throw TaskFailedForGood("the argument bash_command has a zero byte in it");
  return {.text = std::move(text),
          .cwd = std::move(cwd),
          .environment = bash_environment(arguments, t.facts, t.op.whole()),
          .out = duplicate_output(t.output->at(0)),
          .err = duplicate_output(t.output->at(1))};
}

void judge(OperatorTry& t, int status, const std::vector<std::int64_t>& skips) {
  if (WIFSIGNALED(status)) {
    const char* name = ::sigabbrev_np(WTERMSIG(status));
    throw TaskFailed(fmt::format("Bash command failed. The command was ended by signal {} ({}).", WTERMSIG(status),
                                 name == nullptr ? "unknown" : std::string("SIG") + name));
  }
  const int code = WEXITSTATUS(status);
  t.log.info(fmt::format("Command exited with return code {}", code));
  if (std::ranges::find(skips, code) != skips.end())
    throw TaskSkipped(fmt::format("Bash command returned exit code {}. Skipping.", code));
  if (code != 0) throw TaskFailed(fmt::format("Bash command failed. The command returned a non-zero exit code {}.", code));
}

// Its status. What writes no more commands gives its output away.
asio::awaitable<int> run_command(OperatorTry& t, const Arguments& arguments, std::string cwd, bool is_last) {
  BashCommand command = command_of(t, arguments, std::move(cwd));
  t.log.info("Running command: bash -c " + command.text);
  StartedBash started = co_await start_bash(std::move(command));
  if (is_last) t.output.reset();
  co_return co_await end_of_command(t, std::move(started));
}

}  // namespace

asio::awaitable<Value> run_bash(OperatorTry& t, Arguments arguments) {
  const std::vector<std::int64_t> skips = skip_codes(arguments);
  const int status = co_await run_command(t, arguments, arguments.string("cwd"), true);
  judge(t, status, skips);
  if (!t.op.get_bool("do_xcom_push", true)) co_return Value();
  std::string line = co_await t.output_tail();
  if (line.size() <= decoded_at_once) co_return decoded(std::move(line));
  t.memory.take(5 * line.size(), "the last line of stdout");
  auto work = [line = std::move(line)] { return decoded(line); };
  co_return co_await net::in_background(std::move(work));
}

// BashSensor: done at exit code 0. Any other is "not yet", unless retry_exit_code says which one is.
asio::awaitable<operators::Poke> poke_bash(OperatorTry& t, const Arguments& arguments) {
  const int status = co_await run_command(t, arguments, {}, false);
  const int code = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);  // as Python's Popen
  t.log.info(fmt::format("Command exited with return code {}", code));
  if (code == 0) co_return operators::Poke{true, {}};
  if (arguments.find("retry_exit_code") == nullptr) {
    t.log.info("Non-zero return code and no retry code set, will retry later");
  } else if (code == arguments.integer("retry_exit_code", 0)) {
    t.log.info("Return code matches retry code, will retry later");
  } else {
    throw TaskFailedForGood(fmt::format("Command exited with return code {}", code));
  }
  co_return operators::Poke{};
}

}  // namespace venturi::providers
