#include "store/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include "base/fd.h"
#include "base/log.h"
#include "store/sqlite/active_state.h"
#include "store/sqlite/backup.h"
#include "store/sqlite/batch_writer.h"
#include "store/sqlite/database.h"
#include "store/sqlite/reader.h"
#include "store/sqlite/schema.h"

namespace venturi::store {

namespace {

// The whole server is to idle in a few MiB; what a batch touches fits in this.
constexpr int writer_cache_kib = 1024;
// The writer copies the log back into the database file when it has this many pages of 4 KiB. Longer logs write hot pages less
// often, shorter ones hold a batch for less long: see store_benchmark.
constexpr int checkpoint_pages = 256;
constexpr int patient_pages = 2048;     // 8 MiB: the writer waits for readers, a little
constexpr int impatient_pages = 16384;  // 64 MiB: longer
constexpr int short_patience_ms = 3, long_patience_ms = 100;
// Where a reader stays, the commits after one that waited for it in vain do not, until so much more is in the log.
constexpr int pages_between_tries = 64;
// A log that grew over this (a reader held it, a large batch) is cut back at the next turn. Below, its blocks are reused, which
// makes fdatasync cheaper than growing a file.
constexpr int journal_size_limit = 4 * 1024 * 1024;

class SqliteStore final : public Store {
 public:
  SqliteStore(Database db, const Cipher& cipher, const Counters& counters)
      : db_(std::move(db)), cipher_(cipher), transaction_(db_), writer_(db_, cipher, counters) {
    sqlite3_wal_hook(
        db_.handle(),
        [](void* self, sqlite3*, const char*, int pages) {
          static_cast<SqliteStore*>(self)->log_pages_ = pages;
          return SQLITE_OK;
        },
        this);
  }

  Result<void> commit(const Batch& batch) override;
  Result<ActiveState> load_active() override { return load_active_state(db_, SystemClock().now()); }
  Result<std::unique_ptr<Reader>> open_reader() override { return open_sqlite_reader(db_.path(), cipher_); }

 private:
  Result<void> checkpoint();
  void begin_log_anew();

