#include "server/worker_process.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "base/time.h"

extern char** environ;

namespace venturi::server {

namespace {
// Exit status of a worker that found another one in its home.
constexpr int another_is_there = 3;
constexpr auto restart_delay = std::chrono::seconds(1);
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
                                   "--task-memory-mib",
                                   std::to_string(config.integer("worker.task_memory_mib")),
                                   "--server-grace-s",
                                   seconds(config.seconds("worker.server_grace_s"))};
  if (!operator_host.empty()) command.insert(command.end(), {"--operator-host", operator_host});
  return command;
}

WorkerProcess::WorkerProcess(EventLoop& loop, std::vector<std::string> command, std::function<void()> on_ended)
    : loop_(loop), command_(std::move(command)), on_ended_(std::move(on_ended)) {}

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
  pidfd_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_) throw std::system_error(errno, std::generic_category(), "pidfd_open");
  loop_.watch(pidfd_.get(), EPOLLIN, [this](std::uint32_t) { on_exit(); });
}

void WorkerProcess::on_exit() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  loop_.unwatch(pidfd_.get());
  pidfd_.reset();
  pid_ = 0;
  if (draining_) return on_ended_();
  if (WIFEXITED(status) && WEXITSTATUS(status) == another_is_there) return;  // that one serves
  const bool signaled = WIFSIGNALED(status);
  log_error("the worker ended with " +
            (signaled ? "signal " + std::to_string(WTERMSIG(status)) : "status " + std::to_string(WEXITSTATUS(status))) +
            "; starting it again");
  restart_timer_ = loop_.after(restart_delay, [this] {
    restart_timer_.reset();
    start();
  });
}

void WorkerProcess::drain() {
  draining_ = true;
  if (restart_timer_) loop_.cancel(*std::exchange(restart_timer_, std::nullopt));
  if (pid_ == 0) return on_ended_();
  ::kill(pid_, SIGTERM);
}

void WorkerProcess::end_now() {
  if (pid_ != 0) ::kill(pid_, SIGTERM);
}

}  // namespace venturi::server
