#include "processes.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace venturi::bench {
namespace {

void wait_for(pid_t child, const char* what) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) fail("waitpid");
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw std::runtime_error(std::string(what) + " did not end with 0");
}

}  // namespace

void fork_and_wait() {
  const pid_t child = ::fork();
  if (child < 0) fail("fork");
  if (child == 0) ::_exit(0);
  wait_for(child, "a copy of this process");
}

void spawn_and_wait(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (const int error = ::posix_spawn(&child, command.front().c_str(), nullptr, nullptr, arguments.data(), environ);
      error != 0) {
    errno = error;
    fail("starting " + command.front());
  }
  wait_for(child, command.front().c_str());
}

}  // namespace venturi::bench
