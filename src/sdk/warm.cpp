// The warm process: makes a process for each try, as a child of its own parent (clone3 with CLONE_PARENT), so that its death
// ends no try. Its messages are in docs/architecture/task-host.md.
#include <fcntl.h>
#include <linux/mman.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/clone_sibling.h"
#include "base/slices.h"
#include "sdk/program.h"
#include "task/frame.h"

namespace venturi::inline sdk::internal {
namespace {

constexpr std::size_t descriptors = 4;  // requests, stdout, stderr, log
constexpr int log_descriptor = 3, requests_descriptor = 4;
constexpr int exit_orphan = 96;  // its parent was gone before it began

int count_threads() {
  std::FILE* status = std::fopen("/proc/self/status", "re");
  if (status == nullptr) return 1;
  int threads = 1;
  char line[256];
  while (std::fgets(line, sizeof line, status) != nullptr) {
    if (std::sscanf(line, "Threads: %d", &threads) == 1) break;
  }
  std::fclose(status);
  return threads;
}

// A fork copies the page tables of what its parent wrote, which is most of its cost where a program declares thousands of
// tasks: 14 MB of them are 3,500 entries. In huge pages they are seven. Without MADV_COLLAPSE (Linux 6.1) all is as before.
void collapse_large_heap() {
#ifdef MADV_COLLAPSE
  constexpr std::uintptr_t huge = std::uintptr_t{2} << 20U, worthwhile = 2 * huge;
  std::FILE* maps = std::fopen("/proc/self/maps", "re");
  if (maps == nullptr) return;
  char line[512];
  while (std::fgets(line, sizeof line, maps) != nullptr) {
    std::uintptr_t begin = 0, end = 0;
    if (std::strstr(line, "[heap]") == nullptr || std::sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &begin, &end) != 2) continue;
    begin = (begin + huge - 1) & ~(huge - 1);
    end &= ~(huge - 1);
    if (end <= begin || end - begin < worthwhile) continue;
    void* const heap = reinterpret_cast<void*>(begin);  // NOLINT(performance-no-int-to-ptr): the kernel gives it as text
    ::madvise(heap, end - begin, MADV_COLLAPSE);
  }
  std::fclose(maps);
#endif
}

// In the new process. Descriptors: 0 /dev/null, 1 and 2 the try's output, 3 its log, 4 its requests; 3 and 4 are closed in
// whatever the user's code starts.
void settle(const std::vector<Fd>& fds, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(exit_orphan);
  ::setpgid(0, 0);
  // Above all of the places first: what came may lie in one of them.
  int high[descriptors];
  for (std::size_t i = 0; i < descriptors; ++i) high[i] = ::fcntl(fds[i].get(), F_DUPFD_CLOEXEC, 16);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup3(high[0], requests_descriptor, O_CLOEXEC);
  ::dup2(high[1], STDOUT_FILENO);
  ::dup2(high[2], STDERR_FILENO);
  ::dup3(high[3], log_descriptor, O_CLOEXEC);
  ::dup2(null, STDIN_FILENO);
  ::close_range(requests_descriptor + 1, ~0U, 0);
}

}  // namespace

int serve_warm(const DagBag& dags) {
  take_short_slices();
  // What making the DAGs left free comes together here, once, and not on copied pages in each child.
  ::malloc_trim(0);
  collapse_large_heap();
  task::write_frame(
      STDIN_FILENO, 0,
      Object{{"type", "WarmReady"}, {"version", VENTURI_VERSION}, {"pid", ::getpid()}, {"threads", count_threads()}});
  task::FrameReader reader;
  std::vector<Fd> fds;
  for (;;) {
    const auto frame = reader.next();
    if (!frame) {
      if (receive_with_fds(STDIN_FILENO, reader.buffer(), fds) <= 0) return 0;
      continue;
    }
    const std::string ti_id = frame->body.get_string("ti_id");
    const auto refuse = [&](const std::string& error) {
      task::write_frame(STDIN_FILENO, frame->id, Object{{"type", "ForkFailed"}, {"ti_id", ti_id}, {"error", error}});
    };
    if (frame->body.get_string("type") != "ForkTask") {
      refuse("a warm process of SDK " VENTURI_VERSION " knows ForkTask, not \"" + frame->body.get_string("type") + "\"");
      continue;
    }
    if (fds.size() < descriptors) {
      refuse("ForkTask came with " + std::to_string(fds.size()) + " descriptors, not 4");
      fds.clear();
      continue;
    }
    const pid_t parent = ::getppid();
    const long pid = clone_sibling();
    if (pid == 0) {
      settle(fds, parent);
      for (Fd& fd : fds) (void)fd.release();  // closed, and their numbers may be others' now
      // Without exit(): what the program's own objects do at their end is the warm process's business.
      ::_exit(serve_request(dags, Fd(requests_descriptor), Fd(log_descriptor)));
    }
    if (pid < 0)
      refuse(std::string("no process could be made: ") + std::strerror(errno));
    else
      task::write_frame(STDIN_FILENO, frame->id, Object{{"type", "Forked"}, {"ti_id", ti_id}, {"pid", pid}});
    fds.erase(fds.begin(), fds.begin() + descriptors);
  }
}

}  // namespace venturi::inline sdk::internal
