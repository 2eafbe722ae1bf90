#include "server/xcom_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include "base/fd.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "base/random.h"
#include "home/file_error.h"
#include "server/run_paths.h"

namespace venturi::server {
namespace {

namespace fs = std::filesystem;

std::string new_name() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string name;
  for (const char c : random_bytes(8)) {
    const auto byte = static_cast<unsigned char>(c);
    name += {digits[byte >> 4U], digits[byte & 15U]};
  }
  return name;
}

Result<void> sync_folder(const fs::path& folder) {
  const Fd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || ::fsync(opened.get()) != 0) return std::unexpected(file_error(errno, "cannot sync the folder", folder));
  return {};
}

// With those above it that are missing, each durable in the one that holds it.
Result<void> make_folder(const fs::path& folder) {
  struct stat info{};
  if (::stat(folder.c_str(), &info) == 0) return {};
  if (auto made = make_folder(folder.parent_path()); !made) return made;
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return std::unexpected(file_error(errno, "cannot make the folder", folder));
  return sync_folder(folder.parent_path());
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) entries.push_back(at->path());
  return entries;
}

// Of a run: all that its rows refer to. An error: what cannot be asked now is kept.
Result<std::vector<std::string>> names_in_use(store::Reader& reader, const std::string& dag_id, const std::string& run_id) {
  const auto run = reader.run(dag_id, run_id);
  if (!run) return std::unexpected(run.error());
  if (!*run) return std::vector<std::string>();
  return reader.xcom_files((*run)->no);
}

}  // namespace

Result<std::string> write_xcom_file(const fs::path& folder, std::string_view bytes) {
  kill_point("server.before_xcom_file");
  if (auto made = make_folder(folder); !made) return std::unexpected(std::move(made.error()));
  std::string name = new_name();
  const fs::path path = folder / name;
  const auto failed = [&](int code) {
    ::unlink(path.c_str());
    return std::unexpected(file_error(code, "cannot write an XCom into the file", path));
  };
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return failed(errno);
  if (!write_all(file.get(), bytes) || ::fsync(file.get()) != 0) return failed(errno);
  if (auto synced = sync_folder(folder); !synced) return std::unexpected(std::move(synced.error()));
  kill_point("server.after_xcom_file");
  return name;
}

Result<std::string> read_xcom_file(const fs::path& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (!file || ::fstat(file.get(), &info) != 0) return std::unexpected(file_error(errno, "cannot open the file", path));
  std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
  for (std::size_t have = 0; have < bytes.size();) {
    const ssize_t n = ::read(file.get(), bytes.data() + have, bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(file_error(errno, "cannot read the file", path));
    if (n == 0) return fail(ErrorKind::corrupt, "the file became shorter while it was read", path.string());
    have += static_cast<std::size_t>(n);
  }
  return bytes;
}

std::size_t sweep_xcom_files(const fs::path& folder, store::Reader& reader,
                             std::set<std::pair<std::string, std::string>>& runs) {
  std::size_t removed = 0;
  std::error_code ignored;
  for (const fs::path& dag : entries_of(folder)) {
    for (const fs::path& run : entries_of(dag)) {
      const auto names = names_in_use(reader, dag.filename().string(), run.filename().string());
      if (!names) {
        log_warning("the XComs' files of a run were not looked through: " + names.error().text());
        runs.insert({dag.filename().string(), run.filename().string()});
        continue;
      }
      for (const fs::path& file : entries_of(run)) {
        if (std::ranges::find(*names, file.filename().string()) != names->end()) continue;
        if (fs::remove(file, ignored)) ++removed;
      }
      // Where nothing is left of it, the folder goes, too.
      if (::rmdir(run.c_str()) != 0) runs.insert({dag.filename().string(), run.filename().string()});
    }
    (void)::rmdir(dag.c_str());
  }
  return removed;
}

XComFiles::XComFiles(EventLoop& loop, fs::path folder) : loop_(loop), folder_(std::move(folder)) {}

XComFiles::~XComFiles() {
  *alive_ = false;
}

void XComFiles::sweep(std::shared_ptr<store::Reader> reader) {
  std::error_code error;
  if (!fs::exists(folder_, error) && !error) {
    swept_ = true;
    return;
  }
  run([this, folder = folder_, reader = std::move(reader)]() -> JobThread::Then {
    std::set<std::pair<std::string, std::string>> runs;
    if (const std::size_t removed = sweep_xcom_files(folder, *reader, runs); removed > 0)
      log_info("removed " + std::to_string(removed) + " files of XComs that no run refers to");
    return [this, runs = std::move(runs)] {
      runs_.insert(runs.begin(), runs.end());
      swept_ = true;
    };
  });
}

bool XComFiles::may_have(const store::XComKey& key) const {
  return !swept_ || (!runs_.empty() && runs_.contains({key.dag_id, key.run_id}));
}

void XComFiles::run(JobThread::Job job) {
  jobs_.push_back(std::move(job));
  if (!busy_) next();
}

void XComFiles::next() {
  if (jobs_.empty()) return;
  busy_ = true;
  if (!thread_) thread_ = std::make_unique<JobThread>(loop_);
  thread_->run([this, job = std::move(jobs_.front())]() -> JobThread::Then {
    return [this, then = job()] {
      if (then) then();
      busy_ = false;
      next();
    };
  });
  jobs_.pop_front();
}

void XComFiles::run_after(std::chrono::milliseconds delay, std::function<void()> call) {
  loop_.after(delay, [alive = alive_, call = std::move(call)] {
    if (*alive) call();
  });
}

void XComFiles::remove(const fs::path& path) {
  run([path]() -> JobThread::Then {
    std::error_code error;
    fs::remove(path, error);
    if (error) log_warning("a file of an XCom that was replaced stays: " + path.string() + ": " + error.message());
    return {};
  });
}

fs::path XComFiles::folder_of(const store::XComKey& key) const {
  return folder_ / files_path(key.dag_id, key.run_id);
}

}  // namespace venturi::server
