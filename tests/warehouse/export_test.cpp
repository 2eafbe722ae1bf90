// Queries and answers that become objects of S3 and Cloud Storage, and objects that become rows.
#include <filesystem>
#include <fstream>

#include "base/crypto.h"
#include "base/json.h"
#include "transfer_host.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ExportTest : public TransferTest {
 protected:
  Object to_s3(const std::string& query, const std::string& key, const Object& more = {}) {
    Object op{{"query", query}, {"s3_key", key}, {"sql_conn_id", "postgres_default"}, {"replace", true}};
    for (const auto& [name, value] : more) op.set(name, value);
    return op;
  }
  // What a query is as an object.
  std::string in_s3(const std::string& query, const Object& more = {}) {
    const std::string error = run("SqlToS3Operator", to_s3(query, "s3://exports/one", more));
    return error.empty() ? fetched("s3://exports/one") : error;
  }
  Value to_gcs(const std::string& query, const Object& more = {}) {
    Object op{{"sql", query}, {"bucket", "exports"}, {"filename", "one"}, {"write_on_empty", true}};
    for (const auto& [name, value] : more) op.set(name, value);
    return made("PostgresToGCSOperator", std::move(op));
  }
  std::string in_gcs(const std::string& query, const Object& more = {}) {
    const Value error = to_gcs(query, more);
    return error.is_object() ? fetched("gs://exports/one") : error.as_string();
  }
  ExportTest() { create_bucket("exports"); }
};

constexpr const char* all_types =
    "SELECT true AS b, 7 AS i, 9223372036854775807 AS big, 0.1::float8 AS f, 'NaN'::float8 AS nan, "
    "12345678901234567890.12345 AS num, 'it''s \"x\", y' AS t, E'two\\nlines\\\\ \\t' AS lines, '' AS empty, NULL::text AS no, "
    "DATE '2026-01-31' AS d, TIMESTAMP '2026-01-31 10:20:30.25' AS ts, TIMESTAMPTZ '2026-01-31 10:20:30+03' AS tz, "
    "'{\"a\":\n[1, null]}'::json AS j, ARRAY[1,2] AS a, '\\x00ff'::bytea AS y, 'Жук' AS u";

TEST_F(ExportTest, ValuesOfAllTypesAsCsv) {
  sql("ALTER DATABASE postgres SET timezone TO 'Asia/Tokyo'");
  const std::string header = "b,i,big,f,nan,num,t,lines,empty,no,d,ts,tz,j,a,y,u\n";
  const std::string row =
      "t,7,9223372036854775807,0.1,NaN,12345678901234567890.12345,\"it's \"\"x\"\", y\",\"two\nlines\\ \t\","
      "\"\",,2026-01-31,2026-01-31 10:20:30.25,2026-01-31 07:20:30+00,\"{\"\"a\"\":\n[1, null]}\","
      "\"{1,2}\",\\x00ff,Жук\n";
  EXPECT_EQ(in_s3(all_types, {{"pd_kwargs", Object{{"index", false}}}}), header + row);
  EXPECT_EQ(in_s3(all_types), "," + header + "0," + row);
  EXPECT_EQ(in_gcs(all_types, {{"export_format", "csv"}}), header + row);
  sql("ALTER DATABASE postgres RESET timezone");
  EXPECT_EQ(in_s3("SELECT 1 AS a, NULL AS b, 'NA' AS c; -- the end",
                  {{"pd_kwargs", Object{{"index_label", "no"}, {"sep", ";"}, {"na_rep", "NA"}}}}),
            "no;a;b;c\n0;1;NA;\"NA\"\n");
  EXPECT_EQ(in_s3("SELECT 1 AS a", {{"pd_kwargs", Object{{"index", false}, {"header", false}}}}), "1\n");
  EXPECT_EQ(in_s3("SELECT 1 AS a WHERE false", {{"pd_kwargs", Object{{"index", false}}}}), "a\n");
  EXPECT_EQ(in_s3("SELECT %(x)s::int + 1 AS a", {{"pd_kwargs", Object{{"index", false}}}, {"parameters", Object{{"x", 41}}}}),
            "a\n42\n");
}