  Database db_;
  const Cipher& cipher_;
  Transaction::Statements transaction_;
  BatchWriter writer_;
  int log_pages_ = 0;       // of the write-ahead log after the last commit
  int tried_at_pages_ = 0;  // when it was last tried to begin it anew
  bool checkpoint_failed_ = false;
};

Result<void> SqliteStore::commit(const Batch& batch) {
  // What a checkpoint fails with is no failure of the batch before it, which is durable in the log: the next batch tells it.
  if (checkpoint_failed_) {
    if (auto done = checkpoint(); !done) return done;
  }
  {
    Transaction transaction(db_, transaction_);
    if (!transaction.begun()) return std::unexpected(db_.error("beginning a batch"));
    if (auto written = writer_.write(batch); !written) return written;
    if (!transaction.commit()) return std::unexpected(db_.error("committing a batch"));
    writer_.committed();
  }
  if (log_pages_ >= checkpoint_pages) checkpoint_failed_ = !checkpoint();
  if (log_pages_ < tried_at_pages_) tried_at_pages_ = 0;  // it was begun anew
  if (log_pages_ >= std::max(patient_pages, tried_at_pages_ + pages_between_tries)) begin_log_anew();
  return {};
}

// Passive: it never waits for readers; what they still need is copied by a later turn.
Result<void> SqliteStore::checkpoint() {
  const int code = sqlite3_wal_checkpoint_v2(db_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  checkpoint_failed_ = false;
  // With a full disk the log is still good: the next batch is written if it fits, and says so if not.
  if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) return {};
  Error error = db_.error("copying the write-ahead log into the database");
  if (error.kind == ErrorKind::exhausted) return {};
  return std::unexpected(std::move(error));
}

// Readers who take turns so that one is always there keep a passive checkpoint from ever ending, and the log from being begun
// anew: it would grow without end. Waiting for those who read at this moment is enough, because who comes meanwhile finds all
// of it in the file.
void SqliteStore::begin_log_anew() {
  const int patience_ms = log_pages_ >= impatient_pages ? long_patience_ms : short_patience_ms;
  sqlite3_busy_timeout(db_.handle(), patience_ms);
  // Where it fails it is tried again later; what a disk has to say it says to the next batch.
  tried_at_pages_ = log_pages_;
  (void)sqlite3_wal_checkpoint_v2(db_.handle(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  sqlite3_busy_timeout(db_.handle(), Database::busy_timeout_ms);
}

Error file_error(int reason, const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const std::string why = std::strerror(reason);
  switch (reason) {
    case ENOENT:
      return {ErrorKind::not_found, "the folder of the database does not exist", path, "make it: mkdir -m 700 -p " + folder};
    case ENOTDIR:
      return {ErrorKind::invalid, "the folder of the database is a file", path, "give a path whose folders are folders"};
    case EACCES:
    case EPERM:
    case EROFS:
      return {ErrorKind::denied, "the database cannot be written: " + why, path,
              "make " + folder + " and the files in it writable for the user that runs Venturi"};
    case ENOSPC:
    case EDQUOT:
      return {ErrorKind::exhausted, "the disk or its quota is full", path, "make room in " + folder};
    default:
      return {ErrorKind::unavailable, "the database cannot be opened: " + why, path, ""};
  }
}

// What SQLite says of these is "unable to open database file".
Result<void> check_file(const std::string& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0) return std::unexpected(file_error(errno, path));
  if (!S_ISREG(info.st_mode)) return fail(ErrorKind::invalid, "the database is no regular file", path, "give another path");
  if ((info.st_mode & 077) != 0) {
    return fail(ErrorKind::denied, "other users may open the database file", path, "run: chmod 600 " + path);
  }
  const std::string folder = std::filesystem::absolute(path).parent_path().string();
  for (const std::string& needed : {path, folder}) {
    if (access(needed.c_str(), R_OK | W_OK) != 0) return std::unexpected(file_error(errno, path));
  }
  return {};
}

// Makes the file where there is none, so that it is still there after a power cut. SQLite gives -wal and -shm the mode of the
// file that it finds. An existing file is not opened here: closing a descriptor would drop the locks that SQLite holds on it in
// this process.
Result<void> make_file(const std::string& path) {
  const Fd made(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!made && errno == EEXIST) return {};
  if (!made) return std::unexpected(file_error(errno, path));
  const std::string folder = std::filesystem::absolute(path).parent_path().string();
  const Fd parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent || ::fsync(parent.get()) != 0) return std::unexpected(file_error(errno, path));
  return {};
}

Result<void> expect(bool holds, const std::string& what, const std::string& path) {
  if (holds) return {};
  return fail(ErrorKind::unavailable, what, path, "keep the database on a local disk, not on a network file system");
}

// Turning the log on goes through a rollback journal. Only EXTRA makes its removal durable: with FULL it could be back after a
// power cut, and be played back over a file whose log has batches already.
Result<void> keep_log(Database& db) {
  if (auto set = db.execute("PRAGMA synchronous = EXTRA"); !set) return set;
  const auto mode = db.text("PRAGMA journal_mode = WAL");
  if (!mode) return std::unexpected(mode.error());
  return expect(*mode == "wal", "SQLite cannot keep a write-ahead log here", db.path());
}

Result<void> set_durable(Database& db, bool may_change_file) {
  if (may_change_file) {
    if (auto kept = keep_log(db); !kept) return kept;
  }
  auto set = db.execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;");
  if (!set) return set;
  if (auto limit = db.integer(("PRAGMA journal_size_limit = " + std::to_string(journal_size_limit)).c_str()); !limit) {
    return std::unexpected(limit.error());
  }
  const auto synchronous = db.integer("PRAGMA synchronous");
  if (!synchronous) return std::unexpected(synchronous.error());
  return expect(*synchronous == 2, "SQLite does not take synchronous=FULL", db.path());
}

Result<Database> open_file(const std::string& path) {
  if (auto fit = check_file(path); !fit) return std::unexpected(std::move(fit.error()));
  return Database::open(path, Database::Access::read_write, writer_cache_kib);
}

// Puts the tables into the file itself, which otherwise would be empty until the log is long enough: for `file venturi.db`, and
// for those who copy it alone.
Result<void> copy_log(Database& db) {
  const int code = sqlite3_wal_checkpoint_v2(db.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) return {};
  return std::unexpected(db.error("copying the write-ahead log into the database"));
}

Result<std::unique_ptr<Store>> make_store(Database db, const Cipher& cipher) {
  const auto counters = read_counters(db);
  if (!counters) return std::unexpected(counters.error());
  return std::make_unique<SqliteStore>(std::move(db), cipher, *counters);
}

Result<Database> open_as_is(const std::string& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0 && errno == ENOENT) {
    return fail(ErrorKind::not_found, "there is no database yet", path, "run: venturi db migrate");
  }
  auto db = open_file(path);
  if (!db) return db;
  if (auto same = check_schema(*db); !same) return std::unexpected(std::move(same.error()));
  if (auto durable = set_durable(*db, false); !durable) return std::unexpected(std::move(durable.error()));
  return db;
}

// What a migration does cannot be undone: the database as it was stays beside it, one copy for each schema that there was.
Result<void> keep_copy(const std::string& path, int version) {
  const std::string kept = copy_of_schema(path, version), part = kept + ".part";
  std::error_code error;
  std::filesystem::remove(part, error);
  if (auto copied = backup_sqlite(path, part); !copied) {
    copied.error().what = "the copy that is kept of the database before it is migrated cannot be made: " + copied.error().what;
    return copied;
  }
  std::filesystem::rename(part, kept, error);
  if (error) return std::unexpected(file_error(error.value(), kept));
  log_info("the database is migrated from schema version " + std::to_string(version) + " to " +
           std::to_string(program_schema_version()) + "; as it was it is kept as " + kept);
  return {};
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite(const std::string& path, const Cipher& cipher) {
  if (auto made = make_file(path); !made) return std::unexpected(std::move(made.error()));
  auto db = open_file(path);
  if (!db) return std::unexpected(std::move(db.error()));
  // Before anything is changed: it may be another program's file.
  auto version = schema_version(*db);
  if (!version) return std::unexpected(std::move(version.error()));
  if (*version != 0 && *version < program_schema_version()) {
    if (auto kept = keep_copy(path, *version); !kept) return std::unexpected(std::move(kept.error()));
  }
  if (auto durable = set_durable(*db, true); !durable) return std::unexpected(std::move(durable.error()));
  if (auto migrated = migrate(*db); !migrated) return std::unexpected(std::move(migrated.error()));
  if (*version != program_schema_version()) {
    if (auto copied = copy_log(*db); !copied) return std::unexpected(std::move(copied.error()));
  }
  return make_store(std::move(*db), cipher);
}

Result<std::unique_ptr<Store>> open_sqlite_as_is(const std::string& path, const Cipher& cipher) {
  auto db = open_as_is(path);
  if (!db) return std::unexpected(std::move(db.error()));
  return make_store(std::move(*db), cipher);
}

Result<void> check_sqlite(const std::string& path) {
  auto db = open_as_is(path);
  if (!db) return std::unexpected(std::move(db.error()));
  const auto verdict = db->text("PRAGMA quick_check(1)");
  if (!verdict) return std::unexpected(verdict.error());
  if (*verdict == "ok") return {};
  return std::unexpected(sqlite_error(SQLITE_CORRUPT, *verdict, 0, path, "checking"));
}

}  // namespace venturi::store
