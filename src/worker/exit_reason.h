// Why a process ended, in the words of TryExited.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "venturi/value.h"

namespace venturi::worker {

// What we did to it, if anything.
enum class Cause : std::uint8_t { none, timeout, killed, overtime, rubbish };

struct Exit {
  std::string_view kind;  // ok, exit_code, signal, out_of_memory, timeout, killed, lost, launch_failed
  int detail = 0;         // exit code or number of the signal
  std::string error;      // for people; empty for ok
  [[nodiscard]] Value value() const {
    return Object{{"kind", kind}, {"detail", detail}, {"error", error.empty() ? Value() : Value(error)}};
  }
};

// "SIGSEGV", or "signal 42" for those without a name.
[[nodiscard]] std::string signal_name(int signal);

// `status` as waitpid gives it; `terminal`: the task told its outcome before; `out_of_memory`: the kernel killed for want of
// memory meanwhile; `why` goes with every cause but none.
[[nodiscard]] Exit exit_of(int status, Cause cause, const std::string& why, bool terminal, bool out_of_memory);

// The kernel's count of processes killed for want of memory: of our control group where it keeps one, else of the machine.
// A SIGKILL that nobody of ours sent, while the count rose, was the OOM killer.
class OomCounter {
 public:
  OomCounter();
  explicit OomCounter(std::string path) : path_(std::move(path)), last_(read()) {}
  // Takes the present count as the one to compare with; at most once a second, it is asked for with each launch.
  void note();
  // Whether the count rose since then.
  [[nodiscard]] bool rose();

 private:
  [[nodiscard]] std::int64_t read() const;
  std::string path_;  // of a file with a line "oom_kill N"
  std::int64_t last_ = 0, noted_s_ = 0;
};

}  // namespace venturi::worker
