// Homes of all earlier schema versions (tests/upgrades): each is brought to this one, with all that was in it, and kept as it
// was.
#include <gmock/gmock.h>

#include <sys/stat.h>

#include <stdexcept>

#include "store/sqlite/database.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/store_fixture.h"

namespace venturi::store {
namespace {

using ::testing::HasSubstr;

// What is stored in clear, as variables and connections of these homes are.
class Upgrades : public StoreTest {
 protected:
  void make(int version) {
    const std::string name =
        "/tests/upgrades/schema_" + std::string(version < 10 ? "0" : "") + std::to_string(version) + ".sql";
    const std::string sql = read_file(VENTURI_SOURCE_DIR + name);
    if (sql.empty()) throw std::runtime_error("there is no" + name);
    raw_sql(path_, sql);
    chmod(path_.c_str(), 0600);
  }
};

TEST_F(Upgrades, EachEarlierHomeIsMigratedAndKept) {
  for (int version = 1; version < program_schema_version(); ++version) {
    SCOPED_TRACE("schema version " + std::to_string(version));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    ASSERT_NO_THROW(make(version)) << "write it: python3 tests/upgrades/make.py " << version;
    ASSERT_FALSE(open_sqlite_as_is(path_, cipher_)) << "who only reads changes nothing";
    {
      const auto store = open();
      const auto reader = need(store->open_reader());
      const auto ended = need(reader->run("sales", "r1"));
      ASSERT_TRUE(ended);
      EXPECT_EQ(ended->state, RunState::success);
      EXPECT_EQ(ended->conf.get_int("limit"), 3);
      EXPECT_EQ(need(reader->xcom({"sales", "r1", "one", -1, "return_value"})), "[1, 2]");
      EXPECT_EQ(need(reader->task_instances(1)).at(0).state, TaskState::success);
      EXPECT_EQ(need(reader->variable("limit"))->value, "7");
      EXPECT_EQ(need(reader->connection("shop"))->host, "shop.example.com");
      EXPECT_EQ(need(reader->import_errors()).size(), 1u);
      EXPECT_EQ(need(reader->pools()).size(), version >= 5 ? 1u : 0u);
      EXPECT_EQ(need(reader->asset_events({})).size(), version >= 6 ? 1u : 0u);
      EXPECT_EQ(need(reader->notes(1)).size(), version >= 8 ? 1u : 0u);
      EXPECT_EQ(need(reader->event_logs({})).second, version >= 13 ? 1 : 0);
      EXPECT_EQ(need(reader->favorites("anna")).size(), version >= 13 ? 1u : 0u);
      EXPECT_EQ(need(reader->count_runs({.dag_id = "sales"})), 2);
      ASSERT_EQ(need(reader->run_counts()).size(), 2u);
      const ActiveState active = need(store->load_active());
      ASSERT_EQ(active.runs.size(), 1u);
      EXPECT_EQ(active.runs[0].run_id, "r2");
      EXPECT_EQ(active.task_instances.at(0).state, TaskState::up_for_retry);
      EXPECT_EQ(active.next_run, 3);
      EXPECT_TRUE(active.import_errors.empty());
      Batch batch;
      batch.runs = {make_run(3, 3)};
      need(store->commit(batch));
    }
    const std::string kept = copy_of_schema(path_, version);
    auto before = need(Database::open(kept, Database::Access::read_only, 64));
    EXPECT_EQ(need(schema_version(before)), version);
    EXPECT_EQ(need(before.integer("SELECT count(*) FROM dag_run")), 2);
    struct stat info{};
    ASSERT_EQ(stat(kept.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0600u);
    std::filesystem::remove(kept);
    open();
    EXPECT_FALSE(std::filesystem::exists(kept)) << "nothing is copied where nothing is migrated";
  }
}

TEST_F(Upgrades, ANewerHomeNamesTheWayBack) {
  make(3);
  open();
  raw_sql(path_, "INSERT INTO schema_version VALUES (9999, '', '', '9.9')");
  const auto opened = open_sqlite(path_, cipher_);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().what, HasSubstr("schema version 9999"));
  EXPECT_THAT(opened.error().hint, HasSubstr("cp -p " + path_ + ".schema_3 " + path_));
  std::filesystem::remove(path_ + ".schema_3");
  const auto without = open_sqlite(path_, cipher_);
  ASSERT_FALSE(without);
  EXPECT_THAT(without.error().hint, HasSubstr("venturi db restore"));
}

}  // namespace
}  // namespace venturi::store