TEST_F(ExportTest, ValuesOfAllTypesAsJson) {
  sql("ALTER DATABASE postgres SET timezone TO 'Asia/Tokyo'");
  const std::string line =
      R"({"b":true,"i":7,"big":9223372036854775807,"f":0.1,"nan":"NaN","num":12345678901234567890.12345,"t":"it's \"x\", y",)"
      R"("lines":"two\nlines\\ \t","empty":"","no":null,"d":"2026-01-31","ts":"2026-01-31T10:20:30.25",)"
      R"("tz":"2026-01-31T07:20:30+00:00","j":{"a": [1, null]},"a":[1,2],"y":"\\x00ff","u":"Жук"})"
      "\n";
  EXPECT_EQ(in_gcs(all_types), line);
  EXPECT_EQ(in_s3(all_types, {{"file_format", "json"}, {"pd_kwargs", Object{{"orient", "records"}, {"lines", true}}}}), line);
  sql("ALTER DATABASE postgres RESET timezone");
  // All texts come back as they were.
  EXPECT_TRUE(parse_json(line));
  EXPECT_EQ(in_gcs("SELECT '{\"a\": \"x\\ny\"}'::jsonb AS j, 1 AS i", {{"stringify_dict", true}}),
            "{\"j\":\"{\\\"a\\\": \\\"x\\\\ny\\\"}\",\"i\":1}\n");
  EXPECT_EQ(in_gcs("SELECT 1 AS i, 2 AS secret", {{"exclude_columns", Array{"secret"}}}), "{\"i\":1}\n");
  EXPECT_EQ(in_gcs("SELECT 1 AS i WHERE false"), "");
}

TEST_F(ExportTest, WhatCannotBeExportedIsRefused) {
  EXPECT_THAT(
      in_s3("SELECT 1 AS a, 2 AS a", {{"file_format", "json"}, {"pd_kwargs", Object{{"orient", "records"}, {"lines", true}}}}),
      HasSubstr("two columns named a"));
  EXPECT_THAT(in_s3("SELECT 1", {{"file_format", "json"}}),
              HasSubstr(R"(say so by pd_kwargs {"orient": "records", "lines": true})"));
  EXPECT_THAT(in_s3("SELECT 1", {{"file_format", "parquet"}}), HasSubstr("file_format can be csv or json here, not parquet"));
  EXPECT_THAT(in_s3("SELECT 1", {{"pd_kwargs", Object{{"quoting", 1}}}}), HasSubstr("pd_kwargs: quoting is not there"));
  EXPECT_THAT(in_s3("SELECT 1", {{"groupby_kwargs", Object{{"by", "a"}}}}), HasSubstr("groupby_kwargs is not there"));
  EXPECT_THAT(in_s3("CREATE TABLE never(id int)"), HasSubstr("the sql returns no columns"));
  EXPECT_THAT(in_s3("SELECT 1/0 AS a"), AllOf(HasSubstr("division by zero"), HasSubstr("SQLSTATE 22012")));
  EXPECT_THAT(in_s3("SELECT nothing"), HasSubstr("column \"nothing\" does not exist"));
  EXPECT_THAT(in_gcs("SELECT 1 AS a", {{"exclude_columns", Array{"b"}}}), HasSubstr("the query has no column b (it has: a)"));
  EXPECT_THAT(in_gcs("SELECT repeat('x', 20000000) AS a"), HasSubstr("a row of more than 16.0 MiB"));
  EXPECT_EQ(run("SqlToS3Operator", to_s3("SELECT 1", "s3://exports/kept", {{"replace", false}})), "");
  EXPECT_EQ(run("SqlToS3Operator", to_s3("SELECT 2", "s3://exports/kept", {{"replace", false}})),
            "The key s3://exports/kept already exists (replace=true overwrites it)");
}

