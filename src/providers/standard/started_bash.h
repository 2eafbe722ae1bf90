// Bash with a command, started beside the loop: the folder that it runs in may lie on a disk that does not answer.
#pragma once

#include <sys/types.h>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"

namespace venturi::providers {

struct BashCommand {
  std::string text;
  std::string cwd;  // empty: a temporary folder
  std::vector<std::string> environment;
  Fd out, err;  // of its own; what becomes 1 and 2
};

// Bash that runs. Where nobody released it, its end kills it, and removes its temporary folder.
class StartedBash {
 public:
  StartedBash() = default;
  StartedBash(pid_t pid, std::string temporary_folder) : pid_(pid), temporary_folder_(std::move(temporary_folder)) {}
  StartedBash(StartedBash&& other) noexcept
      : pid_(std::exchange(other.pid_, 0)), temporary_folder_(std::exchange(other.temporary_folder_, {})) {}
  StartedBash& operator=(StartedBash&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(temporary_folder_, other.temporary_folder_);
    return *this;
  }
  StartedBash(const StartedBash&) = delete;
  StartedBash& operator=(const StartedBash&) = delete;
  ~StartedBash();

  // What is the caller's from here on.
  [[nodiscard]] pid_t release_process() { return std::exchange(pid_, 0); }
  [[nodiscard]] std::string release_temporary_folder() { return std::exchange(temporary_folder_, {}); }

 private:
  pid_t pid_ = 0;
  std::string temporary_folder_;  // empty: none of ours
};

// Throws TaskFailed where the folder is not there or no process can be had, TaskFailedForGood where the command is too long.
[[nodiscard]] boost::asio::awaitable<StartedBash> start_bash(BashCommand command);
// With all that is in it.
[[nodiscard]] boost::asio::awaitable<void> remove_temporary_folder(std::string path);

}  // namespace venturi::providers
