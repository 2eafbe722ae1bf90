#include "server/worker_process.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <system_error>
#include <utility>

#include "base/errno_error.h"
#include "base/log.h"
#include "base/time.h"
#include "home/small_file.h"

extern char** environ;

namespace venturi::server {

namespace {
// Exit status of a worker that found another one in its home.
constexpr int another_is_there = 3;
constexpr auto restart_delay = std::chrono::seconds(1);

// The keeper that has the home (worker/keeper.cpp writes its pid there under its lock); invalid where it is gone, or going.
std::pair<Fd, pid_t> open_keeper(const std::string& home) {
  const auto text = read_small_file(home + "/worker/lock", 64);
  if (!text || !*text) return {};
  pid_t pid = 0;
  std::from_chars((*text)->data(), (*text)->data() + (*text)->size(), pid);
  if (pid <= 0) return {};
  Fd keeper(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!keeper) return {};
  // The pid may be another process's by now. What /proc says is of the one that we hold.
  const auto words = read_small_file("/proc/" + std::to_string(pid) + "/cmdline", 65536);
  const std::string home_argument = std::string("\0--home\0", 8) + home + std::string("\0", 1);
  if (!words || !*words || (*words)->find(home_argument) == std::string::npos) return {};
  return {std::move(keeper), pid};
}
}  // namespace

std::vector<std::string> worker_command(const Home& home, const Config& config, const std::string& worker_program,
                                        const std::string& operator_host) {
  const auto seconds = [](Duration time) { return fmt::format("{}", to_seconds(time)); };
  std::vector<std::string> command{worker_program,
                                   "--home",
                                   home.root.string(),
                                   "--parallelism",
                                   std::to_string(config.integer("worker.parallelism")),
                                   "--warm-idle-s",
                                   seconds(config.seconds("worker.warm_idle_s")),
                                   "--warm-max",
                                   std::to_string(config.integer("worker.warm_max")),
                                   "--warm-memory-mib",
                                   std::to_string(config.integer("worker.warm_memory_mib")),
                                   "--light-threads",
                                   std::to_string(config.integer("worker.light_threads")),
                                   "--task-memory-mib",
                                   std::to_string(config.integer("worker.task_memory_mib")),
                                   "--max-task-log-mib",
                                   std::to_string(config.integer("logging.max_task_log_mib")),
                                   "--server-grace-s",
                                   seconds(config.seconds("worker.server_grace_s"))};
  if (!operator_host.empty()) command.insert(command.end(), {"--operator-host", operator_host});
  return command;
}

WorkerProcess::WorkerProcess(EventLoop& loop, std::string home, std::vector<std::string> command,
                             std::function<void()> on_ended)
    : loop_(loop), home_(std::move(home)), command_(std::move(command)), on_ended_(std::move(on_ended)) {}

WorkerProcess::~WorkerProcess() {
  if (restart_timer_) loop_.cancel(*restart_timer_);
  if (pidfd_) loop_.unwatch(pidfd_.get());
}

void WorkerProcess::start() {
  std::vector<char*> arguments;
  for (std::string& word : command_) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int error = ::posix_spawn(&pid_, arguments[0], nullptr, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) throw std::system_error(error, std::generic_category(), "cannot start the worker " + command_[0]);
  Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd) throw errno_error("pidfd_open");
  is_child_ = true;
  watch(std::move(pidfd));
}

void WorkerProcess::watch(Fd pidfd) {
  pidfd_ = std::move(pidfd);
  loop_.watch(pidfd_.get(), EPOLLIN, [this](std::uint32_t) { on_exit(); });
}

void WorkerProcess::on_exit() {
  int status = 0;
  if (is_child_) ::waitpid(pid_, &status, 0);
  loop_.unwatch(pidfd_.get());
  pidfd_.reset();
  pid_ = 0;
  const bool found_another = is_child_ && WIFEXITED(status) && WEXITSTATUS(status) == another_is_there;
  // That one serves, for as long as it lives.
  if (found_another && adopt()) return;
  if (draining_) return on_ended_();
  if (found_another) return restart_later();
  if (!is_child_) {
    log_error("the worker ended; starting a new one");
    return restart_later();
  }
  const bool signaled = WIFSIGNALED(status);
  log_error("the worker ended with " +
            (signaled ? "signal " + std::to_string(WTERMSIG(status)) : "status " + std::to_string(WEXITSTATUS(status))) +
            "; starting it again");
  restart_later();
}

bool WorkerProcess::adopt() {
  auto [keeper, pid] = open_keeper(home_);
  if (!keeper) return false;
  log_info("the worker of an earlier server goes on (pid " + std::to_string(pid) + ")");
  pid_ = pid;
  is_child_ = false;
  watch(std::move(keeper));
  if (draining_) send_signal(SIGTERM);
  return true;
}

void WorkerProcess::restart_later() {
  restart_timer_ = loop_.after(restart_delay, [this] {
    restart_timer_.reset();
    start();
  });
}

void WorkerProcess::drain() {
  draining_ = true;
  if (restart_timer_) loop_.cancel(*std::exchange(restart_timer_, std::nullopt));
  if (pid_ == 0) return on_ended_();
  send_signal(SIGTERM);
}

void WorkerProcess::end_now() {
  // Another signal than that of drain(): of two of the same kind that nobody has read yet, the kernel keeps one.
  if (pid_ != 0) send_signal(SIGINT);
}

// By the descriptor: the pid of one that is no child of ours may be another process's by now.
void WorkerProcess::send_signal(int signal) {
  if (::syscall(SYS_pidfd_send_signal, pidfd_.get(), signal, nullptr, 0) != 0 && errno != ESRCH)
    log_error("the worker cannot be told to end: " + std::generic_category().message(errno));
}

}  // namespace venturi::server
