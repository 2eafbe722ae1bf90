#include "worker/keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "base/errno_error.h"
#include "task/frame.h"
#include "worker/keeper_link.h"
#include "worker/kept_logs.h"
#include "worker/process_tree.h"

namespace venturi::worker {
namespace {

using Clock = std::chrono::steady_clock;

// One worker for a home: two would share a launch record.
Fd lock_home(const Options& options) {
  const std::string folder = options.home + "/worker";
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) throw errno_error("mkdir " + folder);
  const std::string path = folder + "/lock";
  Fd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) throw errno_error("open " + path);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return Fd();
    throw errno_error("lock " + path);
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock.get(), 0) != 0 || !write_all(lock.get(), pid)) throw errno_error("write " + path);
  return lock;
}

class Keeper {
 public:
  explicit Keeper(const Options& options) : options_(options) {
    options_.supervisor = true;
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&signals, signal);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    signals_ = Fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_) throw errno_error("signalfd");
  }

  int run() {
    for (;;) {
      start();
      const auto began = Clock::now();
      const int status = serve();
      kill_descendants();
      logs_.receive(socket_.get());
      const auto labels = logs_.labels();
      logs_.finish();
      socket_.reset();
      if (ended_at_once_) {
        for (const auto& label : labels) std::fprintf(stderr, "venturi-worker: ended %s\n", label.c_str());
        std::fprintf(stderr, "venturi-worker: ended at once, with %zu running tries\n", labels.size());
        return 1;
      }
      if (WIFEXITED(status) && WEXITSTATUS(status) <= 2) return WEXITSTATUS(status);
      std::fprintf(stderr, "venturi-worker: the supervisor died (%s %d) with %zu running tries; starting it again\n",
                   WIFEXITED(status) ? "exit code" : "signal", WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status),
                   labels.size());
      back_off(Clock::now() - began);
    }
  }

 private:
  void start() {
    auto [mine, theirs] = make_socket_pair();
    std::vector<std::string> texts{"venturi-worker-supervisor"};
    for (auto& argument : to_arguments(options_)) texts.push_back(std::move(argument));
    std::vector<char*> arguments;
    for (auto& text : texts) arguments.push_back(text.data());
    arguments.push_back(nullptr);
    supervisor_ = ::fork();
    if (supervisor_ < 0) throw errno_error("fork");
    if (supervisor_ == 0) {
      sigset_t none;
      sigemptyset(&none);
      ::sigprocmask(SIG_SETMASK, &none, nullptr);
      ::setpgid(0, 0);  // Ctrl-C is for the keeper
      if (theirs.get() == keeper_fd ? ::fcntl(keeper_fd, F_SETFD, 0) != 0 : ::dup2(theirs.get(), keeper_fd) < 0) ::_exit(126);
      ::execv("/proc/self/exe", arguments.data());
      std::perror("venturi-worker: execute the supervisor");
      ::_exit(2);
    }
    socket_ = std::move(mine);
    if (draining_) drain();
  }

  void drain() {
    // A supervisor that is dead does not need to be told.
    const bool told = write_all(socket_.get(), task::encode_frame(0, Array{"drain"}));
    static_cast<void>(told);
  }

  // Until the supervisor is dead; returns its status.
  int serve() {
    for (;;) {
      pollfd ready[2] = {{signals_.get(), POLLIN, 0}, {socket_.get(), POLLIN, 0}};
      if (socket_ended_) ready[1].fd = -1;
      if (::poll(ready, 2, -1) < 0 && errno != EINTR) throw errno_error("poll");
      if (ready[1].revents != 0) socket_ended_ = !logs_.receive(socket_.get());
      signalfd_siginfo info{};
      while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
        if (info.ssi_signo != SIGCHLD) on_signal(static_cast<pid_t>(info.ssi_pid) == ::getppid());
      }
      for (;;) {
        siginfo_t child{};
        if (::waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT | __WALL) != 0 || child.si_pid == 0) break;
        int status = 0;
        ::waitpid(child.si_pid, &status, __WALL);
        if (child.si_pid != supervisor_) continue;
        socket_ended_ = false;
        return status;
      }
    }
  }

  // A server that started this worker and ends it has told so itself.
  void on_signal(bool by_parent) {
    if (!draining_) {
      draining_ = true;
      if (!by_parent)
        std::fprintf(stderr, "venturi-worker: taking no more tasks; ends with the last running one (again: at once)\n");
      drain();
      return;
    }
    ended_at_once_ = true;
    ::kill(supervisor_, SIGKILL);
  }

  void back_off(Clock::duration lived) {
    delay_ = lived > std::chrono::seconds(10)
                 ? std::chrono::milliseconds(0)
                 : std::min(std::chrono::milliseconds(5000), delay_ * 2 + std::chrono::milliseconds(10));
    // A signal ends the wait: the next supervisor is told to drain, or is ended. Of children that are gone nobody waits.
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    const timespec at_once{};
    while (::sigtimedwait(&child, nullptr, &at_once) > 0) {}
    pollfd ready{signals_.get(), POLLIN, 0};
    ::poll(&ready, 1, static_cast<int>(delay_.count()));
  }

  Options options_;
  Fd signals_, socket_;
  pid_t supervisor_ = 0;
  KeptLogs logs_;
  bool draining_ = false, ended_at_once_ = false, socket_ended_ = false;
  std::chrono::milliseconds delay_{0};
};

void raise_open_files() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

int run_keeper(const Options& options) {
  char umask_text[16];
  std::snprintf(umask_text, sizeof umask_text, "%03o", static_cast<unsigned>(::umask(077)));
  ::setenv("VENTURI_UMASK", umask_text, 1);
  raise_open_files();
  const Fd lock = lock_home(options);
  if (!lock) {
    std::fprintf(stderr, "venturi-worker: another worker has %s (its pid is in worker/lock)\n", options.home.c_str());
    return 3;
  }
  ::setenv(worker_mark, options.home.c_str(), 1);
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) throw errno_error("PR_SET_CHILD_SUBREAPER");
  kill_marked(options.home);
  return Keeper(options).run();
}

}  // namespace venturi::worker
