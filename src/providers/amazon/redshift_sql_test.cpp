#include "providers/amazon/redshift_sql.h"

#include <gmock/gmock.h>

namespace venturi::providers {
namespace {

using ::testing::ElementsAre;

TEST(RedshiftSql, Copy) {
  const CopyStatement copy{.table = {"shop", "orders"},
                           .columns = {"id", "amount"},
                           .bucket = "lake",
                           .key = "it's/",
                           .credentials = credentials_clause({"AKIA", "hush", "lent"}),
                           .region = "eu-west-1",
                           .options = {"CSV", "DELIMITER ','"}};
  const std::string tail =
      " (id, amount)\nFROM 's3://lake/it''s/'\nCREDENTIALS\n'aws_access_key_id=AKIA;aws_secret_access_key=hush;token=lent'\n"
      "REGION 'eu-west-1'\nCSV\nDELIMITER ','";
  EXPECT_THAT(copy_statements(copy, CopyMethod::append, {}), ElementsAre("COPY shop.orders" + tail));
  EXPECT_THAT(copy_statements(copy, CopyMethod::replace, {}),
              ElementsAre("DELETE FROM shop.orders", "COPY shop.orders" + tail));
  EXPECT_THAT(copy_statements(copy, CopyMethod::upsert, {"id", "day"}),
              ElementsAre("CREATE TEMPORARY TABLE venturi_staging_of_this_copy (LIKE shop.orders INCLUDING DEFAULTS)",
                          "COPY venturi_staging_of_this_copy" + tail,
                          "DELETE FROM shop.orders USING venturi_staging_of_this_copy WHERE orders.id = "
                          "venturi_staging_of_this_copy.id AND orders.day = venturi_staging_of_this_copy.day",
                          "INSERT INTO shop.orders SELECT * FROM venturi_staging_of_this_copy",
                          "DROP TABLE venturi_staging_of_this_copy"));
}

TEST(RedshiftSql, Unload) {
  const auto query_of = [](const std::string& query) {
    const std::string sql = unload_statement({.query = query,
                                              .bucket = "lake",
                                              .key = "out_",
                                              .credentials = credentials_clause_of_role("arn:r"),
                                              .options = {"CSV", "HEADER"}});
    const std::size_t end = sql.find("\nTO 's3://lake/out_'\nCREDENTIALS\n'aws_iam_role=arn:r'\nCSV\nHEADER");
    return end == std::string::npos ? sql : sql.substr(0, end);
  };
  EXPECT_EQ(query_of("SELECT 'a' FROM t"), "UNLOAD ($$SELECT 'a' FROM t$$)");
  EXPECT_EQ(query_of("SELECT 1 WHERE d = ''2026-01-01'' AND s = ''open''"),
            "UNLOAD ($$SELECT 1 WHERE d = '2026-01-01' AND s = 'open'$$)");
  EXPECT_EQ(query_of("SELECT 1 WHERE a = '' OR b = ''"), "UNLOAD ($$SELECT 1 WHERE a = '' OR b = ''$$)");
  EXPECT_EQ(query_of("SELECT $$x$$, 'y'"), "UNLOAD ('SELECT $$x$$, ''y''')");
}

TEST(RedshiftSql, NamesOfTheCatalogAreInLowerCaseUnlessTheyAreQuoted) {
  EXPECT_THAT(primary_key_query({"", "Orders"}),
              ::testing::HasSubstr("kcu.table_schema = 'public' AND kcu.table_name = 'orders'"));
  EXPECT_THAT(primary_key_query({"Shop", "\"It's\""}),
              ::testing::HasSubstr("kcu.table_schema = 'shop' AND kcu.table_name = 'It''s'"));
}

TEST(RedshiftSql, PiecesOfASecretAreNoneOfAnyonesBusiness) {
  const std::vector<std::string> secrets{"wJalrXUtnFEMI/K7MDENG", "token-of-some-length"};
  EXPECT_EQ(without_fragments("at or near \"...key=wJalrXUtnF", secrets), "at or near \"...key=***");
  EXPECT_EQ(without_fragments("nFEMI/K7MDENG;token=token-of-some-length'", secrets), "***;token=***'");
  EXPECT_EQ(without_fragments("wJalr and more", secrets), "wJalr and more");
  EXPECT_EQ(without_fragments("wJalrXUtnFEMI/K7MDENGwJalrXUtnFEMI", secrets), "******");
  EXPECT_EQ(without_fragments("wJalrXUtnFEMI/K7MDENG", {}), "wJalrXUtnFEMI/K7MDENG");
}

}  // namespace
}  // namespace venturi::providers
