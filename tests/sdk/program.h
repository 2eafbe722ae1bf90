// A compiled DAG program as its server, worker or a stock Airflow starts it.
#pragma once

#include <spawn.h>
#include <sys/wait.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "base/fd.h"
#include "task/frame.h"

namespace venturi::sdk_tests {

class Program {
 public:
  // `name` of the folder build/dags. `standard_input` becomes its fd 0; without one it has this process's.
  Program(const std::string& name, const std::vector<std::string>& arguments, int standard_input = -1) {
    std::string path = std::string(VENTURI_DAGS) + "/" + name;
    std::vector<std::string> words{path};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    char* environment[] = {nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (standard_input >= 0) posix_spawn_file_actions_adddup2(&actions, standard_input, 0);
    const int error = ::posix_spawn(&pid_, path.c_str(), &actions, nullptr, argv.data(), environment);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("cannot start " + path + ": build the target tests first");
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      (void)wait();
    }
  }
  // Its exit code; 128 + n where signal n ended it.
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
};

inline std::string read_to_end(int socket) {
  std::string text;
  std::vector<Fd> none;
  while (receive_with_fds(socket, text, none) > 0) {}
  return text;
}

}  // namespace venturi::sdk_tests
