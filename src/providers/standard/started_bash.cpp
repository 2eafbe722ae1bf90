#include "providers/standard/started_bash.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/this_coro.hpp>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "base/find_program.h"
#include "net/background.h"
#include "operators/outcome.h"
#include "providers/standard/child.h"
#include "providers/standard/command.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailed;
using operators::TaskFailedForGood;

std::string make_temporary_folder() {
  const char* base = std::getenv("TMPDIR");
  std::string path = std::string(base == nullptr || *base == '\0' ? "/tmp" : base) + "/venturi_bash_XXXXXX";
  if (::mkdtemp(path.data()) == nullptr)
    throw TaskFailed(fmt::format("no temporary folder {}: {}", path, std::strerror(errno)));
  return path;
}

void check_folder(const std::string& cwd) {
  struct stat info{};
  if (::stat(cwd.c_str(), &info) != 0) throw TaskFailed("Can not find the cwd: " + cwd);
  if (!S_ISDIR(info.st_mode)) throw TaskFailed(fmt::format("The cwd {} must be a directory", cwd));
}

pid_t start_in(const BashCommand& command, const std::string& folder) {
  try {
    return start_command({.program = find_program("bash").value_or("/bin/bash"),
                          .arguments = {"-c", command.text},
                          .environment = command.environment,
                          .directory = folder,
                          .out = command.out.get(),
                          .err = command.err.get()});
  } catch (const std::system_error& e) {
    if (e.code() != std::errc::argument_list_too_long) throw TaskFailed(e.what());
    throw TaskFailedForGood(fmt::format(
        "bash_command and env are too large for the system: {} bytes of command; put it into a script", command.text.size()));
  }
}

StartedBash start(const BashCommand& command) {
  if (!command.cwd.empty()) {
    check_folder(command.cwd);
    return {start_in(command, command.cwd), {}};
  }
  const std::string folder = make_temporary_folder();
  try {
    return {start_in(command, folder), folder};
  } catch (...) {
    ::rmdir(folder.c_str());
    throw;
  }
}

}  // namespace

StartedBash::~StartedBash() {
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
  }
  // It had no time to leave anything there.
  if (!temporary_folder_.empty()) ::rmdir(temporary_folder_.c_str());
}

asio::awaitable<StartedBash> start_bash(BashCommand command) {
  auto work = [shared = std::make_shared<const BashCommand>(std::move(command))] { return start(*shared); };
  co_return co_await net::in_background(std::move(work));
}

// Most are empty. What is not may be large: another process removes it.
asio::awaitable<void> remove_temporary_folder(std::string path) {
  auto work = [path] { return ::rmdir(path.c_str()) == 0 || errno == ENOENT; };
  const bool is_gone = co_await net::in_background(std::move(work));
  if (is_gone) co_return;
  Child child(start_command({.program = find_program("rm").value_or("/bin/rm"),
                             .arguments = {"-rf", "--one-file-system", "--", path},
                             .environment = {},
                             .directory = "/"}),
              co_await asio::this_coro::executor);
  (void)co_await child.wait();
}

}  // namespace venturi::providers
