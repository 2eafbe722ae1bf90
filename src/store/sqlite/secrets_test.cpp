// Secrets are encrypted from their first write, and come back in clear through readers.
#include <gmock/gmock.h>

#include "store/sqlite/store_fixture.h"

namespace venturi::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class SecretsTest : public StoreTest {
 protected:
  // All bytes that the database has on disk.
  std::string raw_bytes() const { return read_file(path_) + read_file(path_ + "-wal") + read_file(path_ + "-shm"); }

  std::unique_ptr<Store> store_ = open();
  std::unique_ptr<Reader> reader_ = need(store_->open_reader());
};

Connection make_connection(const std::string& conn_id) {
  Connection c;
  c.conn_id = conn_id;
  c.conn_type = "postgres";
  c.host = "db.example";
  c.schema = "test_db";
  c.login = "anna";
  c.password = "pässwort;@%'\"secret-one";
  c.port = 5432;
  c.extra = R"({"sslkey": "secret-two"})";
  c.description = "orders";
  return c;
}

TEST_F(SecretsTest, Connections) {
  Connection bare;
  bare.conn_id = "bare";
  bare.conn_type = "http";
  Connection empty = bare;  // an empty text is not the same as none
  empty.conn_id = "empty";
  empty.password = empty.host = empty.extra = "";
  Batch batch;
  batch.connections = {make_connection("test_db"), bare, empty};
  need(store_->commit(batch));
  EXPECT_EQ(need(reader_->connection("test_db")), make_connection("test_db"));
  EXPECT_EQ(need(reader_->connection("absent")), std::nullopt);
  EXPECT_THAT(need(reader_->connections()), ElementsAre(bare, empty, make_connection("test_db")));

  EXPECT_THAT(raw_bytes(), HasSubstr("db.example"));
  for (const char* secret : {"secret-one", "secret-two", "sswort"}) EXPECT_THAT(raw_bytes(), Not(HasSubstr(secret)));

  Connection changed = make_connection("test_db");
  changed.password.reset();
  batch.connections = {changed};
  batch.deleted_connections = {"bare", "absent"};
  need(store_->commit(batch));
  EXPECT_THAT(need(reader_->connections()), ElementsAre(empty, changed));
  store_.reset();
  reader_.reset();
  EXPECT_THAT(raw_bytes(), Not(HasSubstr("secret-two")));
}

TEST_F(SecretsTest, Variables) {
  Batch batch;
  batch.variables = {{"limit", "secret-three", "rows"}, {"empty", "", ""}};
  need(store_->commit(batch));
  const auto all = need(reader_->variables());
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].key, "empty");
  EXPECT_EQ(all[0].value, "");
  EXPECT_EQ(all[1].value, "secret-three");
  EXPECT_EQ(all[1].description, "rows");
  EXPECT_EQ(need(reader_->variable("limit"))->value, "secret-three");
  EXPECT_FALSE(need(reader_->variable("absent")).has_value());
  EXPECT_THAT(raw_bytes(), Not(HasSubstr("secret-three")));

  batch = {};
  batch.deleted_variables = {"limit"};
  need(store_->commit(batch));
  EXPECT_FALSE(need(reader_->variable("limit")).has_value());
}

TEST_F(SecretsTest, ALostKeyIsToldWithTheNameOfTheRowOnly) {
  Batch batch;
  batch.connections = {make_connection("test_db")};
  batch.variables = {{"limit", "3", ""}};
  need(store_->commit(batch));
  raw_sql(path_, "UPDATE connection SET password = 'stolen-token'; UPDATE variable SET val = 'stolen-token'");
  const auto connection = reader_->connection("test_db");
  ASSERT_FALSE(connection);
  EXPECT_THAT(connection.error().text(), HasSubstr("connection test_db, password: the stored secret cannot be decrypted"));
  EXPECT_THAT(connection.error().text(), Not(HasSubstr("stolen-token")));
  const auto variable = reader_->variable("limit");
  ASSERT_FALSE(variable);
  EXPECT_THAT(variable.error().text(), HasSubstr("variable limit"));
  EXPECT_FALSE(reader_->variables());
}

}  // namespace
}  // namespace venturi::store
