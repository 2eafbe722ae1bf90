#include "home/home.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <vector>

#include "home/file_error.h"

namespace venturi {
namespace {

namespace fs = std::filesystem;

// Makes the folder 0700, whatever the umask, where there is nothing of its name.
Result<void> make_private_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0) {
    if (::chmod(path.c_str(), 0700) != 0) return std::unexpected(file_error(errno, "cannot set the mode of the folder", path));
  } else if (errno != EEXIST) {
    return std::unexpected(file_error(errno, "cannot make the folder", path));
  }
  return {};
}

std::string user_name(uid_t uid) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return entry.pw_name;
  return "number " + std::to_string(uid);
}

Result<void> check_folder(const fs::path& path, std::vector<fs::path>& too_open) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return std::unexpected(file_error(errno, "cannot look at the folder", path));
  if (!S_ISDIR(info.st_mode)) {
    return fail(ErrorKind::invalid, "it is a file where a folder is needed", path.string(),
                "move it away, or set VENTURI_HOME to another folder");
  }
  if (info.st_uid != ::geteuid()) {
    return fail(ErrorKind::denied, "it belongs to user " + user_name(info.st_uid) + ", not to " + user_name(::geteuid()),
                path.string(), "run as that user, or set VENTURI_HOME to a folder of your own");
  }
  if ((info.st_mode & 0777) != 0700) too_open.push_back(path);
  return {};
}

std::string chmod_command(const char* mode, const std::vector<fs::path>& paths) {
  std::string command = std::string("chmod ") + mode;
  for (const fs::path& path : paths) command += " " + shell_word(path.string());
  return command;
}

Result<void> check_modes(const Home& home) {
  std::vector<fs::path> folders, files;
  for (const fs::path& folder : {home.root, home.run(), home.logs(), home.files()}) {
    if (auto checked = check_folder(folder, folders); !checked) return checked;
  }
  std::error_code error;
  fs::directory_iterator entries(home.root, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    struct stat info{};
    if (::stat(entries->path().c_str(), &info) != 0) continue;  // gone meanwhile, or a link to nowhere
    if (S_ISREG(info.st_mode) && (info.st_mode & 0077) != 0) files.push_back(entries->path());
  }
  if (error) return std::unexpected(file_error(error.value(), "cannot read the folder", home.root));
  if (folders.empty() && files.empty()) return {};
  std::ranges::sort(files);
  std::string command;
  if (!folders.empty()) command = chmod_command("700", folders);
  if (!files.empty()) command += (command.empty() ? "" : " && ") + chmod_command("600", files);
  const fs::path& first = folders.empty() ? files.front() : folders.front();
  return fail(ErrorKind::denied, "it must be for its owner alone: it holds passwords and keys", first.string(),
              "mend it with: " + command);
}

HomeOwner read_owner(int fd) {
  std::array<char, 4352> buffer{};
  const ssize_t size = ::pread(fd, buffer.data(), buffer.size(), 0);
  HomeOwner owner;
  if (size <= 0) return owner;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
  const std::size_t line = text.find('\n');
  // Both lines are complete or nothing is believed: the owner may be writing just now.
  if (line == std::string_view::npos || !text.ends_with('\n') || text.find('\n', line + 1) == std::string_view::npos)
    return owner;
  const auto [end, error] = std::from_chars(buffer.data(), buffer.data() + line, owner.pid);
  if (error != std::errc{} || end != buffer.data() + line) return {};
  owner.socket = text.substr(line + 1, text.size() - line - 2);
  return owner;
}

}  // namespace

Result<fs::path> home_path() {
  fs::path path;
  if (const char* set = std::getenv("VENTURI_HOME"); set != nullptr && *set != '\0') {
    path = set;
  } else if (const char* user = std::getenv("HOME"); user != nullptr && *user != '\0') {
    path = fs::path(user) / ".venturi";
  } else {
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
      return fail(ErrorKind::not_found, "this user has no home folder", "$HOME", "set VENTURI_HOME to a folder of your own");
    }
    path = fs::path(entry.pw_dir) / ".venturi";
  }
  std::error_code error;
  fs::path absolute = fs::absolute(path, error);
  if (error) return std::unexpected(file_error(error.value(), "cannot find the current folder", path));
  absolute = absolute.lexically_normal();
  return absolute.has_filename() ? absolute : absolute.parent_path();
}

Result<Home> open_home(const fs::path& root) {
  Home home{root};
  if (root.has_parent_path()) {
    std::error_code error;
    fs::create_directories(root.parent_path(), error);
    if (error) return std::unexpected(file_error(error.value(), "cannot make the folder", root.parent_path()));
  }
  std::vector<fs::path> checked_later;
  if (auto made = make_private_folder(root); !made) return std::unexpected(std::move(made.error()));
  // Before anything is made in it: it may be somebody else's, or a file.
  if (auto checked = check_folder(root, checked_later); !checked) return std::unexpected(std::move(checked.error()));
  for (const fs::path& folder : {home.run(), home.logs(), home.files(), home.dags()}) {
    if (auto made = make_private_folder(folder); !made) return std::unexpected(std::move(made.error()));
  }
  if (auto checked = check_modes(home); !checked) return std::unexpected(std::move(checked.error()));
  if (::access(root.c_str(), W_OK) != 0) return std::unexpected(file_error(errno, "cannot write to the home", root));
  return home;
}

HomeLock& HomeLock::operator=(HomeLock&& other) noexcept {
  release();
  fd_ = std::move(other.fd_);
  return *this;
}

void HomeLock::release() {
  if (!fd_) return;
  // So that nobody is told of a process that is gone. If it fails, the next owner writes over it.
  (void)!::ftruncate(fd_.get(), 0);
  fd_.reset();
}

Error LockAttempt::in_use(const Home& home) const {
  Error error{ErrorKind::conflict, "the home is in use by another process", home.root.string(), {}};
  if (owner.pid != 0) error.what = "the home is in use by process " + std::to_string(owner.pid);
  error.hint = owner.socket.empty() ? "it will be done soon: try again" : "stop it, or set VENTURI_HOME to another folder";
  return error;
}

Result<LockAttempt> try_lock(const Home& home, std::string_view socket) {
  const fs::path path = home.lock_file();
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return std::unexpected(file_error(errno, "cannot open the lock file", path));
  LockAttempt attempt;
  int locked = -1;
  do {
    locked = ::flock(fd.get(), LOCK_EX | LOCK_NB);
  } while (locked != 0 && errno == EINTR);
  if (locked != 0) {
    if (errno != EWOULDBLOCK) return std::unexpected(file_error(errno, "cannot lock the lock file", path));
    attempt.owner = read_owner(fd.get());
    return attempt;
  }
  attempt.owner = {::getpid(), std::string(socket)};
  const std::string text = std::to_string(attempt.owner.pid) + "\n" + attempt.owner.socket + "\n";
  if (::ftruncate(fd.get(), 0) != 0 || !write_all(fd.get(), text)) {
    const int code = errno;
    return std::unexpected(file_error(code, "cannot write the lock file", path));
  }
  attempt.lock = HomeLock(std::move(fd));
  return attempt;
}

}  // namespace venturi