TEST_F(ExportTest, ManyObjects) {
  create_bucket("many");
  EXPECT_EQ(run("SqlToS3Operator",
                to_s3("SELECT g AS id FROM generate_series(1, 5) g", "s3://many/part", {{"max_rows_per_file", 2}})),
            "");
  EXPECT_EQ(to_json(keys("many")), R"(["part","part_1","part_2"])");
  EXPECT_EQ(fetched("s3://many/part_1"), ",id\n0,3\n1,4\n");
  EXPECT_EQ(fetched("s3://many/part_2"), ",id\n0,5\n");

  const Value made = to_gcs("SELECT g AS id, 'x' AS t FROM generate_series(1, 5) g", {{"bucket", "many"},
                                                                                      {"filename", "rows/part-{}.csv"},
                                                                                      {"export_format", "csv"},
                                                                                      {"approx_max_file_size_bytes", 10},
                                                                                      {"schema_filename", "schema.json"},
                                                                                      {"upload_metadata", true}});
  EXPECT_EQ(to_json(made), R"({"bucket":"many","total_row_count":5,"total_files":3,"files":[)"
                           R"({"file_name":"rows/part-0.csv","file_mime_type":"text/csv","file_row_count":2},)"
                           R"({"file_name":"rows/part-1.csv","file_mime_type":"text/csv","file_row_count":2},)"
                           R"({"file_name":"rows/part-2.csv","file_mime_type":"text/csv","file_row_count":1}]})");
  EXPECT_EQ(to_json(names("many")), R"(["rows/part-0.csv","rows/part-1.csv","rows/part-2.csv","schema.json"])");
  EXPECT_EQ(fetched("gs://many/rows/part-1.csv"), "id,t\n3,x\n4,x\n");
  EXPECT_EQ(fetched("gs://many/schema.json"),
            R"([{"mode":"NULLABLE","name":"id","type":"INTEGER"},{"mode":"NULLABLE","name":"t","type":"STRING"}])");
  EXPECT_THAT(in_gcs("SELECT g FROM generate_series(1, 5) g", {{"approx_max_file_size_bytes", 1}}),
              HasSubstr("the rows need a second object one: give filename a {} for its number"));
}

TEST_F(ExportTest, PartitionsAreFolders) {
  create_bucket("days");
  for (const char* format : {"csv", "json"}) {
    const Value made = to_gcs(
        "SELECT DATE '2026-01-01' + g / 2 AS day, nullif('r' || g / 2, 'r1') AS region, g AS id FROM generate_series(0, 3) g "
        "ORDER BY 1, 2, 3",
        {{"bucket", "days"},
         {"filename", std::string("out/{}.") + format},
         {"export_format", format},
         {"partition_columns", Array{"day", "region"}}});
    EXPECT_EQ(made.get_int("total_files"), 2) << to_json(made);
  }
  EXPECT_EQ(to_json(names("days")), R"(["out/day=2026-01-01/region=r0/0.csv","out/day=2026-01-01/region=r0/0.json",)"
                                    R"("out/day=2026-01-02/region=None/1.csv","out/day=2026-01-02/region=None/1.json"])");
  EXPECT_EQ(fetched("gs://days/out/day=2026-01-02/region=None/1.csv"), "day,region,id\n2026-01-02,,2\n2026-01-02,,3\n");
  EXPECT_EQ(fetched("gs://days/out/day=2026-01-01/region=r0/0.json"),
            "{\"day\":\"2026-01-01\",\"region\":\"r0\",\"id\":0}\n{\"day\":\"2026-01-01\",\"region\":\"r0\",\"id\":1}\n");
}

