// Warm processes: one for each program that runs tasks, started at first need, which makes a process for each try by
// clone3(CLONE_PARENT) in a fraction of the time that executing the program takes (docs/architecture/task-host.md, ForkTask).
// They hold nothing of value: one that died is started again, one that is idle ends, and the processes it made go on.
//
// A program that cannot be one (it has threads before main, or is too large) is executed for each try.
#pragma once

#include <sys/types.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/event_loop.h"
#include "worker/children.h"
#include "worker/options.h"
#include "worker/program_file.h"
#include "worker/spawn.h"
#include "worker/try.h"

namespace venturi::worker {

class WarmPool {
 public:
  struct Events {
    std::function<void(Try&)> made;                        // its process exists: pid is set
    std::function<void(Try&, const std::string&)> failed;  // no process was made, for sure
    std::function<void(Try&, const std::string&)> lost;    // a process may have been made, and is not there
  };

  WarmPool(EventLoop& loop, Children& children, const Spawner& spawner, const Options& options, Events events);
  ~WarmPool();
  WarmPool(const WarmPool&) = delete;
  WarmPool& operator=(const WarmPool&) = delete;

  // Makes the try's process; its descriptors and first frame are ready. `argument` is what makes the program a warm one.
  void launch(Try& t, const std::string& argument);
  // The try is not wanted any more. True where it had not been asked for yet: nothing follows.
  bool withdraw(Try& t);

 private:
  struct Warm {
    std::string program, argument;
    ProgramFile file;
    pid_t pid = 0;
    Fd control;
    task::FrameReader in;
    bool ready = false, retired = false, watching_out = false;
    std::deque<Try*> waiting;  // not asked for yet
    std::deque<Try*> forking;  // asked for, in order
    std::chrono::steady_clock::time_point last_used;
    EventLoop::TimerId start_timer = 0, fork_timer = 0;
    std::chrono::steady_clock::time_point last_progress;  // in making processes
  };

  Warm* find_or_start(Try& t, const std::string& argument, const ProgramFile& file);
  void make_room();
  void execute(Try& t);
  void retire(Warm& warm);
  void ask(Warm& warm);
  void on_control(Warm& warm, std::uint32_t events);
  enum class Got : std::uint8_t { bytes, nothing, end };
  Got receive(Warm& warm);
  void handle(Warm& warm, const task::Frame& frame);
  void died(Warm& warm, int status);
  void end(Warm& warm);
  void settle_fork(Try& t, const std::string& argument, const std::string& how);
  void arm_fork_timer(Warm& warm);
  void arm_idle_timer();
  void end_idle();

  EventLoop& loop_;
  Children& children_;
  const Spawner& spawner_;
  const Options& options_;
  Events events_;
  std::vector<std::unique_ptr<Warm>> warm_;
  std::map<std::string, ProgramFile> executed_each_;  // programs that cannot be warm
  EventLoop::TimerId idle_timer_ = 0;
};

// The process among our children that has this socket open: which one a warm process that died had made for a try.
[[nodiscard]] pid_t find_holder(const Children& children, int socket);

}  // namespace venturi::worker
