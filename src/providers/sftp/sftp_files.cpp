#include "providers/sftp/sftp_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/fd.h"
#include "providers/rows/new_file.h"

namespace venturi::providers {
namespace {

namespace fs = std::filesystem;
using operators::TaskFailed;
using operators::TaskFailedForGood;

constexpr std::chrono::milliseconds time_to_clean_up{700};
constexpr std::uint32_t permissions = 07777;
constexpr std::size_t longest_name = 180;  // beside what a temporary name has more

void say(const SftpTransfer& how, const std::string& text) {
  if (how.say) how.say(text);
}

// Runs `work`; where it throws, `undo` too, for a short time, whatever comes of that.
void or_undo(SftpClient& sftp, const SftpTransfer& how, const std::string& begun, const auto& work, const auto& undo) {
  std::exception_ptr failed;
  try {
    work();
  } catch (...) {
    failed = std::current_exception();
  }
  if (!failed) return;
  sftp.clean_up_within(time_to_clean_up);
  try {
    undo();
  } catch (const std::exception& e) {  // what failed first is what is told
    say(how, fmt::format("what was begun may stay there as {}: {}", sftp.shown(begun), e.what()));
  }
  std::rethrow_exception(failed);
}

std::string temporary_name(const std::string& path, const std::string& tag) {
  const std::string folder = sftp_folder_of(path), name = path.substr(path.rfind('/') + 1);
  return sftp_joined(folder, fmt::format(".{}.{}.tmp", name.substr(0, longest_name), tag));
}

// A local file, read from its beginning to the size that it had.
class Source {
 public:
  explicit Source(std::string path) : path_(std::move(path)), fd_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat info{};
    if (!fd_ || ::fstat(fd_.get(), &info) != 0)
      throw TaskFailed(fmt::format("{} cannot be read on the worker's machine: {}", path_, std::strerror(errno)));
    if (!S_ISREG(info.st_mode)) throw TaskFailedForGood(path_ + " is no file");
    size_ = static_cast<std::uint64_t>(info.st_size);
  }
  std::string_view next(std::size_t most) {
    const std::size_t wanted = std::min({most, block_.size(), static_cast<std::size_t>(size_ - sent_)});
    if (wanted == 0) return {};
    ssize_t n = 0;
    do n = ::read(fd_.get(), block_.data(), wanted);
    while (n < 0 && errno == EINTR);
    if (n < 0) throw TaskFailed(fmt::format("{} cannot be read: {}", path_, std::strerror(errno)));
    if (n == 0) throw TaskFailed(path_ + " became shorter while it was sent");
    sent_ += static_cast<std::uint64_t>(n);
    return {block_.data(), static_cast<std::size_t>(n)};
  }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  std::string path_;
  Fd fd_;
  std::uint64_t size_ = 0, sent_ = 0;
  std::array<char, 32768> block_{};
};

void put(SftpClient& sftp, const std::string& path, Source& source, std::optional<std::uint32_t> mode, bool confirm) {
  sftp.write(path, mode, [&source](std::size_t most) { return source.next(most); });
  if (!confirm) return;
  const auto there = sftp.stat(path);
  if (!there) throw TaskFailed(fmt::format("SFTP: PUT {}: it is not there after it was sent", sftp.shown(path)));
  if (there->has_size && there->size != source.size())
    throw TaskFailed(
        fmt::format("SFTP: PUT {}: {} bytes were sent, and {} are there", sftp.shown(path), source.size(), there->size));
}

void put_in_place_of(SftpClient& sftp, const std::string& temporary, const std::string& target, bool is_there,
                     const SftpTransfer& how) {
  if (is_there && !sftp.renames_over_files()) {
    say(how, fmt::format("the server cannot rename over a file: {} is deleted first", sftp.shown(target)));
    sftp.remove(target);
  }
  sftp.rename(temporary, target);
}

void add_tree(SftpClient& sftp, const std::string& root, const std::string& below, SftpTree& tree, const SftpSay& say) {
  const std::string folder = sftp_joined(root, below);
  for (const SftpEntry& entry : sftp.list(folder.empty() ? "." : folder)) {
    const std::string path = sftp_joined(below, entry.name);
    // A server that is not to be trusted could lead out of the folder.
    if (entry.name.empty() || entry.name.find('/') != std::string::npos || entry.name.find('\0') != std::string::npos)
      throw TaskFailed(fmt::format("SFTP: LIST {}: the server gave a name that is none", sftp.shown(folder)));
    if (entry.attributes.is_folder()) {
      tree.folders.push_back(path);
      add_tree(sftp, root, path, tree, say);
      continue;
    }
    SftpAttributes attributes = entry.attributes;
    if (attributes.is_link()) {
      const auto target = sftp.stat(sftp_joined(root, path));
      if (target) attributes = *target;
    }
    if (!attributes.is_link() && !attributes.is_folder() && attributes.is_file()) {
      tree.files.push_back(path);
    } else if (say) {
      say(fmt::format("{} is no file, and is passed over", sftp.shown(sftp_joined(root, path))));
    }
  }
}

SftpTree local_tree(const std::string& folder, const SftpSay& say) {
  SftpTree tree;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::string path = entry->path().lexically_relative(folder).string();
    std::error_code unknown;
    if (entry->is_directory(unknown) && !entry->is_symlink(unknown)) {
      tree.folders.push_back(std::move(path));
    } else if (entry->is_regular_file(unknown)) {
      tree.files.push_back(std::move(path));
    } else if (say) {
      say(fmt::format("{} is no file, and is passed over", entry->path().string()));
    }
  }
  if (error) throw TaskFailed(fmt::format("{} cannot be read on the worker's machine: {}", folder, error.message()));
  return tree;
}

