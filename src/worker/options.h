// What a worker is started with. No option holds a secret: arguments can be read by everybody on the machine.
#pragma once

#include <chrono>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace venturi::worker {

struct Options {
  using Span = std::chrono::milliseconds;

  std::string home;               // --home: absolute path of $VENTURI_HOME
  std::string operator_host;      // --operator-host: absolute path of venturi-operators; empty: no built-in operators
  int parallelism = 32;           // --parallelism: told to the server, which keeps to it
  Span warm_idle{60'000};         // --warm-idle-s: a warm process unused for so long ends
  int warm_max = 16;              // --warm-max: warm processes at most
  int warm_memory_mib = 256;      // --warm-memory-mib: a program that is larger when warm is executed for each try instead
  int light_threads = 32;         // --light-threads: of a program's light process at most
  int task_memory_mib = 0;        // --task-memory-mib: address space of a task at most; 0: no limit
  int max_task_log_mib = 256;     // --max-task-log-mib: of what a try prints; 0: all of it
  Span server_grace{60'000};      // --server-grace-s: without a server the worker ends so long after its last try
  Span drain_patience{10'000};    // --drain-patience-s: a worker that drains waits so long for a server's last answers
  Span overtime{20'000};          // --success-overtime-s: how long a task may live after it told its outcome (callbacks)
  Span kill_grace{5'000};         // --kill-grace-s: between SIGTERM and SIGKILL
  Span callback_timeout{50'000};  // --callback-timeout-s: a callback's process at most
  Span warm_start{10'000};        // --warm-start-s: until a warm process must have said that it is ready
  bool supervisor = false;        // --supervisor: what the keeper starts
};

// Thrown for arguments that make no sense; what() says which and what is expected.
class OptionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

[[nodiscard]] Options parse_options(std::span<const char* const> arguments);
// The same options as arguments, for starting the supervisor.
[[nodiscard]] std::vector<std::string> to_arguments(const Options& options);

}  // namespace venturi::worker
