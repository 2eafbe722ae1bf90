// Starting a command from a process of any size at the speed of vfork.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace venturi::providers {

struct Command {
  std::string program;                   // absolute
  std::vector<std::string> arguments;    // without argv[0]
  std::vector<std::string> environment;  // "NAME=value"
  std::string directory;
  int out = -1, err = -1;  // what becomes 1 and 2, above 2; -1: /dev/null, as 0 is always
};

// A child in a session and process group of its own (its number is the pid), with signals at their defaults, at most 4096 open
// files, no core file, and no descriptor but 0, 1 and 2. It dies with this process. Throws std::system_error naming the
// program.
[[nodiscard]] pid_t start_command(const Command& command);

}  // namespace venturi::providers