void make_local_folder(const std::string& path) {
  std::error_code error;
  fs::create_directory(path, error);
  if (error) throw TaskFailed(fmt::format("{} cannot be made on the worker's machine: {}", path, error.message()));
}

}  // namespace

std::string sftp_joined(const std::string& folder, const std::string& name) {
  return folder.empty() || name.empty() || folder.ends_with('/') ? folder + name : folder + "/" + name;
}

std::string sftp_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {};
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::uint64_t sftp_download(SftpClient& sftp, const std::string& remote, const std::string& local, const SftpTransfer& how) {
  NewFile file(local, how.tag);
  const auto size = sftp.read(remote, [&file](std::string_view bytes) { file.write(bytes); });
  if (size && *size != file.size()) {
    throw TaskFailed(fmt::format("SFTP: GET {}: the server said {} bytes, and {} came: it changes while it is read",
                                 sftp.shown(remote), *size, file.size()));
  }
  file.finish();
  return file.size();
}

std::uint64_t sftp_upload(SftpClient& sftp, const std::string& local, const std::string& remote, const SftpTransfer& how) {
  Source source(local);
  if (sftp.settings().upload_in_place) {
    put(sftp, remote, source, std::nullopt, how.confirm);
    return source.size();
  }
  const auto there = sftp.stat(remote);
  if (there && there->is_folder())
    throw TaskFailed(fmt::format("SFTP: PUT {}: it is a folder: name the file in it", sftp.shown(remote)));
  const std::string temporary = temporary_name(remote, how.tag);
  const auto mode = there && there->has_mode ? std::optional(there->mode & permissions) : std::nullopt;
  or_undo(
      sftp, how, temporary,
      [&] {
        put(sftp, temporary, source, mode, how.confirm);
        put_in_place_of(sftp, temporary, remote, there.has_value(), how);
      },
      [&] { sftp.remove(temporary); });
  return source.size();
}

std::size_t sftp_download_folder(SftpClient& sftp, const std::string& remote, const std::string& local,
                                 const SftpTransfer& how) {
  struct stat info{};
  if (::lstat(local.c_str(), &info) == 0) throw TaskFailed(local + " already exists");
  const SftpTree tree = sftp_tree(sftp, remote, how.say);
  const std::string temporary = temporary_name(local, how.tag);
  struct Removed {
    std::string path;
    ~Removed() {
      std::error_code ignored;
      fs::remove_all(path, ignored);
    }
  } const begun{temporary};
  make_local_folder(temporary);
  for (const std::string& folder : tree.folders) make_local_folder(sftp_joined(temporary, folder));
  for (const std::string& file : tree.files)
    (void)sftp_download(sftp, sftp_joined(remote, file), sftp_joined(temporary, file), how);
  // RENAME_NOREPLACE is not for all file systems: a folder that is not empty is no target either way.
  if (::rename(temporary.c_str(), local.c_str()) != 0)
    throw TaskFailed(fmt::format("{} cannot be made on the worker's machine: {}", local, std::strerror(errno)));
  return tree.files.size();
}

std::size_t sftp_upload_folder(SftpClient& sftp, const std::string& local, const std::string& remote, const SftpTransfer& how) {
  if (sftp.stat(remote)) throw TaskFailed(fmt::format("SFTP: PUT {}: it already exists", sftp.shown(remote)));
  const SftpTree tree = local_tree(local, how.say);
  const bool in_place = sftp.settings().upload_in_place;
  const std::string target = in_place ? remote : temporary_name(remote, how.tag);
  or_undo(
      sftp, how, target,
      [&] {
        sftp.make_folder(target);
        for (const std::string& folder : tree.folders) sftp.make_folder(sftp_joined(target, folder));
        for (const std::string& file : tree.files) {
          Source source(sftp_joined(local, file));
          put(sftp, sftp_joined(target, file), source, std::nullopt, how.confirm);
        }
        if (!in_place) sftp.rename(target, remote);
      },
      [&] { (void)sftp_remove_tree(sftp, target); });
  return tree.files.size();
}

void sftp_make_folders(SftpClient& sftp, const std::string& folder) {
  if (folder.empty()) return;
  if (folder.size() > 1 && folder.ends_with('/')) return sftp_make_folders(sftp, folder.substr(0, folder.size() - 1));
  if (const auto there = sftp.stat(folder)) {
    if (there->is_folder()) return;
    throw TaskFailed(fmt::format("SFTP: MKDIR {}: it already exists and is a file", sftp.shown(folder)));
  }
  sftp_make_folders(sftp, sftp_folder_of(folder));
  try {
    sftp.make_folder(folder);
  } catch (const SftpRefused&) {
    const auto there = sftp.stat(folder);  // another task was faster
    if (!there || !there->is_folder()) throw;
  }
}

std::size_t sftp_remove_tree(SftpClient& sftp, const std::string& folder) {
  std::size_t count = 1;
  for (const SftpEntry& entry : sftp.list(folder)) {
    const std::string path = sftp_joined(folder, entry.name);
    if (entry.attributes.is_folder()) {
      count += sftp_remove_tree(sftp, path);
      continue;
    }
    sftp.remove(path);
    ++count;
  }
  sftp.remove_folder(folder);
  return count;
}

SftpTree sftp_tree(SftpClient& sftp, const std::string& folder, const SftpSay& say) {
  SftpTree tree;
  add_tree(sftp, folder, "", tree, say);
  return tree;
}

}  // namespace venturi::providers
