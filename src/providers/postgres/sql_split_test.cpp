#include "providers/postgres/sql_split.h"

#include <gmock/gmock.h>

namespace venturi::providers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SqlSplit, LastSemicolon) {
  EXPECT_EQ(without_last_semicolon("SELECT 1;"), "SELECT 1");
  EXPECT_EQ(without_last_semicolon("SELECT 1 ;; -- all; of /* them\n ; /* ; */ "), "SELECT 1 ");
  EXPECT_EQ(without_last_semicolon("SELECT ';' -- ;"), "SELECT ';' -- ;");
  EXPECT_EQ(without_last_semicolon("SELECT 1; SELECT 2;"), "SELECT 1; SELECT 2");
  EXPECT_EQ(without_last_semicolon(""), "");
}

TEST(SqlSplit, Statements) {
  EXPECT_THAT(split_statements("SELECT 1"), ElementsAre("SELECT 1"));
  EXPECT_THAT(split_statements(" SELECT 1;\n\nSELECT 2 ; ;; -- the end;\n"), ElementsAre("SELECT 1", "SELECT 2"));
  EXPECT_THAT(split_statements("SELECT ';', \"a;b\", E'\\';' /* ; /* ; */ ; */ FROM t; SELECT $$;$$, $q$ ; $$ ; $q$ -- ;"),
              ElementsAre("SELECT ';', \"a;b\", E'\\';' /* ; /* ; */ ; */ FROM t", "SELECT $$;$$, $q$ ; $$ ; $q$ -- ;"));
  EXPECT_THAT(split_statements("-- first\nSELECT 1; -- second\nSELECT 2"),
              ElementsAre("-- first\nSELECT 1", "-- second\nSELECT 2"));
  EXPECT_THAT(split_statements("CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b); SELECT 1"),
              ElementsAre("CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b)", "SELECT 1"));
  EXPECT_THAT(
      split_statements("CREATE FUNCTION f() RETURNS int begin atomic SELECT 1; SELECT CASE WHEN true THEN 1 END; END; BEGIN; "
                       "SELECT 2; END"),
      ElementsAre("CREATE FUNCTION f() RETURNS int begin atomic SELECT 1; SELECT CASE WHEN true THEN 1 END; END", "BEGIN",
                  "SELECT 2", "END"));
  EXPECT_THAT(split_statements("SELECT 'Жук; ё'; SELECT 'никогда не закрыто; "),
              ElementsAre("SELECT 'Жук; ё'", "SELECT 'никогда не закрыто;"));
  EXPECT_THAT(split_statements(" ; -- nothing\n; /* at all */ "), IsEmpty());
}

}  // namespace
}  // namespace venturi::providers
