// A home in a fresh folder, a fake server, and a real worker.
#pragma once

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "worker/process_tree.h"
#include "worker/testing/fake_server.h"

namespace venturi::worker::testing {

class WorkerTest : public ::testing::Test {
 protected:
  WorkerTest() {
    std::string pattern = ::testing::TempDir() + "worker_XXXXXX";
    home = std::filesystem::canonical(::mkdtemp(pattern.data())).string();
    for (const char* folder : {"/run", "/worker", "/logs", "/files"}) std::filesystem::create_directory(home + folder);
    server = std::make_unique<FakeServer>(home + "/run/server.sock");
    server->start();
  }
  ~WorkerTest() override {
    if (worker > 0) {
      ::kill(worker, SIGKILL);
      ::waitpid(worker, nullptr, 0);
    }
    kill_marked(home);
    std::filesystem::remove_all(home);
  }

  // Starts a worker; options replace these.
  void start(std::vector<std::string> more = {}) {
    std::vector<std::string> texts{WORKER_PROGRAM,    "--home",         home, "--operator-host",
                                   WORKER_PROBE_HOST, "--kill-grace-s", "0.3"};
    texts.insert(texts.end(), more.begin(), more.end());
    worker = ::fork();
    if (worker == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      std::vector<char*> arguments;
      for (auto& text : texts) arguments.push_back(text.data());
      arguments.push_back(nullptr);
      for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
      ::execv(WORKER_PROGRAM, arguments.data());
      ::_exit(126);
    }
  }
  void start_and_accept(std::vector<std::string> more = {}) {
    start(std::move(more));
    server->accept();
  }
  int wait_for_end() {
    int status = 0;
    ::waitpid(worker, &status, 0);
    worker = 0;
    return status;
  }
  // The supervisor is the keeper's only child.
  pid_t supervisor() {
    pid_t pid = 0;
    eventually([&] {
      const auto children = children_of(worker);
      if (!children.empty()) pid = children.front();
      return pid != 0;
    });
    return pid;
  }
  void kill_supervisor() { ::kill(supervisor(), SIGKILL); }

  Value launch_body(std::int64_t sequence, const std::string& what) const {
    return Object{{"type", "ExecuteTask"},
                  {"token", Array{server->epoch, sequence}},
                  {"ti", Object{{"id", "ti-" + std::to_string(sequence)},
                                {"task_id", what},
                                {"dag_id", "d"},
                                {"run_id", "r"},
                                {"try_number", 1},
                                {"dag_version_id", "v"},
                                {"map_index", -1},
                                {"queue", "default"},
                                {"pool_slots", 1},
                                {"hostname", nullptr}}},
                  {"ti_context", Object{{"max_tries", 0}}},
                  {"dag_rel_path", "d"},
                  {"start_date", "2026-01-01T00:00:00Z"},
                  {"program", program},
                  {"operator", nullptr},
                  {"log_path", log_path(sequence)},
                  {"execution_timeout", nullptr},
                  {"run_dir", home + "/files"},
                  {"secrets", Array{"pass-the-word"}}};
  }
  void launch(std::int64_t sequence, const std::string& what, const Object& more = {}) {
    Value body = launch_body(sequence, what);
    for (const auto& [key, value] : more) body.as_object().set(key, value);
    server->send(0, body);
  }
  void launch_operator(std::int64_t sequence, Object op) {
    launch(sequence, "op", {{"program", nullptr}, {"operator", Value(std::move(op))}});
  }
  static std::string log_path(std::int64_t sequence) { return "d/r/" + std::to_string(sequence) + "/1.log"; }
  std::string log(std::int64_t sequence) const { return read(home + "/logs/" + log_path(sequence)); }
  static std::string read(const std::string& path) {
    std::ostringstream text;  // of a process that just ends /proc gives an error, which is no reason to throw
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  std::string file(const std::string& name) const { return home + "/files/" + name; }
  bool exists(const std::string& name) const { return std::filesystem::exists(file(name)); }
  void make(const std::string& name) const { std::ofstream(file(name)) << "x"; }
  static bool alive(pid_t pid) {
    const std::string stat = read("/proc/" + std::to_string(pid) + "/stat");
    const auto at = stat.rfind(')');
    return at != std::string::npos && stat[at + 2] != 'Z' && stat[at + 2] != 'X';
  }
  static bool is_pending(pid_t pid, int signal) {
    const std::string status = read("/proc/" + std::to_string(pid) + "/status");
    const auto at = status.find("ShdPnd:");
    return at != std::string::npos && (std::strtoull(status.c_str() + at + 7, nullptr, 16) >> (signal - 1) & 1U) != 0;
  }
  // The signal takes effect a moment after kill() returned.
  static void stop(pid_t pid) {
    ::kill(pid, SIGSTOP);
    eventually([pid] { return read("/proc/" + std::to_string(pid) + "/stat").find(") T ") != std::string::npos; });
  }
  static pid_t pid_of(const Value& started) { return static_cast<pid_t>(started.get_int("pid")); }

  static bool eventually(const std::function<bool()>& condition) {
    const auto end = Clock::now() + patience;
    while (!condition()) {
      if (Clock::now() > end) {
        ADD_FAILURE() << "waited in vain";
        return false;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }
  // Whoever wrote to this file (each a line with its pid) is dead within a second.
  void expect_silence(const std::string& name) const {
    const auto end = Clock::now() + std::chrono::seconds(1);
    std::set<pid_t> writers;
    std::istringstream lines(read(file(name)));
    for (pid_t pid = 0; lines >> pid;) writers.insert(pid);
    EXPECT_FALSE(writers.empty()) << "nobody ever wrote " << name;
    while (std::ranges::any_of(writers, alive) && Clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_TRUE(std::ranges::none_of(writers, alive)) << "something still writes";
  }

  std::string home;
  std::string program = WORKER_PROBE;
  std::map<std::string, std::string> environment;
  std::unique_ptr<FakeServer> server;
  pid_t worker = 0;
};

}  // namespace venturi::worker::testing
