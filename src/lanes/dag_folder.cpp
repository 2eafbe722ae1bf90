#include "lanes/dag_folder.h"

#include <dirent.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "lanes/loop_slice.h"

namespace venturi::lanes {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Events of one action (an editor that writes, renames, removes; a build that links) are looked at together.
constexpr milliseconds settle_time{30};
// A DAGs folder that went away may come back, or be a mount that is not there yet.
constexpr milliseconds missing_root_interval{5000};

constexpr std::uint32_t watched_events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB |
                                         IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK;

std::string join(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

bool is_skipped(std::string_view name) {
  return name.starts_with(".") || name == "__pycache__";
}

}  // namespace

struct DagFolder::Scan {
  struct Close {
    void operator()(DIR* dir) const { ::closedir(dir); }
  };
  std::vector<std::string> waiting;  // folders not entered yet
  std::string folder;                // that is being read
  std::unique_ptr<DIR, Close> stream;
  std::set<std::pair<dev_t, ino_t>> seen;  // links may lead in circles
  std::map<std::string, FileStamp, std::less<>> files;
  IgnorePatterns ignored;
  bool root_missing = false, watches_ran_out = false;
  std::string problems;
};

DagFolder::DagFolder(EventLoop& loop, std::string root, milliseconds rescan_interval, OnChanges on_changes)
    : loop_(loop), root_(std::move(root)), rescan_interval_(rescan_interval), on_changes_(std::move(on_changes)) {}

DagFolder::~DagFolder() {
  for (const auto& timer : {examine_timer_, rescan_timer_, step_timer_}) {
    if (timer) loop_.cancel(*timer);
  }
  if (inotify_) loop_.unwatch(inotify_.get());
}

Result<void> DagFolder::start() {
  inotify_ = Fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!inotify_)
    return fail(ErrorKind::exhausted, std::string("inotify_init1: ") + std::strerror(errno), root_,
                "raise fs.inotify.max_user_instances: sysctl fs.inotify.max_user_instances=1024");
  loop_.watch(inotify_.get(), EPOLLIN, [this](std::uint32_t) { on_inotify(); });
  rescan();
  return {};
}

std::string DagFolder::absolute(std::string_view relative) const {
  return relative.empty() ? root_ : root_ + "/" + std::string(relative);
}

bool DagFolder::is_ignored(std::string_view path) const {
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    if (ignored_.ignores(path.substr(0, slash), true)) return true;
  }
  return ignored_.ignores(path, false);
}

void DagFolder::on_inotify() {
  alignas(inotify_event) std::array<char, 16384> buffer;
  const ssize_t n = ::read(inotify_.get(), buffer.data(), buffer.size());
  for (ssize_t at = 0; at < n;) {
    inotify_event event;
    std::memcpy(&event, buffer.data() + at, sizeof event);
    const char* name = buffer.data() + at + sizeof event;
    on_event(event.wd, event.mask, event.len > 0 ? std::string_view(name, ::strnlen(name, event.len)) : std::string_view());
    at += static_cast<ssize_t>(sizeof event + event.len);
  }
}

