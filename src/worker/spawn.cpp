#include "worker/spawn.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "base/errno_error.h"
#include "base/fd.h"
#include "worker/process_tree.h"

namespace venturi::worker {
namespace {

void limit(int resource, rlim_t soft, rlim_t hard) {
  const rlimit value{std::min(soft, hard), hard};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &value);
}

void set_limits(const Program& program) {
  limit(RLIMIT_CORE, 0, 0);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  if (program.many_descriptors) {
    limit(RLIMIT_NOFILE, files.rlim_max, files.rlim_max);
  } else {
    const auto most = std::min<rlim_t>(files.rlim_max, task_open_files);
    limit(RLIMIT_NOFILE, most, most);
  }
  if (program.memory_mib > 0) {
    const auto bytes = static_cast<rlim_t>(program.memory_mib) << 20U;
    limit(RLIMIT_AS, bytes, bytes);
  }
}

void reset_signals() {
  struct sigaction action{};
  action.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Puts in, out, err on 0, 1, 2 and closes everything else but `keep`.
bool place_descriptors(const Program& program, int& keep) {
  const int null = ::open("/dev/null", O_RDWR);
  if (null < 0) return false;
  int sources[3] = {program.in, program.out, program.err};
  for (int& source : sources) {  // all above 2 first, so that none is overwritten before it is placed
    source = ::fcntl(source == null_fd ? null : source, F_DUPFD, 4);
    if (source < 0) return false;
  }
  const int moved = ::fcntl(keep, F_DUPFD_CLOEXEC, 4);
  if (moved < 0) return false;
  for (int fd = 0; fd < 3; ++fd) {
    if (::dup2(sources[fd], fd) < 0) return false;
  }
  if (::dup3(moved, 3, O_CLOEXEC) < 0) return false;
  keep = 3;
  if (::syscall(SYS_close_range, 4U, ~0U, 0U) == 0) return true;
  for (int fd = 4, last = static_cast<int>(::sysconf(_SC_OPEN_MAX)); fd < last; ++fd) ::close(fd);
  return true;
}

[[noreturn]] void fail_exec(int report) {
  const int error = errno;
  if (::write(report, &error, sizeof error) != sizeof error) ::_exit(126);
  ::_exit(127);
}

// Ends as the program did, after everything that it left behind.
[[noreturn]] void guard(pid_t program) {
  ::close(0);
  ::close(1);
  ::close(3);
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | __WALL) != 0) {
      if (errno == EINTR) continue;
      ::_exit(126);
    }
    if (info.si_pid != program) continue;  // an orphan of the program
    kill_descendants();
    if (info.si_code != CLD_EXITED) {
      ::kill(::getpid(), info.si_status);
      ::_exit(128 + info.si_status);
    }
    ::_exit(info.si_status);
  }
}

}  // namespace

Spawner::Spawner(const std::string& home) {
  for (const char* name : {"PATH", "HOME", "LANG", "TZ", "USER"}) {
    if (const char* value = std::getenv(name)) environment_.push_back(std::string(name) + "=" + value);
  }
  if (std::getenv("PATH") == nullptr) environment_.insert(environment_.begin(), "PATH=/usr/local/bin:/usr/bin:/bin");
  environment_.push_back(std::string(worker_mark) + "=" + home);
  umask_ = ::umask(077);
  // The keeper has set 077 already and told us what it was.
  if (const char* text = std::getenv("VENTURI_UMASK")) umask_ = static_cast<mode_t>(std::strtol(text, nullptr, 8));
}

pid_t Spawner::start(const Program& program) const {
  std::vector<char*> arguments{const_cast<char*>(program.path.c_str())};
  for (const auto& argument : program.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  std::vector<char*> environment;
  for (const auto& entry : environment_) environment.push_back(const_cast<char*>(entry.c_str()));
  environment.push_back(nullptr);

  auto [result, report] = make_pipe();
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) throw errno_error("fork for " + program.path);
  if (pid == 0) {
    int report_fd = report.get();
    ::setpgid(0, 0);
    reset_signals();
    // The keeper ends the rest of the tree; this one must not outlive us even that long.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(126);
    if (!place_descriptors(program, report_fd)) fail_exec(report_fd);
    set_limits(program);
    ::umask(umask_);
    if (program.guarded) {
      ::prctl(PR_SET_CHILD_SUBREAPER, 1);
      const pid_t guarded = ::fork();
      if (guarded < 0) fail_exec(report_fd);
      if (guarded > 0) guard(guarded);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    }
    ::execve(program.path.c_str(), arguments.data(), environment.data());
    fail_exec(report_fd);
  }
  report.reset();
  int error = 0;
  ssize_t n = 0;
  while ((n = ::read(result.get(), &error, sizeof error)) < 0 && errno == EINTR) {}
  if (n == sizeof error) {
    ::waitpid(pid, nullptr, 0);
    errno = error;
    throw errno_error("execute " + program.path);
  }
  return pid;
}

}  // namespace venturi::worker
