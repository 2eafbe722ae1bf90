#include "worker/exit_reason.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace venturi::worker {
namespace {

std::string read_text(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string text;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(fd, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(n));
  ::close(fd);
  return text;
}

// Lines of /proc/self/cgroup: "0::/path" (version 2), "7:memory:/path" (version 1).
std::string oom_file() {
  const std::string groups = "\n" + read_text("/proc/self/cgroup");
  const auto path_behind = [&](std::string_view key) -> std::string {
    const auto at = groups.find(key);
    if (at == std::string::npos) return {};
    const auto begin = at + key.size();
    return groups.substr(begin, groups.find('\n', begin) - begin);
  };
  if (const std::string path = path_behind(":memory:"); path.size() > 1) {
    const std::string file = "/sys/fs/cgroup/memory" + path + "/memory.oom_control";
    if (read_text(file).find("oom_kill ") != std::string::npos) return file;
  }
  if (const std::string path = path_behind("\n0::"); path.size() > 1) {
    const std::string file = "/sys/fs/cgroup" + path + "/memory.events";
    if (read_text(file).find("oom_kill ") != std::string::npos) return file;
  }
  return "/proc/vmstat";
}

std::int64_t seconds_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

}  // namespace

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

Exit exit_of(int status, Cause cause, const std::string& why, bool terminal, bool out_of_memory) {
  const bool by_signal = WIFSIGNALED(status);
  const int detail = by_signal ? WTERMSIG(status) : WEXITSTATUS(status);
  switch (cause) {
    case Cause::timeout:
      return {"timeout", detail, why};
    case Cause::killed:
    case Cause::rubbish:
      return {"killed", detail, why};
    case Cause::overtime:
      return {by_signal ? "signal" : "exit_code", detail, why};
    case Cause::none:
      break;
  }
  if (by_signal) {
    if (out_of_memory) return {"out_of_memory", detail, "the kernel killed it because memory ran out"};
    return {"signal", detail, "it was ended by " + signal_name(detail)};
  }
  if (detail != 0) return {"exit_code", detail, "it ended with exit code " + std::to_string(detail)};
  if (!terminal) return {"exit_code", 0, "it ended without telling its outcome"};
  return {"ok", 0, {}};
}

OomCounter::OomCounter() : OomCounter(oom_file()) {}

std::int64_t OomCounter::read() const {
  const std::string text = "\n" + read_text(path_);
  const auto at = text.find("\noom_kill ");
  return at == std::string::npos ? 0 : std::strtoll(text.c_str() + at + 10, nullptr, 10);
}

void OomCounter::note() {
  if (const auto now = seconds_now(); now != noted_s_) {
    noted_s_ = now;
    last_ = read();
  }
}

bool OomCounter::rose() {
  const std::int64_t now = read();
  const bool more = now > last_;
  last_ = now;
  return more;
}

}  // namespace venturi::worker
