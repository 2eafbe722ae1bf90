#include "lanes/child_process.h"

#include <signal.h>

#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>

#include "lanes/testing/loop_fixture.h"

namespace venturi::lanes {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Whoever inherited it may leave it a zombie for long.
bool runs(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string number, name, state;
  return file >> number >> name >> state && state != "Z" && state != "X";
}

class ChildProcessTest : public LoopTest {
 protected:
  ChildEnd run(const std::string& script, const std::function<void(ChildSpec&)>& change = {}) {
    ChildSpec spec;
    spec.program = "/bin/sh";
    spec.arguments = {"-c", script};
    spec.environment = {"PATH=/usr/bin:/bin"};
    spec.directory = folder.path;
    if (change) change(spec);
    std::optional<ChildEnd> end;
    child.emplace(loop, std::move(spec), [&](ChildEnd e) { end = std::move(e); });
    run_until([&] { return end.has_value(); }, "the child had ended");
    return end.value_or(ChildEnd{});
  }
  std::optional<ChildProcess> child;
};

TEST_F(ChildProcessTest, TellsExitCodeAndOutput) {
  const ChildEnd end = run("echo out; echo err >&2; exit 3");
  EXPECT_EQ(end.kind, ChildEnd::Kind::exited);
  EXPECT_EQ(end.value, 3);
  EXPECT_EQ(end.output, "out\nerr\n");
}

TEST_F(ChildProcessTest, TellsSignal) {
  const ChildEnd end = run("kill -SEGV $$");
  EXPECT_EQ(end.kind, ChildEnd::Kind::signaled);
  EXPECT_EQ(end.value, SIGSEGV);
}

TEST_F(ChildProcessTest, TellsWhyItDidNotStart) {
  const ChildEnd missing = run("", [](ChildSpec& s) { s.program = "/no/such/program"; });
  EXPECT_EQ(missing.kind, ChildEnd::Kind::not_started);
  EXPECT_EQ(missing.value, ENOENT);
  EXPECT_EQ(run("", [](ChildSpec& s) { s.directory = "/no/such/folder"; }).value, ENOENT);
}

TEST_F(ChildProcessTest, EndsTheWholeGroupAfterTheTimeout) {
  const ChildEnd end = run("sleep 1000 & echo $!; wait", [](ChildSpec& s) { s.timeout = std::chrono::milliseconds(200); });
  EXPECT_EQ(end.kind, ChildEnd::Kind::timed_out);
  const int grandchild = std::stoi(end.output);
  run_until([&] { return !runs(grandchild); }, "the grandchild had ended");
}

TEST_F(ChildProcessTest, EndsWhatTheChildLeftInItsGroup) {
  const ChildEnd end = run("sleep 1000 & echo $!");
  EXPECT_EQ(end.kind, ChildEnd::Kind::exited);
  const int grandchild = std::stoi(end.output);
  run_until([&] { return !runs(grandchild); }, "the grandchild had ended");
}

TEST_F(ChildProcessTest, EndsTheGroupWhenItIsDestroyed) {
  ChildSpec spec;
  spec.program = "/bin/sh";
  spec.arguments = {"-c", "echo $$ > pid.tmp; mv pid.tmp pid; sleep 1000"};
  spec.environment = {"PATH=/usr/bin:/bin"};
  spec.directory = folder.path;
  child.emplace(loop, std::move(spec), [](const ChildEnd&) { FAIL() << "nobody waits for it"; });
  int pid = 0;
  run_until(
      [&] {
        std::ifstream file(folder.path + "/pid");
        return static_cast<bool>(file >> pid);
      },
      "the child ran");
  child.reset();
  EXPECT_FALSE(runs(pid));
}

TEST_F(ChildProcessTest, GivesEnvironmentFolderAndDescriptorsAndNothingElse) {
  const Fd open_here(::dup(0));  // not close-on-exec
  const ChildEnd end = run("env | sort | tr '\\n' ' '; pwd; ls /proc/self/fd | tr '\\n' ' '; readlink /proc/self/fd/0",
                           [](ChildSpec& s) { s.environment.emplace_back("X=1"); });
  // `ls` itself opens one more, 3, for the folder that it lists.
  EXPECT_EQ(end.output, "PATH=/usr/bin:/bin PWD=" + folder.path + " X=1 " + folder.path + "\n0 1 2 3 /dev/null\n");
}

TEST_F(ChildProcessTest, ResetsSignalsThatTheParentIgnores) {
  ::signal(SIGPIPE, SIG_IGN);
  const ChildEnd end = run("sed -n 's/^SigBlk:.//p; s/^SigIgn:.//p' /proc/self/status");
  ::signal(SIGPIPE, SIG_DFL);
  std::istringstream lines(end.output);
  std::uint64_t blocked = 1;
  std::uint64_t ignored = 1;
  ASSERT_TRUE(lines >> std::hex >> blocked >> ignored) << end.output;
  EXPECT_EQ(blocked, 0U);
  // libc keeps 32 and 33 to itself, and its posix_spawn (thus `make`) leaves them ignored in every child.
  constexpr std::uint64_t of_libc = std::uint64_t{3} << 31U;
  EXPECT_EQ(ignored & ~of_libc, 0U) << end.output;
}

TEST_F(ChildProcessTest, SetsLimits) {
  const ChildEnd end = run("ulimit -v; ulimit -t; ulimit -f; ulimit -c", [](ChildSpec& s) {
    s.memory_bytes = 256 << 20;
    s.cpu_seconds = 9;
    s.file_bytes = 1 << 20;
  });
  EXPECT_EQ(end.output, "262144\n9\n2048\n0\n");
}

TEST_F(ChildProcessTest, KeepsBeginningAndEndOfLongOutput) {
  const ChildEnd end =
      run("echo first; head -c 1000000 /dev/zero | tr '\\0' x; echo; echo last", [](ChildSpec& s) { s.output_bytes = 4096; });
  EXPECT_LT(end.output.size(), 8192U);
  EXPECT_THAT(end.output, StartsWith("first\nxxx"));
  EXPECT_THAT(end.output, HasSubstr("bytes left out]"));
  EXPECT_TRUE(end.output.ends_with("x\nlast\n"));
}

TEST_F(ChildProcessTest, MayBeDestroyedByItsOwnCallback) {
  ChildSpec spec;
  spec.program = "/bin/true";
  spec.directory = "/";
  auto own = std::make_unique<std::optional<ChildProcess>>();
  bool ended = false;
  own->emplace(loop, std::move(spec), [&](const ChildEnd&) {
    own.reset();
    ended = true;
  });
  run_until([&] { return ended; }, "the child had ended");
}

TEST(CleanEnvironment, HoldsFiveNamesAtMost) {
  ::setenv("VENTURI__CORE__SECRET", "x", 1);
  ::setenv("AIRFLOW_CONN_TEST_DB", "x", 1);
  ::setenv("TZ", "UTC", 1);
  for (const std::string& entry : clean_environment())
    EXPECT_THAT(entry.substr(0, entry.find('=')), testing::AnyOf("PATH", "HOME", "LANG", "TZ", "USER"));
  EXPECT_THAT(clean_environment(), testing::Contains("TZ=UTC"));
  ::unsetenv("VENTURI__CORE__SECRET");
  ::unsetenv("AIRFLOW_CONN_TEST_DB");
  ::unsetenv("TZ");
}

}  // namespace
}  // namespace venturi::lanes
