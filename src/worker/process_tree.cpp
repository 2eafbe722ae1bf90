#include "worker/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>

namespace venturi::worker {
namespace {

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

// Nothing where the file is gone or not ours: such processes are none of our business.
std::optional<std::string> read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::string text;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(fd, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(n));
  ::close(fd);
  return text;
}

std::vector<pid_t> numbers_in(const std::string& folder) {
  std::vector<pid_t> numbers;
  const std::unique_ptr<DIR, CloseDir> dir(::opendir(folder.c_str()));
  if (!dir) return numbers;
  while (const dirent* entry = ::readdir(dir.get())) {
    char* end = nullptr;
    const long number = std::strtol(entry->d_name, &end, 10);
    if (*end == '\0' && number > 0) numbers.push_back(static_cast<pid_t>(number));
  }
  return numbers;
}

struct Stat {
  char state = '?';
  pid_t parent = 0;
};
std::optional<Stat> stat_of(pid_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  if (!text) return std::nullopt;
  const auto name_end = text->rfind(')');  // the name may hold anything
  if (name_end == std::string::npos || name_end + 4 > text->size()) return std::nullopt;
  return Stat{(*text)[name_end + 2], static_cast<pid_t>(std::strtol(text->c_str() + name_end + 4, nullptr, 10))};
}

void pause_ms(long ms) {
  const timespec time{ms / 1000, ms % 1000 * 1'000'000};
  ::nanosleep(&time, nullptr);
}

void collect_descendants(pid_t pid, std::vector<pid_t>& out) {
  for (const pid_t child : children_of(pid)) {
    if (std::find(out.begin(), out.end(), child) != out.end()) continue;
    out.push_back(child);
    collect_descendants(child, out);
  }
}

bool can_die(pid_t pid) {
  const auto stat = stat_of(pid);
  return !stat || stat->state != 'D';
}

}  // namespace

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  bool readable = false;
  for (const pid_t thread : numbers_in(tasks)) {
    const auto text = read_file(tasks + "/" + std::to_string(thread) + "/children");
    if (!text) continue;
    readable = true;
    for (const char* at = text->c_str(); *at != '\0';) {
      char* end = nullptr;
      const long child = std::strtol(at, &end, 10);
      if (end == at) break;
      children.push_back(static_cast<pid_t>(child));
      at = *end == ' ' ? end + 1 : end;
    }
  }
  if (readable) return children;
  // A kernel without CONFIG_PROC_CHILDREN: look at everybody's parent.
  for (const pid_t other : numbers_in("/proc")) {
    const auto stat = stat_of(other);
    if (stat && stat->parent == pid) children.push_back(other);
  }
  return children;
}

void kill_descendants() {
  constexpr int patience_ms = 10'000;
  for (int waited = 0;;) {
    std::vector<pid_t> descendants;
    collect_descendants(::getpid(), descendants);
    for (const pid_t pid : descendants) ::kill(pid, SIGKILL);
    for (;;) {
      siginfo_t info{};
      if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | __WALL) != 0) {
        if (errno == ECHILD) return;
        break;
      }
      if (info.si_pid == 0) break;
    }
    if (waited >= patience_ms && std::none_of(descendants.begin(), descendants.end(), can_die)) return;
    pause_ms(1);
    ++waited;
  }
}

void kill_marked(const std::string& home) {
  std::vector<pid_t> spared;  // the caller and what it descends from
  for (pid_t pid = ::getpid(); pid > 0;) {
    spared.push_back(pid);
    const auto stat = stat_of(pid);
    pid = stat ? stat->parent : 0;
  }
  std::string mark = worker_mark;
  mark += '=';
  mark += home;
  mark += '\0';
  for (bool found = true; found;) {
    found = false;
    for (const pid_t pid : numbers_in("/proc")) {
      if (std::find(spared.begin(), spared.end(), pid) != spared.end()) continue;
      const auto environment = read_file("/proc/" + std::to_string(pid) + "/environ");
      if (!environment) continue;
      const auto at = environment->find(mark);
      if (at == std::string::npos || (at != 0 && (*environment)[at - 1] != '\0')) continue;
      if (::kill(pid, SIGKILL) == 0 && can_die(pid)) found = true;
    }
    if (found) pause_ms(2);
  }
}

}  // namespace venturi::worker