// 80 MB of rows: several parts and pieces, compressed and not; what arrives is what the database says.
TEST_F(ExportTest, LargeOnesComeWholeAndInConstantMemory) {
  sql("CREATE TABLE large AS SELECT g AS id, md5(g::text) AS a, md5((g * 7)::text) AS b FROM generate_series(1, 1100000) g");
  const std::string query = "SELECT * FROM large ORDER BY id";
  const std::string expected =
      sql("SELECT encode(sha256(convert_to('id,a,b' || E'\\n' || string_agg(id || ',' || a || ',' || b || E'\\n', '' ORDER BY "
          "id), 'UTF8')), 'hex') FROM large");
  const Object plain{{"pd_kwargs", Object{{"index", false}}}};
  EXPECT_EQ(sha256_hex(in_s3(query, plain)), expected);
  EXPECT_EQ(sha256_hex(in_gcs(query, {{"export_format", "csv"}})), expected);
  EXPECT_EQ(run("SqlToS3Operator",
                to_s3(query, "s3://exports/large.csv.gz", {{"pd_kwargs", Object{{"index", false}, {"compression", "gzip"}}}})),
            "");
  EXPECT_EQ(run("S3ToLocalFilesystemOperator", {{"s3_key", "s3://exports/large.csv.gz"}, {"path", files / "large.csv.gz"}}),
            "");
  EXPECT_EQ(std::system(("gunzip " + files / "large.csv.gz").c_str()), 0);
  EXPECT_EQ(sha256_hex(tests::read_file(files / "large.csv")), expected);
  EXPECT_EQ(sha256_hex(in_gcs(query, {{"export_format", "csv"}, {"gzip", true}})), expected);

  // And back.
  sql("CREATE TABLE copied (LIKE large)");
  (void)in_s3(query, plain);
  EXPECT_EQ(run("S3ToSqlOperator", {{"s3_key", "s3://exports/one"}, {"table", "copied"}, {"sql_conn_id", "postgres_default"}}),
            "");
  EXPECT_EQ(sql("SELECT count(*) FROM (TABLE large EXCEPT ALL TABLE copied) x"), "0");
  EXPECT_EQ(sql("SELECT count(*) FROM copied"), "1100000");
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string line;
  while (std::getline(status, line) && !line.starts_with("VmHWM")) {}
  const long peak_kib = std::stol(line.substr(line.find_first_of("0123456789")));
  RecordProperty("peak_kib", static_cast<int>(peak_kib));
  EXPECT_LT(peak_kib, 72 * 1024);
}

TEST_F(ExportTest, WhatWritesIsCommittedWithItsObjectAlone) {
  sql("CREATE TABLE outbox AS SELECT g AS id FROM generate_series(1, 3) g");
  const Object none{{"pd_kwargs", Object{{"index", false}}}};
  EXPECT_THAT(run("SqlToS3Operator", to_s3("DELETE FROM outbox RETURNING id", "s3://no-such-bucket/x", none)),
              HasSubstr("NoSuchBucket"));
  EXPECT_EQ(sql("SELECT count(*) FROM outbox"), "3");
  EXPECT_EQ(in_s3("DELETE FROM outbox RETURNING id", none), "id\n1\n2\n3\n");
  EXPECT_EQ(sql("SELECT count(*) FROM outbox"), "0");
}

// ---- objects into tables ----------------------------------------------------------------------------------------------------

class S3ToSqlTest : public ExportTest {
 protected:
  std::string load(const std::string& csv, const Object& more = {}) {
    put("s3://exports/rows.csv", csv);
    Object op{{"s3_key", "rows.csv"}, {"s3_bucket", "exports"}, {"table", "orders"}, {"sql_conn_id", "postgres_default"}};
    for (const auto& [name, value] : more) op.set(name, value);
    return run("S3ToSqlOperator", std::move(op));
  }
  static std::string orders() { return sql("SELECT coalesce(json_agg(o ORDER BY id)::text, '[]') FROM orders o"); }
  S3ToSqlTest() {
    sql("DROP TABLE IF EXISTS orders; CREATE TABLE orders (id int PRIMARY KEY, t text DEFAULT 'new', n numeric(4,2), at "
        "timestamptz)");
  }
};

TEST_F(S3ToSqlTest, ColumnsAreFoundByName) {
  EXPECT_EQ(load("\xef\xbb\xbf"
                 "at,id,t\n2026-01-31 10:20:30+03,1,\"a \"\"b\"\"\nc, \"\n,2,\"\"\n,3,\n"),
            "");
  EXPECT_EQ(orders(),
            "[{\"id\":1,\"t\":\"a \\\"b\\\"\\nc, \",\"n\":null,\"at\":\"2026-01-31T07:20:30+00:00\"}, \n "
            "{\"id\":2,\"t\":\"\",\"n\":null,\"at\":null}, \n {\"id\":3,\"t\":null,\"n\":null,\"at\":null}]");
  EXPECT_EQ(load("id\n4\n"), "");
  EXPECT_EQ(sql("SELECT t FROM orders WHERE id = 4"), "new");
  EXPECT_EQ(load("5;1.5\r\n6;NA\r\n", {{"header", false},
                                       {"delimiter", ";"},
                                       {"null_text", "NA"},
                                       {"column_list", Array{"id", "n"}},
                                       {"schema", "public"}}),
            "");
  EXPECT_EQ(sql("SELECT string_agg(coalesce(n::text, 'NULL'), ' ' ORDER BY id) FROM orders WHERE id > 4"), "1.50 NULL");
}

