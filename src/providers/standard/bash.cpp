// BashOperator: bash -c in a process group of its own, its output read by the worker.
//
//   exit code 0                    success; the XCom is the last line of stdout
//   one of skip_on_exit_code (99)  skipped
//   another, or a signal           failed
//   cancelled                      SIGTERM to the group, SIGKILL 600 ms later
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <system_error>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/standard/bash_environment.h"
#include "providers/standard/child.h"
#include "providers/standard/command.h"
#include "providers/standard/sensors.h"
#include "providers/standard/standard.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using operators::TaskSkipped;

// The host reports the end of a cancelled try after 900 ms, whatever happens.
constexpr std::chrono::milliseconds grace{600};

std::string find_program(std::string_view name, const std::string& otherwise) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const std::string candidate = std::string(rest.substr(0, end)) + "/" + std::string(name);
    if (candidate.front() == '/' && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return otherwise;
}

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

// The folder that a command without `cwd` runs in, removed with all that it left there.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    const char* base = std::getenv("TMPDIR");
    path_ = std::string(base == nullptr || *base == '\0' ? "/tmp" : base) + "/venturi_bash_XXXXXX";
    if (::mkdtemp(path_.data()) == nullptr)
      throw TaskFailed(fmt::format("no temporary folder {}: {}", path_, std::strerror(errno)));
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  // Most are empty. What is not may be large: another process removes it.
  asio::awaitable<void> remove() {
    if (::rmdir(path_.c_str()) == 0 || errno == ENOENT) co_return;
    Child child(start_command({.program = find_program("rm", "/bin/rm"),
                               .arguments = {"-rf", "--one-file-system", "--", path_},
                               .environment = {},
                               .directory = "/"}),
                co_await asio::this_coro::executor);
    (void)co_await child.wait();
  }

 private:
  std::string path_;
};

void check_folder(const std::string& cwd) {
  struct stat info{};
  if (::stat(cwd.c_str(), &info) != 0) throw TaskFailed("Can not find the cwd: " + cwd);
  if (!S_ISDIR(info.st_mode)) throw TaskFailed(fmt::format("The cwd {} must be a directory", cwd));
}

pid_t start_bash(OperatorTry& t, const Arguments& arguments, const std::string& cwd) {
  const std::string command = arguments.string("bash_command");
  if (command.find('\0') != std::string::npos) throw TaskFailedForGood("the argument bash_command has a zero byte in it");
  t.log.info("Running command: bash -c " + command);
  try {
    return start_command({.program = find_program("bash", "/bin/bash"),
                          .arguments = {"-c", command},
                          .environment = bash_environment(arguments, t.facts, t.op.whole()),
                          .directory = cwd,
                          .out = t.output.at(0).get(),
                          .err = t.output.at(1).get()});
  } catch (const std::system_error& e) {
    if (e.code() != std::errc::argument_list_too_long) throw TaskFailed(e.what());
    throw TaskFailedForGood(fmt::format(
        "bash_command and env are too large for the system: {} bytes of command; put it into a script", command.size()));
  }
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

// Its status. Where it is cancelled, the group is ended and the cancellation goes on. What writes no more commands gives its
// output away: its end is seen when the command's own are closed.
asio::awaitable<int> run_in(OperatorTry& t, const Arguments& arguments, const std::string& cwd, bool is_last = true) {
  Child child(start_bash(t, arguments, cwd), co_await asio::this_coro::executor);
  if (is_last) t.output.clear();
  std::exception_ptr stopped;
  int status = 0;
  try {
    status = co_await child.wait();
  } catch (const boost::system::system_error&) {
    stopped = std::current_exception();
  }
  if (stopped) {
    t.log.warning("Sending SIGTERM signal to process group");
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await child.terminate(grace);
    std::rethrow_exception(stopped);
  }
  co_return status;
}

asio::awaitable<int> run_in_temporary_folder(OperatorTry& t, const Arguments& arguments, bool is_last) {
  TemporaryFolder folder;
  int status = 0;
  std::exception_ptr failed;
  try {
    status = co_await run_in(t, arguments, folder.path(), is_last);
  } catch (...) {
    failed = std::current_exception();
  }
  co_await folder.remove();
  if (failed) std::rethrow_exception(failed);
  co_return status;
}

}  // namespace

asio::awaitable<Value> run_bash(OperatorTry& t, Arguments arguments) {
  const std::vector<std::int64_t> skips = skip_codes(arguments);
  int status = 0;
  if (const std::string cwd = arguments.string("cwd"); !cwd.empty()) {
    check_folder(cwd);
    status = co_await run_in(t, arguments, cwd);
  } else {
    status = co_await run_in_temporary_folder(t, arguments, true);
  }
  judge(t, status, skips);
  if (!t.op.get_bool("do_xcom_push", true)) co_return Value();
  co_return decoded(co_await t.output_tail());
}

// BashSensor: done at exit code 0. Any other is "not yet", unless retry_exit_code says which one is.
asio::awaitable<operators::Poke> poke_bash(OperatorTry& t, const Arguments& arguments) {
  const int status = co_await run_in_temporary_folder(t, arguments, false);
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
