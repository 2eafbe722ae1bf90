#include "base/clone_sibling.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "base/testing/hide_syscall.h"

namespace venturi {
namespace {

constexpr int cannot_hide = 3;

// A child of ours makes a process, which has to be a child of ours as well; its exit code.
int exit_code_of_sibling(bool without_clone3) {
  const pid_t us = ::getpid(), child = ::fork();
  if (child == 0) {
    if (without_clone3 && !hide_syscall(SYS_clone3)) ::_exit(cannot_hide);
    const long sibling = clone_sibling();
    if (sibling == 0) ::_exit(::getppid() == us ? 42 : 1);
    ::_exit(sibling > 0 ? 0 : 2);
  }
  int code = -1;
  for (int i = 0; i < 2; ++i) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, 0);
    if (ended != child)
      code = WEXITSTATUS(status);
    else if (WEXITSTATUS(status) != 0)
      return WEXITSTATUS(status);
  }
  return code;
}

TEST(CloneSibling, IsAChildOfTheParent) {
  EXPECT_EQ(exit_code_of_sibling(false), 42);
}

TEST(CloneSibling, AlsoWhereClone3IsHidden) {
  const int code = exit_code_of_sibling(true);
  if (code == cannot_hide) GTEST_SKIP() << "no system call can be hidden here";
  EXPECT_EQ(code, 42);
}

}  // namespace
}  // namespace venturi
