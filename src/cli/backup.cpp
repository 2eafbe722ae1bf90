// `db backup` and `db restore`: all of a home that its DAGs folder and its logs are not.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/time.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "cli/user.h"
#include "home/small_file.h"
#include "store/sqlite/backup.h"

namespace venturi::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* database = "venturi.db";
constexpr const char* configuration = "venturi.toml";
// Beside the database: without its keys nobody could read what is encrypted in it.
constexpr std::array<const char*, 5> small_files{"fernet_key", "signing_key", "admin_password", "users", configuration};
constexpr const char* xcoms = "xcoms";

bool is_within(const fs::path& path, const fs::path& folder) {
  const auto [at, end] = std::pair(fs::weakly_canonical(path), fs::weakly_canonical(folder));
  const auto mismatch = std::ranges::mismatch(end, at);
  return mismatch.in1 == end.end();
}

std::unexpected<Error> trouble(const std::error_code& error, const std::string& what, const fs::path& path) {
  return fail(ErrorKind::unavailable, what + ": " + error.message(), path.string());
}

// A configuration that is there already is kept: it may say where the database lies.
Result<void> copy_small_files(const fs::path& from, const fs::path& to) {
  std::error_code error;
  for (const char* name : small_files) {
    if (name == configuration && fs::exists(to / name, error)) continue;
    const auto content = read_small_file(from / name);
    if (!content) return std::unexpected(content.error());
    if (!*content) continue;
    if (auto written = write_private_file(to / name, **content); !written) return written;
  }
  return {};
}

// Large XComs; one that is removed meanwhile is no row's any more.
Result<void> copy_xcoms(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (!fs::exists(from / xcoms, error)) return {};
  for (auto at = fs::recursive_directory_iterator(from / xcoms, error); !error && at != fs::recursive_directory_iterator();
       at.increment(error)) {
    if (!at->is_regular_file(error)) continue;
    const fs::path target = to / fs::relative(at->path(), from);
    fs::create_directories(target.parent_path(), error);
    if (error) return trouble(error, "it cannot be made", target.parent_path());
    std::error_code copying;
    fs::copy_file(at->path(), target, fs::copy_options::skip_existing, copying);
    if (copying && copying != std::errc::no_such_file_or_directory) return trouble(copying, "it cannot be copied", at->path());
  }
  if (error) return trouble(error, "the XComs cannot be read", from / xcoms);
  return {};
}

}  // namespace

Result<int> db_backup(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const fs::path target = fs::absolute(arguments.text("folder"));
  std::error_code error;
  if (is_within(target, metadata->home.root))
    return fail(ErrorKind::invalid, "a backup within the home would be lost with it", target.string(),
                "name a folder elsewhere");
  if (fs::exists(target, error))
    return fail(ErrorKind::conflict, "there is something already", target.string(), "name another folder");
  const fs::path part = target.string() + ".part";
  fs::remove_all(part, error);
  if (::mkdir(part.c_str(), 0700) != 0)
    return trouble(std::error_code(errno, std::generic_category()), "the folder cannot be made", part);
  auto done = store::backup_sqlite(metadata->config.path("database.path").string(), (part / database).string());
  if (done) done = copy_small_files(metadata->home.root, part);
  if (done) done = copy_xcoms(metadata->home.root, part);
  if (!done) {
    fs::remove_all(part, error);
    return std::unexpected(std::move(done.error()));
  }
  fs::rename(part, target, error);
  if (error) return trouble(error, "the backup is there under another name", part);
  print("The backup is " + target.string() + ": database, keys, configuration and large XComs. DAGs and logs are not in it.\n");
  return exit_done;
}

Result<int> db_restore(const Arguments& arguments) {
  const fs::path source = fs::absolute(arguments.text("folder"));
  std::error_code error;
  if (!fs::exists(source / database, error))
    return fail(ErrorKind::not_found, "this is no backup: it has no " + std::string(database), source.string(),
                "name a folder that venturi db backup made");
  const auto opened = open_or_make_home();
  if (!opened) return std::unexpected(opened.error());
  const Home& home = opened->home;
  const fs::path path = opened->config.path("database.path");
  if (is_within(source, home.root) || fs::equivalent(source / database, path, error))
    return fail(ErrorKind::invalid, "the home cannot be restored from itself", source.string(),
                "name a folder that venturi db backup made");
  const auto attempt = lock_soon(home);
  if (!attempt) return std::unexpected(attempt.error());
  if (!attempt->lock) return std::unexpected(attempt->in_use(home));
  const bool replaces = fs::exists(path, error);
  if (replaces) {
    const std::string what = "the database " + path.string() + " and the keys of this home";
    if (auto sure = confirm(arguments, "Replace " + what + " by those of the backup?"); !sure)
      return std::unexpected(std::move(sure.error()));
  }
  const std::string kept = path.string() + ".before_restore_" + std::to_string(SystemClock().now().time_since_epoch().count());
  // Where this ends early, the same command, again, ends it: keys and database are those of one backup then.
  if (replaces) {
    const fs::path keys = kept + ".keys";
    if (::mkdir(keys.c_str(), 0700) != 0)
      return trouble(std::error_code(errno, std::generic_category()), "the folder cannot be made", keys);
    if (auto saved = copy_small_files(home.root, keys); !saved) return std::unexpected(std::move(saved.error()));
  }
  if (auto copied = copy_xcoms(source, home.root); !copied) return std::unexpected(std::move(copied.error()));
  if (auto restored = store::restore_sqlite((source / database).string(), path.string(), kept); !restored)
    return std::unexpected(std::move(restored.error()));
  if (auto copied = copy_small_files(source, home.root); !copied) return std::unexpected(std::move(copied.error()));
  print("The home " + home.root.string() + " is as it was when " + source.string() + " was made.\n");
  if (replaces) print("What it had before is " + kept + ", with its keys beside it: remove both when you need them no more.\n");
  return exit_done;
}

}  // namespace venturi::cli
