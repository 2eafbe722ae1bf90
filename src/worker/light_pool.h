// Light processes: one for each program that has light tasks, which runs them on threads (sdk/light.h, docs/light-tasks.md).
// Started at first need, ended when idle or when the program was replaced. One that dies takes the tries with it that had begun
// there.
//
// What a light task prints cannot be told from what others there print: it goes, line by line and masked, to the worker's own
// output.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/event_loop.h"
#include "base/masking.h"
#include "worker/children.h"
#include "worker/operator_host.h"
#include "worker/options.h"
#include "worker/program_file.h"
#include "worker/spawn.h"
#include "worker/try.h"

namespace venturi::worker {

struct LightProcess {
  std::string program, name;
  ProgramFile file;
  std::unique_ptr<OperatorHost> host;
  std::unordered_set<Try*> tries;
  bool retired = false;        // takes no more
  std::string killed_because;  // of one of its tries
  std::chrono::steady_clock::time_point last_used;
  Fd output;
  std::string line;  // of the output, without its end
  std::vector<std::string> secrets;
  std::unique_ptr<const Masker> masker = std::make_unique<Masker>();
};

class LightPool {
 public:
  struct Death {
    std::string name, why;
    bool was_ready = false;  // else nothing of it can have begun
    std::vector<Try*> tries;
  };
  struct Events {
    std::function<void(const task::Frame&)> on_message;
    std::function<void(const Death&)> on_died;
  };

  LightPool(EventLoop& loop, Children& children, const Spawner& spawner, const Options& options, Events events);
  ~LightPool();
  LightPool(const LightPool&) = delete;
  LightPool& operator=(const LightPool&) = delete;

  // Finds a process for it, or starts one. `name` is the DAG file's. An error text where that cannot be; empty: fine.
  [[nodiscard]] std::string enter(Try& t, const std::string& name);
  // Then: hands over t.start_message, with the task's end of its log socket.
  void start(Try& t, Fd log);
  void send(Try& t, std::int64_t id, const Value& body, const Value& error = {});
  // What the process prints must not show these either.
  void mask(Try& t, const std::vector<std::string>& secrets);
  // Ends the process with all that runs there, since this one does not stop.
  void kill(Try& t, const std::string& because);
  // The try is done with, or is to be started anew.
  void leave(Try& t);
  void flush();

 private:
  LightProcess* find(const std::string& program, const ProgramFile& file);
  std::string make(const Try& t, const std::string& name, const ProgramFile& file);
  void make_room();
  void retire(LightProcess& process);
  void died(LightProcess& process, const std::string& why, bool was_ready);
  void read_output(LightProcess& process);
  void print(const LightProcess& process, std::string_view line) const;
  void arm_idle_timer();
  void end_idle();

  EventLoop& loop_;
  Children& children_;
  const Spawner& spawner_;
  const Options& options_;
  Events events_;
  std::vector<std::unique_ptr<LightProcess>> processes_;
  std::vector<std::unique_ptr<LightProcess>> dead_;  // destroyed at the end of the turn: their hosts are calling
  EventLoop::TimerId idle_timer_ = 0;
};

}  // namespace venturi::worker
