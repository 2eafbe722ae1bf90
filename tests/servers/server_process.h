// A server that a test starts and ends. It dies with the test, whatever happens to that.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/fd.h"

namespace venturi::tests {

struct ServerProgram {
  std::string program;  // absolute
  std::string package;  // of Debian: for the error where the program is missing
  std::vector<std::string> arguments{};
  std::map<std::string, std::string> environment{};  // beside the test's own
  std::string user{};                                // run as this one, where the test runs as root
  std::string output_file{};  // stderr (and stdout, where lines are not read) goes there; empty: to the test's own
  int parent_death_signal = 9;
  bool reads_lines = false;  // stdout is a pipe: see read_line()
};

class ServerProcess {
 public:
  // Throws std::runtime_error naming the package where the program is missing.
  explicit ServerProcess(const ServerProgram& program);
  // SIGTERM, SIGKILL after 5 s.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  // Its next line on stdout. Throws std::runtime_error where none comes within 20 s, or it ended.
  [[nodiscard]] std::string read_line();
  [[nodiscard]] bool has_ended();
  void signal(int number) const;
  // Sends the signal and waits for the end.
  void end(int number);

 private:
  pid_t pid_ = 0;
  Fd lines_;
  std::string buffer_;
  bool ended_ = false;
};

// A port of the loopback address on which nobody listens now.
[[nodiscard]] int free_port();
// Asks again every few milliseconds. False where it did not become true in time.
[[nodiscard]] bool becomes_true(const std::function<bool()>& condition,
                                std::chrono::milliseconds patience = std::chrono::seconds(20));

// A fresh folder, removed with everything in it at the end.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  // Writes a file and returns its path.
  std::string write(const std::string& name, const std::string& content) const;

 private:
  std::string path_;
};

[[nodiscard]] std::string read_file(const std::string& path);

}  // namespace venturi::tests
