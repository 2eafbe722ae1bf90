// The worker that `standalone` starts: a process in a session of its own, so that it outlives this one and no Ctrl-C of the
// terminal reaches it. It is started again when it ends without having been asked to. Where the worker of an earlier server
// lives on in the home, that one is looked after in the same way.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/fd.h"
#include "home/config.h"
#include "home/home.h"

namespace venturi::server {

// The worker of this home with what the configuration says of it.
[[nodiscard]] std::vector<std::string> worker_command(const Home& home, const Config& config, const std::string& worker_program,
                                                      const std::string& operator_host);

class WorkerProcess {
 public:
  // on_ended: it drained after drain(), or was ended.
  WorkerProcess(EventLoop& loop, std::string home, std::vector<std::string> command, std::function<void()> on_ended);
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // Throws std::system_error where the program cannot be started.
  void start();
  // SIGTERM: it takes no more and ends when its tries have. on_ended follows, at once where there is none.
  void drain();
  // A second SIGTERM: it ends everything at once, and says what that was.
  void end_now();

 private:
  void watch(Fd pidfd);
  void on_exit();
  [[nodiscard]] bool adopt();
  void restart_later();
  void send_signal(int signal);

  EventLoop& loop_;
  std::string home_;
  std::vector<std::string> command_;
  std::function<void()> on_ended_;
  pid_t pid_ = 0;
  Fd pidfd_;
  bool is_child_ = false, draining_ = false;
  std::optional<EventLoop::TimerId> restart_timer_;
};

}  // namespace venturi::server
