// A process of somebody else's code under limits: compilers, and DAG programs that describe themselves. It gets a process
// group, a clean environment, no open files but 0, 1 and 2, and dies with its parent.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/fd.h"

namespace venturi::lanes {

struct ChildSpec {
  std::string program;                   // absolute
  std::vector<std::string> arguments;    // without argv[0]
  std::vector<std::string> environment;  // "NAME=value"; see clean_environment()
  std::string directory;
  Fd standard_input;               // /dev/null where invalid
  std::uint64_t memory_bytes = 0;  // address space; 0: no limit, as for all of these
  std::uint64_t cpu_seconds = 0;
  std::uint64_t file_bytes = 0;
  std::chrono::milliseconds timeout{0};
  std::size_t output_bytes = 65536;  // of stdout and stderr together: as much from the beginning and from the end
};

struct ChildEnd {
  enum class Kind { exited, signaled, timed_out, not_started };
  Kind kind = Kind::not_started;
  int value = 0;       // exit code, signal number, or errno of what kept it from starting
  std::string output;  // stdout and stderr as they came
};

class ChildProcess {
 public:
  // Starts it. `on_end` is called once, from the loop, after the process and everything in its group were ended and their
  // output was read; never from inside the constructor. It may destroy this object.
  ChildProcess(EventLoop& loop, ChildSpec spec, std::function<void(ChildEnd)> on_end);
  // Ends the group where it still runs; on_end is not called then.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // SIGKILL to the group; on_end follows.
  void kill();
  // Another descriptor of what stdout and stderr write to.
  [[nodiscard]] int output_descriptor() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// PATH, HOME, LANG, TZ and USER of this process and nothing else: no database handle, no VENTURI__ or AIRFLOW_ variable.
[[nodiscard]] std::vector<std::string> clean_environment();

}  // namespace venturi::lanes
