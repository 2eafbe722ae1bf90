#include "worker/exit_reason.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace venturi::worker {
namespace {

int exited(int code) {
  return W_EXITCODE(code, 0);
}
int killed_by(int signal) {
  return W_EXITCODE(0, signal);
}

TEST(ExitReason, tells_the_ends_apart) {
  struct Case {
    int status;
    Cause cause;
    bool terminal, oom;
    std::string_view kind;
    int detail;
  };
  const Case cases[] = {
      {exited(0), Cause::none, true, false, "ok", 0},
      {exited(0), Cause::none, false, false, "exit_code", 0},
      {exited(3), Cause::none, false, false, "exit_code", 3},
      {exited(3), Cause::none, true, false, "exit_code", 3},
      {killed_by(SIGABRT), Cause::none, false, false, "signal", SIGABRT},
      {killed_by(SIGKILL), Cause::none, false, true, "out_of_memory", SIGKILL},
      {killed_by(SIGKILL), Cause::none, false, false, "signal", SIGKILL},
      {killed_by(SIGTERM), Cause::timeout, false, false, "timeout", SIGTERM},
      {exited(0), Cause::timeout, false, false, "timeout", 0},
      {killed_by(SIGKILL), Cause::killed, false, true, "killed", SIGKILL},
      {killed_by(SIGTERM), Cause::overtime, true, false, "signal", SIGTERM},
  };
  for (const Case& c : cases) {
    const Exit exit = exit_of(c.status, c.cause, "why", c.terminal, c.oom);
    EXPECT_EQ(exit.kind, c.kind) << c.status;
    EXPECT_EQ(exit.detail, c.detail);
    EXPECT_EQ(exit.error.empty(), c.kind == "ok");
    if (c.cause != Cause::none) EXPECT_EQ(exit.error, "why");
  }
  EXPECT_EQ(exit_of(killed_by(SIGABRT), Cause::none, "", false, false).error, "it was ended by SIGABRT");
  EXPECT_EQ(exit_of(exited(0), Cause::none, "", false, false).error, "it ended without telling its outcome");
}

TEST(ExitReason, the_oom_counter_sees_a_rise_once) {
  std::string pattern = ::testing::TempDir() + "oom_XXXXXX";
  const std::string folder = ::mkdtemp(pattern.data());
  const std::string path = folder + "/vmstat";
  std::ofstream(path) << "nr_free_pages 1\noom_kill 4\nx 9\n";
  OomCounter counter(path);
  EXPECT_FALSE(counter.rose());
  std::ofstream(path) << "nr_free_pages 1\noom_kill 5\nx 9\n";
  EXPECT_TRUE(counter.rose());
  EXPECT_FALSE(counter.rose());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace venturi::worker
