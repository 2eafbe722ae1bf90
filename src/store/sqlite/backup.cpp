#include "store/sqlite/backup.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/fd.h"
#include "store/sqlite/database.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite_store.h"

namespace venturi::store {
namespace {

namespace fs = std::filesystem;

constexpr int copy_cache_kib = 8192;

std::unexpected<Error> file_trouble(int code, const std::string& what, const std::string& path) {
  return fail(ErrorKind::unavailable, what + ": " + std::generic_category().message(code), path);
}

Result<void> sync(const std::string& path, int flags) {
  const Fd opened(::open(path.c_str(), flags | O_CLOEXEC));
  if (!opened || ::fsync(opened.get()) != 0) return file_trouble(errno, "it cannot be written to disk", path);
  return {};
}
Result<void> sync_with_folder(const std::string& path) {
  if (auto synced = sync(path, O_RDONLY); !synced) return synced;
  return sync(fs::absolute(path).parent_path().string(), O_RDONLY | O_DIRECTORY);
}

// One of which the database is made, alone: nothing of a log beside it, and nobody else's database.
Result<void> prepare(const std::string& path) {
  auto db = Database::open(path, Database::Access::read_write, copy_cache_kib);
  if (!db) return std::unexpected(std::move(db.error()));
  const auto version = schema_version(*db);
  if (!version) return std::unexpected(version.error());
  if (*version == 0) return fail(ErrorKind::corrupt, "the backup has no tables", path, "take another one");
  const auto verdict = db->text("PRAGMA quick_check(1)");
  if (!verdict) return std::unexpected(verdict.error());
  if (*verdict != "ok") return fail(ErrorKind::corrupt, "the backup is damaged: " + *verdict, path, "take another one");
  if (auto migrated = migrate(*db); !migrated) return migrated;
  return db->execute("UPDATE home SET epoch = max(epoch + 1, CAST(strftime('%s', 'now') AS INTEGER) * 1000000)");
}

// What its log has goes into the file itself, as far as it can be read; what is left of the log is no other database's.
Result<void> set_log_aside(const std::string& path, const std::string& kept) {
  if (auto db = Database::open(path, Database::Access::read_write, copy_cache_kib))
    (void)db->text("PRAGMA wal_checkpoint(TRUNCATE)");
  std::error_code error;
  if (fs::exists(path + "-wal", error)) fs::rename(path + "-wal", kept + "-wal", error);
  if (error) return file_trouble(error.value(), "its log cannot be set aside", path + "-wal");
  fs::remove(path + "-shm", error);
  return {};
}

}  // namespace

Result<void> backup_sqlite(const std::string& path, const std::string& target) {
  std::error_code error;
  if (fs::exists(target, error)) return fail(ErrorKind::conflict, "there is a file already", target, "name another one");
  {
    auto db = Database::open(path, Database::Access::read_only, copy_cache_kib);
    if (!db) return std::unexpected(std::move(db.error()));
    const auto version = schema_version(*db);
    if (!version) return std::unexpected(version.error());
    const Fd made(::open(target.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));  // VACUUM INTO takes an empty one
    if (!made) return file_trouble(errno, "it cannot be made", target);
    Statement copy(*db, "VACUUM INTO ?1");
    if (!copy.bind(target).run()) {
      Error why = db->error("copying the database");
      fs::remove(target, error);
      return std::unexpected(std::move(why));
    }
  }
  return sync_with_folder(target);
}

Result<void> restore_sqlite(const std::string& backup, const std::string& path, const std::string& kept) {
  std::error_code error;
  const std::string made = path + ".restored";
  for (const char* end : {"", "-wal", "-shm", "-journal"}) fs::remove(made + end, error);
  fs::copy_file(backup, made, error);
  if (error) return file_trouble(error.value(), "the backup cannot be copied", backup);
  if (::chmod(made.c_str(), 0600) != 0) return file_trouble(errno, "it cannot be kept private", made);
  if (auto prepared = prepare(made); !prepared) {
    for (const char* end : {"", "-wal", "-shm", "-journal"}) fs::remove(made + end, error);
    return prepared;
  }
  if (auto synced = sync_with_folder(made); !synced) return synced;
  if (!fs::exists(path, error)) {
    fs::rename(made, path, error);
    if (error) return file_trouble(error.value(), "the backup cannot be put into its place", path);
    return sync_with_folder(path);
  }
  if (auto aside = set_log_aside(path, kept); !aside) return aside;
  if (::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) != 0)
    return file_trouble(errno, "the backup cannot be put into its place", path);
  fs::rename(made, kept, error);
  if (error) return file_trouble(error.value(), "what was there before cannot be set aside; it is there as " + made, kept);
  return sync_with_folder(path);
}

}  // namespace venturi::store
