#include <gmock/gmock.h>

#include <csignal>
#include <cstdio>
#include <filesystem>

#include "providers/testing/host_program.h"

namespace venturi::providers::testing {
namespace {

using operators::testing::Clock;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Object bash(const std::string& command, Object more = {}) {
  Object op{{"task_type", "BashOperator"}, {"bash_command", command}};
  for (const auto& [key, value] : more) op.set(key, value);
  return op;
}
Value dict(Object members) {
  return Object{{"__type", "dict"}, {"__var", std::move(members)}};
}

class StandardTest : public HostProgramTest {};

TEST_F(StandardTest, ConstantAndEmpty) {
  worker.start(1, {{"task_type", "ConstantOperator"}, {"value", "x"}});
  worker.start(2, {{"task_type", "EmptyOperator"}});
  worker.exit(1);
  worker.exit(2);
  EXPECT_EQ(worker.message(1, "SetXCom").at("value"), Value("x"));
  EXPECT_THAT(worker.types(2), ElementsAre("SucceedTask"));
}

TEST_F(StandardTest, BashReturnsTheLastLineOfItsOutput) {
  worker.start_command(1, bash("echo one; echo 'two  '; echo three >&2"));
  EXPECT_EQ(worker.exit(1).get_string("kind"), "ok");
  EXPECT_EQ(worker.message(1, "SetXCom").at("value"), Value("two"));
  EXPECT_EQ(worker.out(1), "one\ntwo  \n");
  EXPECT_EQ(worker.err(1), "three\n");
  EXPECT_THAT(worker.log(1),
              AllOf(HasSubstr("Running command: bash -c echo one;"), HasSubstr("Command exited with return code 0")));

  worker.start_command(2, bash("true"));
  worker.exit(2);
  EXPECT_EQ(worker.message(2, "SetXCom").at("value"), Value(""));
  worker.start_command(3, bash("echo x", {{"do_xcom_push", false}}));
  worker.exit(3);
  EXPECT_THAT(worker.types(3), ElementsAre("SucceedTask"));
  worker.start_command(4, bash("printf 'caf\\351 \\320\\226'"));
  worker.exit(4);
  EXPECT_EQ(worker.message(4, "SetXCom").at("value"), Value("caf\\xe9 Ж"));
}

TEST_F(StandardTest, BashSecretsAreMasked) {
  worker.start_command(1, bash("echo pass-the-word | wc -c"));
  worker.exit(1);
  EXPECT_THAT(worker.log(1), AllOf(HasSubstr("echo *** | wc -c"), Not(HasSubstr("pass-the-word"))));
}

TEST_F(StandardTest, BashExitCodes) {
  const auto state = [&](std::int64_t n, Object op, const std::string& type) {
    worker.start_command(n, std::move(op), {.should_retry = true});
    const Value exit = worker.exit(n);
    EXPECT_EQ(exit.get_string("kind"), "ok");
    EXPECT_THAT(worker.types(n), ElementsAre(type));
    return exit.get_string("error");
  };
  EXPECT_EQ(state(1, bash("exit 3"), "RetryTask"), "Bash command failed. The command returned a non-zero exit code 3.");
  EXPECT_EQ(state(2, bash("exit 99"), "TaskState"), "");
  EXPECT_EQ(worker.message(2, "TaskState").get_string("state"), "skipped");
  EXPECT_THAT(worker.log(2), HasSubstr("Bash command returned exit code 99. Skipping."));
  EXPECT_EQ(state(3, bash("exit 5", {{"skip_on_exit_code", Array{4, 5}}}), "TaskState"), "");
  EXPECT_EQ(state(4, bash("exit 99", {{"skip_on_exit_code", 7}}), "RetryTask"),
            "Bash command failed. The command returned a non-zero exit code 99.");
  EXPECT_EQ(state(5, bash("exit 99", {{"skip_on_exit_code", nullptr}}), "RetryTask"),
            "Bash command failed. The command returned a non-zero exit code 99.");
  EXPECT_EQ(state(6, bash("kill -KILL $$"), "RetryTask"), "Bash command failed. The command was ended by signal 9 (SIGKILL).");
  EXPECT_EQ(state(7, bash("no-such-command-here"), "RetryTask"),
            "Bash command failed. The command returned a non-zero exit code 127.");
  EXPECT_EQ(state(8, bash("true", {{"skip_on_exit_code", "x"}}), "TaskState"),
            "skip_on_exit_code must be an integer or a list of integers");
  EXPECT_THAT(state(9, bash(std::string(200'000, 'x')), "TaskState"),
              HasSubstr("too large for the system: 200000 bytes of command"));
}

TEST_F(StandardTest, BashEnvironment) {
  worker.start_command(1, bash("env | sort", {{"owner", "ops"}}));
  worker.exit(1);
  const std::string own = worker.out(1);
  EXPECT_THAT(own, AllOf(HasSubstr("AIRFLOW_CTX_DAG_ID=d\n"), HasSubstr("AIRFLOW_CTX_TASK_ID=task1\n"),
                         HasSubstr("AIRFLOW_CTX_LOGICAL_DATE=2026-01-02T03:04:05+00:00\n"),
                         HasSubstr("AIRFLOW_CTX_TRY_NUMBER=2\n"), HasSubstr("AIRFLOW_CTX_DAG_RUN_ID=manual__1\n"),
                         HasSubstr("AIRFLOW_CTX_DAG_OWNER=ops\n"), HasSubstr("PATH=")));
  EXPECT_THAT(own, Not(HasSubstr("VENTURI_TEST_SECRET")));  // set for the host by the fixture

  worker.start_command(2, bash("echo \"$A $HOME\"", {{"env", dict({{"A", "x y"}})}}));
  worker.exit(2);
  EXPECT_EQ(worker.message(2, "SetXCom").at("value"), Value("x y"));
  worker.start_command(3, bash("echo \"$A $HOME\"", {{"env", dict({{"A", "x"}})}, {"append_env", true}}));
  worker.exit(3);
  EXPECT_EQ(worker.message(3, "SetXCom").at("value"), Value(std::string("x ") + std::getenv("HOME")));
  worker.start_command(4, bash("true", {{"env", dict({{"A", 1}})}}));
  EXPECT_EQ(worker.exit(4).get_string("error"), "env: the value of A must be a string, not integer");
  worker.start_command(5, bash("true", {{"env", dict({{"A=B", "1"}})}}));
  EXPECT_EQ(worker.exit(5).get_string("error"), "env: 'A=B' is no name of an environment variable");
}

TEST_F(StandardTest, BashFoldersDescriptorsAndGroup) {
  worker.start_command(1, bash("pwd; touch left; mkdir -p a/b; touch a/b/c; pwd"));
  worker.exit(1);
  const std::string folder = worker.message(1, "SetXCom").get_string("value");
  EXPECT_THAT(folder, HasSubstr("venturi_bash_"));
  EXPECT_FALSE(std::filesystem::exists(folder));
  worker.start_command(2, bash("pwd", {{"cwd", worker.folder.path()}}));
  worker.exit(2);
  EXPECT_EQ(worker.message(2, "SetXCom").get_string("value"), std::filesystem::canonical(worker.folder.path()));
  worker.start_command(3, bash("pwd", {{"cwd", "/no/such"}}));
  EXPECT_EQ(worker.exit(3).get_string("error"), "Can not find the cwd: /no/such");
  worker.start_command(4, bash("pwd", {{"cwd", "/etc/passwd"}}));
  EXPECT_EQ(worker.exit(4).get_string("error"), "The cwd /etc/passwd must be a directory");
  worker.start_command(
      5, bash("ls -m /proc/$$/fd; ulimit -n; ulimit -c; ps -o pgid= -o sid= -p $$ | tr -s ' ' | sed 's/^ //'; echo $$"));
  worker.exit(5);
  const std::string out = worker.out(5);
  const std::string pid = worker.message(5, "SetXCom").get_string("value");
  EXPECT_THAT(out, AllOf(StartsWith("0, 1, 2\n4096\n0\n"), HasSubstr("\n" + pid + " " + pid + "\n")));
}

TEST_F(StandardTest, CancellingEndsTheWholeGroup) {
  const std::string beats = worker.folder / "beats", ready = worker.folder / "ready";
  worker.start_command(1, bash("trap '' TERM; (trap '' TERM; while :; do echo x >> " + beats + "; sleep 0.01; done) & touch " +
                               ready + "; wait"));
  ASSERT_TRUE(tests::becomes_true([&] { return std::filesystem::exists(beats) && std::filesystem::exists(ready); }));
  const auto begin = Clock::now();
  worker.cancel(1);
  EXPECT_EQ(worker.exit(1).get_string("kind"), "killed");
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(1));
  // A write that had begun when the signal came may still end.
  EXPECT_TRUE(tests::becomes_true([&] {
    const auto size = std::filesystem::file_size(beats);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return std::filesystem::file_size(beats) == size;
  })) << "something still writes";

  // One that listens gets SIGTERM, and ends before SIGKILL would come.
  worker.start_command(2, bash("trap 'echo bye; exit 0' TERM; touch " + ready + "2; while :; do sleep 0.01; done"),
                       {.execution_timeout = 30});
  ASSERT_TRUE(tests::becomes_true([&] { return std::filesystem::exists(ready + "2"); }));
  worker.cancel(2, "timeout");
  EXPECT_EQ(worker.exit(2).get_string("kind"), "timeout");
  EXPECT_EQ(worker.out(2), "bye\n");
}

TEST_F(StandardTest, WithoutTheWorkerCommandsEnd) {
  const std::string pid_file = worker.folder / "pid";
  worker.start_command(1, bash("echo $$ > " + pid_file + "; exec sleep 1000"));
  ASSERT_TRUE(tests::becomes_true([&] { return tests::read_file(pid_file).ends_with('\n'); }));
  const pid_t pid = std::stoi(tests::read_file(pid_file));
  worker.hang_up();
  EXPECT_TRUE(tests::becomes_true([&] { return ::kill(pid, 0) != 0; }));
  EXPECT_EQ(wait_for_end(), 0);
}

}  // namespace
}  // namespace venturi::providers::testing
