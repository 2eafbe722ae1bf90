// Each task writes its own pid and when it began and ended into the file that the run's conf names, so that no task can be
// counted that did not run, and a line into its log, so that there are logs to be counted:
//
//   task_id try_number pid began_ns ended_ns
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <stdexcept>

#include <venturi/dag.h>

namespace bench {

inline long long clock_ns() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

// Lives as long as the task's body: its first line is the first of the body.
class Ledger {
 public:
  explicit Ledger(const venturi::Context& context) : context_(context) {}
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  void write() {
    context_.log().info("process ", static_cast<int>(::getpid()));
    const long long ended = clock_ns();
    const std::string file = context_.conf().get_string("ledger");
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
      throw std::runtime_error("the ledger '" + file + "' cannot be opened: trigger with conf {\"ledger\": FILE}");
    char line[512];
    const int size = std::snprintf(line, sizeof line, "%s %d %d %lld %lld\n", context_.task_id().c_str(), context_.try_number(),
                                   static_cast<int>(::getpid()), began_, ended);
    const bool written = ::write(descriptor, line, static_cast<std::size_t>(size)) == size;
    ::close(descriptor);
    if (!written) throw std::runtime_error("the ledger '" + file + "' cannot be written");
  }

 private:
  const long long began_ = clock_ns();
  venturi::Context context_;
};

// A task that does nothing but say so.
inline void noop(const venturi::Context& context) {
  Ledger(context).write();
}

inline std::string numbered(int number) {
  char text[32];
  std::snprintf(text, sizeof text, "task_%05d", number);
  return text;
}

}  // namespace bench
