// Starting programs with nothing of ours in them.
//
//   environment   PATH, HOME, LANG, TZ, USER where the worker has them (PATH always), and VENTURI_WORKER=<home>
//   descriptors   0 1 2 and those that are named; nothing else
//   limits        no core files; 4096 open files (operator hosts: the hard limit); address space where it is set
//   signals       all at their defaults, none blocked; a process group of its own
//   umask         the one that the worker was started with
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace venturi::worker {

inline constexpr int null_fd = -1;  // /dev/null
inline constexpr unsigned task_open_files = 4096;

struct Program {
  std::string path{};
  std::vector<std::string> arguments{};  // without argv[0]
  int in = null_fd, out = null_fd, err = null_fd;
  int memory_mib = 0;  // RLIMIT_AS; 0: none
  bool many_descriptors = false;
  // A small process stands between us and the program: when the program dies it kills everything that the program left
  // behind, then ends the same way.
  bool guarded = false;
};

// The process-wide facts that starting a program needs; taken once at the start of the supervisor.
class Spawner {
 public:
  explicit Spawner(const std::string& home);
  // Throws std::system_error where the program cannot be executed: what() names it.
  [[nodiscard]] pid_t start(const Program& program) const;
  [[nodiscard]] const std::vector<std::string>& environment() const { return environment_; }

 private:
  std::vector<std::string> environment_;
  mode_t umask_ = 0;
};

}  // namespace venturi::worker