TEST_F(S3ToSqlTest, WhatDoesNotFitLeavesTheTableAsItWas) {
  EXPECT_THAT(load("id,t,color\n1,a,red\n"),
              HasSubstr("s3://exports/rows.csv: its header names a column \"color\", which the table orders has not"));
  EXPECT_THAT(load("id,id\n1,1\n"), HasSubstr("names the column \"id\" twice"));
  EXPECT_THAT(load("id,n\n1,2\n2,123456\n"), AllOf(HasSubstr("numeric field overflow"), HasSubstr("COPY orders, line 3")));
  EXPECT_THAT(load("id\n1\nx\n"),
              AllOf(HasSubstr("invalid input syntax for type integer: \"x\""), HasSubstr("line 3, column id")));
  EXPECT_THAT(load("id\n1\n1\n"), HasSubstr("duplicate key value violates unique constraint"));
  EXPECT_THAT(load("id\n1,2\n"), HasSubstr("extra data after last expected column"));
  EXPECT_THAT(load(""), HasSubstr("it is empty"));
  EXPECT_THAT(load("id\n1\n", {{"table", "no_such"}}), HasSubstr("relation \"no_such\" does not exist"));
  EXPECT_THAT(load("id\n1\n", {{"file_format", "avro"}}), HasSubstr("file_format can be csv here, not avro"));
  EXPECT_EQ(orders(), "[]");
  EXPECT_EQ(load("id,t\n"), "");
  EXPECT_EQ(orders(), "[]");
}

// ---- answers of web servers -------------------------------------------------------------------------------------------------

class HttpExportTest : public ExportTest {
 protected:
  HttpExportTest() { connect("http_default", "http", {}, web.url()); }
  tests::HttpServer web{{.files = files.path()}};
};

TEST_F(HttpExportTest, BodiesBecomeObjects) {
  const std::string body = std::string(9UL << 20U, 'a') + std::string(9UL << 20U, 'b') + "the end";
  files.write("body", body);
  EXPECT_EQ(run("HttpToS3Operator", {{"endpoint", "file/body"}, {"s3_key", "s3://exports/body"}}), "");
  EXPECT_EQ(fetched("s3://exports/body"), body);
  EXPECT_EQ(run("HttpToS3Operator", {{"endpoint", "file/body"}, {"s3_key", "s3://exports/body"}}),
            "The key s3://exports/body already exists (replace=true overwrites it)");
  EXPECT_EQ(run("HttpToGCSOperator",
                {{"endpoint", "file/body"}, {"bucket_name", "exports"}, {"object_name", "body"}, {"mime_type", "text/plain"}}),
            "");
  EXPECT_EQ(fetched("gs://exports/body"), body);
  // Breaks off half way, and goes on there.
  for (const char* store : {"s3", "gcs"}) {
    const Object from{{"endpoint", std::string("file/body?breaks=1&") + store}};
    Object op = from;
    op.set(store == std::string("s3") ? "s3_key" : "object_name",
           store == std::string("s3") ? "s3://exports/broken" : "broken");
    op.set("bucket_name", "exports");
    EXPECT_EQ(run(store == std::string("s3") ? "HttpToS3Operator" : "HttpToGCSOperator", op), "");
    EXPECT_EQ(fetched(std::string(store == std::string("s3") ? "s3" : "gs") + "://exports/broken"), body);
    EXPECT_THAT(worker.log(sequence - 1), HasSubstr("trying again from byte"));
  }
  EXPECT_THAT(run("HttpToS3Operator", {{"endpoint", "nothing"}, {"s3_key", "s3://exports/none"}}), HasSubstr("404:Not Found"));
  EXPECT_THAT(run("HttpToGCSOperator", {{"endpoint", "nothing"}, {"bucket_name", "exports"}, {"object_name", "none"}}),
              HasSubstr("404:Not Found"));
  EXPECT_THAT(fetched("s3://exports/none"), HasSubstr("NoSuchKey"));
  EXPECT_THAT(fetched("gs://exports/none"), HasSubstr("404"));
}

}  // namespace
}  // namespace venturi::providers::testing
