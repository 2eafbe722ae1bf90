#include "providers/standard/command.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "base/vfork.h"

namespace venturi::providers {
namespace {

constexpr rlim_t most_open_files = 4096;  // as for tasks (worker/spawn.h)

// Everything that the child needs between clone and exec, made beforehand: it may only make system calls there.
struct Prepared {
  const char* program = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  const char* directory = nullptr;
  int out = -1, err = -1;
  pid_t parent = 0;
  int error = 0;
};

VENTURI_IN_VFORK_CHILD int give_up(Prepared* p) {
  p->error = errno;
  return 127;
}

VENTURI_IN_VFORK_CHILD int child_main(void* argument) {
  auto* p = static_cast<Prepared*>(argument);
  if (::setsid() < 0) return give_up(p);
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return give_up(p);
  if (::getppid() != p->parent) return 127;
  struct sigaction by_default{};
  by_default.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &by_default, nullptr);  // two belong to libc: refused
  const int null = ::open("/dev/null", O_RDWR);
  if (null < 0 || ::dup2(null, 0) < 0) return give_up(p);
  if (::dup2(p->out < 0 ? 0 : p->out, 1) < 0 || ::dup2(p->err < 0 ? 0 : p->err, 2) < 0) return give_up(p);
  if (::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) != 0) return give_up(p);
  if (::chdir(p->directory) != 0) return give_up(p);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = std::min(files.rlim_max, most_open_files);
    files.rlim_max = files.rlim_cur;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(p->program, p->arguments, p->environment);
  return give_up(p);
}

std::vector<char*> pointers(const std::vector<std::string>& texts, const char* first) {
  std::vector<char*> list;
  list.reserve(texts.size() + 2);
  if (first != nullptr) list.push_back(const_cast<char*>(first));
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

}  // namespace

pid_t start_command(const Command& command) {
  const auto arguments = pointers(command.arguments, command.program.c_str());
  const auto environment = pointers(command.environment, nullptr);
  Prepared prepared{.program = command.program.c_str(),
                    .arguments = arguments.data(),
                    .environment = environment.data(),
                    .directory = command.directory.c_str(),
                    .out = command.out,
                    .err = command.err,
                    .parent = ::getpid(),
                    .error = 0};
  const pid_t pid = vfork_child(child_main, &prepared);
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "a process for " + command.program);
  if (prepared.error != 0) {
    ::waitpid(pid, nullptr, 0);
    throw std::system_error(prepared.error, std::generic_category(), "execute " + command.program + " in " + command.directory);
  }
  return pid;
}

}  // namespace venturi::providers