void DagFolder::on_event(int watch, std::uint32_t mask, std::string_view name) {
  if ((mask & IN_Q_OVERFLOW) != 0) {
    everything_dirty_ = true;
    return examine_soon();
  }
  const auto it = watches_.find(watch);
  if (it == watches_.end()) return;
  const std::string path = join(it->second, name);
  if ((mask & IN_IGNORED) != 0) {
    watches_.erase(it);
    return;
  }
  if ((mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0 || (mask & IN_ISDIR) != 0) {
    // The folder's own attributes change with everything in it; only what comes and goes matters.
    if ((mask & IN_ATTRIB) != 0 || is_skipped(name)) return;
    everything_dirty_ = true;
    return examine_soon();
  }
  if (name.empty()) return;
  if (name == ".airflowignore") {
    everything_dirty_ = true;
    return examine_soon();
  }
  if (is_skipped(name)) return;
  if ((mask & IN_CREATE) != 0) {
    // A plain new file is looked at when its writer closes it; a link is complete from the beginning.
    struct stat status{};
    if (::lstat(absolute(path).c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1) return;
  }
  dirty_.insert(path);
  examine_soon();
}

void DagFolder::examine_soon() {
  if (examine_timer_) return;
  examine_timer_ = loop_.after(settle_time, [this] {
    examine_timer_.reset();
    examine_dirty();
  });
}

void DagFolder::examine_dirty() {
  if (scan_) return examine_soon();  // the scan may have passed those files already
  if (everything_dirty_) return rescan();
  FolderChanges changes;
  for (const std::string& path : std::exchange(dirty_, {})) {
    struct stat status{};
    const bool there = ::stat(absolute(path).c_str(), &status) == 0;
    if (there && S_ISDIR(status.st_mode)) {  // a link to a folder
      everything_dirty_ = true;
      continue;
    }
    if (there && S_ISREG(status.st_mode) && !is_ignored(path)) {
      files_[path] = stamp_of(status);
      changes.written.push_back(path);
    } else if (files_.erase(path) > 0) {
      changes.removed.push_back(path);
    } else if (!there) {
      everything_dirty_ = everything_dirty_ || std::ranges::any_of(watches_, [&](const auto& w) { return w.second == path; });
    }
  }
  if (!changes.written.empty() || !changes.removed.empty()) on_changes_(changes);
  if (everything_dirty_) rescan();
}

void DagFolder::rescan() {
  if (scan_) {
    everything_dirty_ = true;
    return examine_soon();
  }
  everything_dirty_ = false;
  dirty_.clear();
  scan_ = std::make_unique<Scan>();
  scan_->waiting.emplace_back();
  continue_scan();
}

void DagFolder::continue_scan() {
  const auto until = steady_clock::now() + loop_slice;
  bool more = true;
  while (more && steady_clock::now() < until) {
    if (scan_->stream) {
      read_directory(*scan_, until);
    } else if (!scan_->waiting.empty()) {
      enter_directory(*scan_);
    } else {
      more = false;
    }
  }
  // Even an outcome that is there at once comes from the loop, not from inside start().
  step_timer_ = loop_.after(std::chrono::microseconds(0), [this, more] {
    step_timer_.reset();
    if (more)
      continue_scan();
    else
      finish_scan();
  });
}

void DagFolder::enter_directory(Scan& scan) {
  scan.folder = std::move(scan.waiting.back());
  scan.waiting.pop_back();
  const std::string path = absolute(scan.folder);
  // Watched before it is read: what comes in between is then seen twice, not missed. Where a watch is refused
  // (fs.inotify.max_user_watches) the rescan still finds everything.
  const int watch = ::inotify_add_watch(inotify_.get(), path.c_str(), watched_events);
  if (watch >= 0)
    watches_[watch] = scan.folder;
  else if (errno == ENOSPC)
    scan.watches_ran_out = true;
  scan.stream.reset(::opendir(path.c_str()));
  if (!scan.stream) {
    // A folder that went since its parent was read is none of ours.
    if (errno != ENOENT || scan.folder.empty())
      scan.problems += path + " cannot be read: " + std::strerror(errno) + "; make it readable, or list it in .airflowignore\n";
    scan.root_missing = scan.root_missing || scan.folder.empty();
    return;
  }
  struct stat status{};
  if (::fstat(::dirfd(scan.stream.get()), &status) != 0 || !scan.seen.insert({status.st_dev, status.st_ino}).second) {
    scan.stream.reset();
    return;
  }
  if (const auto text = read_file(path + "/.airflowignore")) scan.ignored.add(scan.folder, *text);
}

void DagFolder::read_directory(Scan& scan, steady_clock::time_point until) {
  for (int read = 1; read % 64 != 0 || steady_clock::now() < until; ++read) {
    const dirent* entry = ::readdir(scan.stream.get());
    if (entry == nullptr) {
      scan.stream.reset();
      return;
    }
    const std::string_view name = entry->d_name;
    if (is_skipped(name)) continue;
    struct stat status{};
    if (::fstatat(::dirfd(scan.stream.get()), entry->d_name, &status, 0) != 0) continue;
    std::string path = join(scan.folder, name);
    if (S_ISDIR(status.st_mode)) {
      if (!scan.ignored.ignores(path, true)) scan.waiting.push_back(std::move(path));
    } else if (S_ISREG(status.st_mode) && !scan.ignored.ignores(path, false)) {
      scan.files.emplace(std::move(path), stamp_of(status));
    }
  }
}

void DagFolder::finish_scan() {
  const std::unique_ptr<Scan> scan = std::move(scan_);
  FolderChanges changes;
  changes.whole_folder = true;
  for (const auto& [path, stamp] : scan->files) {
    const auto known = files_.find(path);
    if (known == files_.end() || known->second != stamp) changes.written.push_back(path);
  }
  for (const auto& [path, stamp] : files_) {
    if (!scan->files.contains(path)) changes.removed.push_back(path);
  }
  files_ = std::move(scan->files);
  ignored_ = std::move(scan->ignored);
  changes.problems = std::move(scan->problems);
  if (scan->watches_ran_out)
    changes.problems += "not all folders can be watched, changes in the others are seen only every " +
                        std::to_string(std::chrono::ceil<std::chrono::seconds>(rescan_interval_).count()) +
                        " s; raise the limit: sysctl fs.inotify.max_user_watches=1048576\n";
  schedule_rescan(scan->root_missing ? std::min(rescan_interval_, missing_root_interval) : rescan_interval_);
  on_changes_(changes);
}

std::vector<std::string> DagFolder::files_below(std::string_view folder) const {
  const std::string prefix = std::string(folder) + "/";
  std::vector<std::string> found;
  for (auto it = files_.lower_bound(prefix); it != files_.end() && it->first.starts_with(prefix); ++it)
    found.push_back(it->first);
  return found;
}

void DagFolder::schedule_rescan(milliseconds delay) {
  if (rescan_timer_) loop_.cancel(*rescan_timer_);
  rescan_timer_ = loop_.after(delay, [this] {
    rescan_timer_.reset();
    rescan();
  });
}

}  // namespace venturi::lanes
