#include "store/sqlite/database.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace venturi::store {

namespace {

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

bool is_disk_full(int code, int system_errno) {
  if ((code & 0xff) == SQLITE_FULL) return true;
  return (code & 0xff) == SQLITE_IOERR && (system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG);
}

std::string os_reason(int system_errno) {
  return system_errno == 0 ? std::string() : std::string(": ") + std::strerror(system_errno);
}

}  // namespace

Error sqlite_error(int code, std::string_view message, int system_errno, const std::string& path, std::string_view doing) {
  const auto make = [&](ErrorKind kind, std::string what, std::string hint = {}) {
    return Error{kind, std::string(doing) + ": " + std::move(what), path, std::move(hint)};
  };
  const std::string folder = folder_of(path);
  if (is_disk_full(code, system_errno)) {
    return make(ErrorKind::exhausted, "the disk or its quota is full; nothing of this was written",
                "make room in " + folder + ", then go on");
  }
  switch (code & 0xff) {
    case SQLITE_NOTADB:
      return make(ErrorKind::corrupt, "the file is no SQLite database",
                  "restore it from a backup, or move it away to begin with an empty one");
    case SQLITE_CORRUPT:
      return make(
          ErrorKind::corrupt, "the database file is damaged (" + std::string(message) + ")",
          "stop Venturi and restore a backup, or save what is readable: sqlite3 " + path + " .recover | sqlite3 new.db");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return make(ErrorKind::unavailable, "another program holds the database locked",
                  "end the program that writes to it, such as an open sqlite3 shell, and try again");
    case SQLITE_READONLY:
      return make(ErrorKind::denied, "the database file or its folder is read-only",
                  "make " + folder + " and the files in it writable for the user that runs Venturi");
    case SQLITE_CANTOPEN:
      return make(ErrorKind::unavailable, "the database cannot be opened" + os_reason(system_errno),
                  "check that " + folder + " is a folder that the user who runs Venturi may write to");
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return make(ErrorKind::denied, "access denied" + os_reason(system_errno), "check owner and mode of the file");
    case SQLITE_IOERR:
      return make(ErrorKind::unavailable, "the disk reported an error" + os_reason(system_errno),
                  "check the disk and the kernel's log before going on");
    case SQLITE_NOMEM:
      return make(ErrorKind::exhausted, "out of memory");
    case SQLITE_TOOBIG:
      return make(ErrorKind::invalid, "a value is larger than the 1,000,000,000 bytes that SQLite takes");
    case SQLITE_CONSTRAINT:
      return make(ErrorKind::conflict, std::string(message));
    default:
      return make(ErrorKind::internal, std::string(message) + " (SQLite code " + std::to_string(code) + ")");
  }
}

Result<Database> Database::open(const std::string& path, Access access, int cache_kib) {
  Database db;
  db.path_ = path;
  const int flags = (access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  db.handle_.reset(handle);
  if (handle == nullptr) return std::unexpected(sqlite_error(SQLITE_NOMEM, "", 0, path, "opening"));
  if (code != SQLITE_OK) return std::unexpected(db.error("opening"));
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  // No foreign keys: each would cost a look-up per row written, and the engine writes runs before what belongs to them.
  const std::string settings = "PRAGMA cache_size = -" + std::to_string(cache_kib) +
                               "; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF; PRAGMA secure_delete = FAST;";
  if (auto done = db.execute(settings.c_str()); !done) return std::unexpected(std::move(done.error()));
  // SQLite opens lazily: this is the first read.
  if (auto version = db.integer("PRAGMA schema_version"); !version) return std::unexpected(std::move(version.error()));
  return db;
}

Result<void> Database::execute(const char* sql) {
  if (sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return std::unexpected(error("setting up"));
  return {};
}

Result<std::int64_t> Database::integer(const char* sql) {
  Statement statement(*this, sql);
  if (!statement.bind().next()) return std::unexpected(error("reading"));
  return sqlite3_column_int64(statement.row().raw(), 0);
}

Result<std::string> Database::text(const char* sql) {
  Statement statement(*this, sql);
  if (!statement.bind().next()) return std::unexpected(error("reading"));
  std::string value;
  statement.row().read(value);
  return value;
}

Error Database::error(std::string_view doing) const {
  return sqlite_error(sqlite3_extended_errcode(handle()), sqlite3_errmsg(handle()), sqlite3_system_errno(handle()), path_,
                      doing);
}

bool Statement::begin() {
  if (statement_) {
    sqlite3_reset(statement_.get());
    return true;
  }
  sqlite3_stmt* statement = nullptr;
  code_ = sqlite3_prepare_v3(db_, sql_.data(), static_cast<int>(sql_.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  statement_.reset(statement);
  return code_ == SQLITE_OK;
}

bool Statement::next() {
  if (code_ != SQLITE_OK) return false;
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  code_ = sqlite3_reset(statement_.get());
  return false;
}

bool Statement::run() {
  while (next()) {}
  return ok();
}

void Statement::reset() {
  if (statement_) sqlite3_reset(statement_.get());
}

Transaction::~Transaction() {
  // Some failures (a full disk) make SQLite roll back by itself; after a commit there is nothing to roll back either.
  if (begun_ && sqlite3_get_autocommit(db_) == 0) (void)statements_.rollback.bind().run();
}

}  // namespace venturi::store
