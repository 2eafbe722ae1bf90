#include "lanes/cpp/compile_hints.h"

#include <gtest/gtest.h>

namespace venturi::lanes {
namespace {

const std::string include = VENTURI_SOURCE_DIR "/include";

std::string clang_says(std::string_view source) {
  return compile_hint("a.cpp:9:28: error: no matching member function for call to 'task'", source, include);
}

TEST(CompileHints, NameTheOptionThatThereIsNot) {
  EXPECT_EQ(clang_says("    9 | VENTURI_DAG(a) { dag.task<one>({.retrys = 3}); }"),
            "a task has no option .retrys, perhaps .retries; all are in <venturi/task_options.h>");
  EXPECT_EQ(clang_says("    9 | dag.task<one>(\"id\", {.pool = \"a.b = c\", .colour=3});"),
            "a task has no option .colour; all are in <venturi/task_options.h>");
  EXPECT_EQ(
      compile_hint("a.cpp:9:37: error: no matching function for call to \u2018venturi::sdk::Dag::task<one>(<brace-enclosed "
                   "initializer list>)\u2019",
                   "    9 | dag.task<one>({.retrys = 3});", include),
      "a task has no option .retrys, perhaps .retries; all are in <venturi/task_options.h>");
}

TEST(CompileHints, TellOrderAndTypesOfOptions) {
  EXPECT_EQ(clang_says("    9 | dag.task<one>({.pool = \"a\", .retries = 3});"),
            "options stand in the order of <venturi/task_options.h>: .retries before .pool");
  EXPECT_EQ(
      clang_says("    9 | dag.task<one>({.retry_delay = 30});"),
      "the value of an option is of another type than the option's in <venturi/task_options.h>; durations are written 30s or "
      "5min, with using namespace std::chrono_literals");
}

TEST(CompileHints, TellWhereInputsAndIdsStand) {
  EXPECT_EQ(clang_says("    9 | dag.task<twice>(dag.task<one>());"),
            "inputs stand in a second pair of parentheses: dag.task<f>()(input, ...), or dag.task<f>({options})(input, ...)");
  EXPECT_EQ(clang_says("    9 | dag.task([n] { return n; });"),
            "a lambda has no name: give the task's id first, dag.task(\"id\", [...] { ... })");
}

TEST(CompileHints, AreSilentAboutWhatSpeaksForItself) {
  EXPECT_EQ(clang_says("    9 | dag.task<one>(7);"), "");
  EXPECT_EQ(compile_hint("a.cpp:1:1: error: no 'x'", "    1 | x", include), "");
  EXPECT_EQ(compile_hint("error: no matching member function for call to 'task'", ".a = 1", "/nowhere"), "");
}

}  // namespace
}  // namespace venturi::lanes
