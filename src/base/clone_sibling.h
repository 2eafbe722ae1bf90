// fork(), but the new process is a child of this one's parent. C++20: part of the SDK archive.
#pragma once

#include <linux/sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace venturi {

// 0 in the new process; -1 with errno set on error. Of a program without threads only: libc knows nothing of it.
[[nodiscard]] inline long clone_sibling() {
  clone_args args{};
  args.flags = CLONE_PARENT;
  const long pid = ::syscall(SYS_clone3, &args, sizeof args);
  if (pid >= 0 || (errno != ENOSYS && errno != EPERM)) return pid;
  // Docker's seccomp profile hides clone3, whose flags it cannot see, and lets the older call through.
  return ::syscall(SYS_clone, CLONE_PARENT, nullptr, nullptr, nullptr, nullptr);
}

}  // namespace venturi
