// What open_sqlite says of files that it cannot use, and how it makes those that it can.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "store/sqlite/database.h"
#include "store/sqlite/store_fixture.h"

namespace venturi::store {
namespace {

using testing::HasSubstr;

class SqliteOpen : public StoreTest {
 protected:
  void write_file(const std::string& content) {
    std::ofstream(path_, std::ios::binary) << content;
    chmod(path_.c_str(), 0600);
  }
  // A database with one run whose tables fill several pages, closed.
  void make_database() {
    Batch batch;
    batch.runs = {make_run(1, 1, 500)};
    for (TaskInstanceNo no = 1; no <= 500; ++no) batch.task_instances.push_back(make_task_instance(no, 1));
    need(open()->commit(batch));
  }
  void expect_error(const Result<std::unique_ptr<Store>>& opened, ErrorKind kind, const std::string& what) {
    ASSERT_FALSE(opened) << what;
    EXPECT_EQ(opened.error().kind, kind) << opened.error().text();
    EXPECT_THAT(opened.error().text(), HasSubstr(what));
    EXPECT_EQ(opened.error().where, path_);
    EXPECT_FALSE(opened.error().hint.empty());
  }
  Result<std::unique_ptr<Store>> try_open() { return open_sqlite(path_, cipher_); }
  Result<std::unique_ptr<Store>> try_as_is() { return open_sqlite_as_is(path_, cipher_); }
};

// Whether fn is true in a child that is not root: to root no permission applies.
bool true_as_ordinary_user(const std::function<bool()>& fn) {
  const pid_t child = fork();
  if (child == 0) {
    constexpr uid_t nobody = 65534;
    if (geteuid() == 0 && setresuid(nobody, nobody, nobody) != 0) _exit(2);
    _exit(fn() ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(SqliteOpen, FilesAreForTheirOwnerAlone) {
  const mode_t before = umask(0);
  const auto store = open();
  umask(before);
  Batch batch;
  batch.import_errors = {{"a", "b", "c", at(0)}};
  need(store->commit(batch));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat info{};
    ASSERT_EQ(stat((path_ + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 07777, 0600u) << suffix;
  }
}

TEST_F(SqliteOpen, AFileThatOthersMayReadIsRefusedWithTheCommandThatMendsIt) {
  make_database();
  chmod(path_.c_str(), 0644);
  expect_error(try_open(), ErrorKind::denied, "run: chmod 600 " + path_);
  chmod(path_.c_str(), 0600);
  EXPECT_TRUE(try_open());
}

TEST_F(SqliteOpen, LogAndMarkAreSetUp) {
  const auto store = open();
  EXPECT_EQ(need(Database::open(path_, Database::Access::read_only, 64)).text("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(read_file(path_).substr(68, 4), "VNTR");  // the header's application id
}

TEST_F(SqliteOpen, NoDatabase) {
  write_file("order_id,amount\n" + std::string(8000, 'x'));
  const std::string before = read_file(path_);
  expect_error(try_open(), ErrorKind::corrupt, "the file is no SQLite database");
  expect_error(try_as_is(), ErrorKind::corrupt, "the file is no SQLite database");
  EXPECT_EQ(read_file(path_), before);
}

TEST_F(SqliteOpen, AnotherProgramsDatabaseIsLeftAlone) {
  write_file("");
  raw_sql(path_, "CREATE TABLE alembic_version (version_num TEXT)");
  const std::string before = read_file(path_);
  expect_error(try_open(), ErrorKind::conflict, "of another program");
  expect_error(try_as_is(), ErrorKind::conflict, "of another program");
  EXPECT_EQ(read_file(path_), before);
}

TEST_F(SqliteOpen, DamagedPages) {
  make_database();
  std::string content = read_file(path_);
  for (std::size_t i = 4096; i < content.size(); ++i) content[i] = static_cast<char>(i * 7);
  write_file(content);
  expect_error(try_open(), ErrorKind::corrupt, "damaged");
  EXPECT_EQ(check_sqlite(path_).error().kind, ErrorKind::corrupt);
}

TEST_F(SqliteOpen, CheckFindsDamageThatOpeningDoesNotMeet) {
  make_database();
  EXPECT_TRUE(check_sqlite(path_));
  std::string content = read_file(path_);
  for (std::size_t i = content.size() - 3 * 4096; i < content.size(); ++i) content[i] = static_cast<char>(i * 7);
  write_file(content);
  EXPECT_TRUE(try_open());
  const auto checked = check_sqlite(path_);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::corrupt);
  EXPECT_THAT(checked.error().text(), HasSubstr("restore a backup"));
}

TEST_F(SqliteOpen, DamageMetWhileReadingIsAnError) {
  make_database();
  std::string content = read_file(path_);
  for (std::size_t i = content.size() - 3 * 4096; i < content.size(); ++i) content[i] = static_cast<char>(i * 7);
  write_file(content);
  const auto state = open()->load_active();
  const auto reader = need(open()->open_reader());
  const auto rows = reader->task_instances(1);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, ErrorKind::corrupt);
}

TEST_F(SqliteOpen, NewerSchema) {
  make_database();
  raw_sql(path_, "INSERT INTO schema_version VALUES (999, '2031-01-01T00:00:00Z', 'the future', '9.0')");
  expect_error(try_open(), ErrorKind::conflict, "schema version 999");
  expect_error(try_as_is(), ErrorKind::conflict, "schema version 999");
}

TEST_F(SqliteOpen, AsIsMakesAndMigratesNothing) {
  expect_error(try_as_is(), ErrorKind::not_found, "venturi db migrate");
  EXPECT_FALSE(std::filesystem::exists(path_));
  write_file("");
  expect_error(try_as_is(), ErrorKind::not_found, "venturi db migrate");
  EXPECT_EQ(std::filesystem::file_size(path_), 0u);

  make_database();
  const auto store = need(try_as_is());
  EXPECT_EQ(need(need(store->open_reader())->runs({})).size(), 1u);
}

TEST_F(SqliteOpen, AFileThatACrashLeftEmptyIsMadeAnew) {
  write_file("");
  EXPECT_TRUE(try_open());
}

TEST_F(SqliteOpen, PathsThatLeadNowhere) {
  const std::string file = path_;
  write_file("");
  path_ = file + "/venturi.db";
  expect_error(try_open(), ErrorKind::invalid, "is a file");
  path_ = folder_ + "/absent/venturi.db";
  expect_error(try_open(), ErrorKind::not_found, "mkdir -m 700 -p " + folder_ + "/absent");
  path_ = folder_ + "/folder";
  std::filesystem::create_directory(path_);
  chmod(path_.c_str(), 0700);
  expect_error(try_open(), ErrorKind::invalid, "no regular file");
}

TEST_F(SqliteOpen, AReadOnlyFolder) {
  chmod(folder_.c_str(), 0555);
  EXPECT_TRUE(true_as_ordinary_user([&] {
    const auto opened = try_open();
    return !opened && opened.error().kind == ErrorKind::denied &&
           opened.error().text().find("make " + folder_) != std::string::npos;
  }));
  chmod(folder_.c_str(), 0755);
  make_database();
  chmod(folder_.c_str(), 0555);
  if (geteuid() == 0) ASSERT_EQ(chown(path_.c_str(), 65534, 65534), 0);
  EXPECT_TRUE(true_as_ordinary_user([&] {
    const auto opened = try_open();
    return !opened && opened.error().kind == ErrorKind::denied;
  }));
}

TEST(SqliteError, SaysWhatToDo) {
  const auto kind = [](int code, int reason = 0) { return sqlite_error(code, "m", reason, "/h/venturi.db", "writing").kind; };
  EXPECT_EQ(kind(SQLITE_FULL), ErrorKind::exhausted);
  EXPECT_EQ(kind(SQLITE_IOERR_WRITE, ENOSPC), ErrorKind::exhausted);
  EXPECT_EQ(kind(SQLITE_IOERR_WRITE, EFBIG), ErrorKind::exhausted);
  EXPECT_EQ(kind(SQLITE_IOERR_FSYNC, EIO), ErrorKind::unavailable);
  EXPECT_EQ(kind(SQLITE_BUSY_SNAPSHOT), ErrorKind::unavailable);
  EXPECT_EQ(kind(SQLITE_READONLY_DBMOVED), ErrorKind::denied);
  EXPECT_EQ(kind(SQLITE_CORRUPT_INDEX), ErrorKind::corrupt);
  EXPECT_EQ(kind(SQLITE_NOTADB), ErrorKind::corrupt);
  EXPECT_EQ(kind(SQLITE_CONSTRAINT_UNIQUE), ErrorKind::conflict);
  EXPECT_EQ(kind(SQLITE_MISUSE), ErrorKind::internal);
  EXPECT_THAT(sqlite_error(SQLITE_FULL, "m", 0, "/h/venturi.db", "writing a batch").text(),
              HasSubstr("/h/venturi.db: writing a batch: the disk or its quota is full"));
}

}  // namespace
}  // namespace venturi::store
