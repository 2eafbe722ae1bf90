// BigQuery against bqemulator, which runs SQL and keeps tables; its objects of Cloud Storage are files of a folder. What it
// does not do (jobs that take time, ids that are taken, cancelling): src/providers/google/bigquery_test.cpp.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "providers/testing/host_program.h"
#include "servers/bigquery_server.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class BigQueryWarehouseTest : public HostProgramTest {
 protected:
  static void SetUpTestSuite() {
    objects = std::make_unique<tests::TestFolder>();
    bigquery = std::make_unique<tests::BigQueryServer>(objects->path());
  }
  static void TearDownTestSuite() {
    bigquery.reset();
    objects.reset();
  }
  BigQueryWarehouseTest() {
    const Object extra{{"endpoint", bigquery->url()}, {"project", "shop"}, {"num_retries", 1}};
    worker.connections["google_cloud_default"] = Object{{"type", "ConnectionResult"},
                                                        {"conn_id", "google_cloud_default"},
                                                        {"conn_type", "google_cloud_platform"},
                                                        {"host", nullptr},
                                                        {"schema", nullptr},
                                                        {"login", nullptr},
                                                        {"password", nullptr},
                                                        {"port", nullptr},
                                                        {"extra", to_json(Value(extra))}};
  }
  // The error; empty where there is none.
  std::string run(const char* type, Object op) {
    op.set("task_type", type);
    worker.start(++sequence, std::move(op), {.should_retry = true});
    const Value exit = worker.exit(sequence);
    EXPECT_EQ(exit.get_string("kind"), "ok");
    return exit.get_string("error");
  }
  // The XCom, or the error.
  Value made(const char* type, Object op) {
    const std::string error = run(type, std::move(op));
    if (!error.empty()) return error;
    for (const task::Frame& frame : worker.seen) {
      const Value* body = frame.body.get("body");
      if (body != nullptr && frame.body.at("token").as_array().at(1) == Value(sequence) &&
          body->get_string("key") == "return_value")
        return body->at("value");
    }
    return {};
  }
  Value query(const std::string& sql, const Object& more = {}) {
    Object query{{"query", sql}, {"useLegacySql", false}};
    for (const auto& [name, value] : more) query.set(name, value);
    return made("BigQueryInsertJobOperator", {{"configuration", Object{{"query", std::move(query)}}}});
  }
  Value rows_of(const std::string& table, Object more = {}) {
    more.set("dataset_id", "sales");
    more.set("table_id", table);
    return made("BigQueryGetDataOperator", std::move(more));
  }
  void create_dataset() { EXPECT_TRUE(made("BigQueryCreateEmptyDatasetOperator", {{"dataset_id", "sales"}}).is_object()); }

  static std::unique_ptr<tests::TestFolder> objects;
  static std::unique_ptr<tests::BigQueryServer> bigquery;
  std::int64_t sequence = 0;
};
std::unique_ptr<tests::TestFolder> BigQueryWarehouseTest::objects;
std::unique_ptr<tests::BigQueryServer> BigQueryWarehouseTest::bigquery;

TEST_F(BigQueryWarehouseTest, ValuesOfAllTypes) {
  create_dataset();
  EXPECT_THAT(
      query("CREATE OR REPLACE TABLE sales.types AS SELECT 1 AS i, 1.5 AS f, TRUE AS b, 'it\\'s' AS s, "
            "TIMESTAMP '2026-01-31 10:20:30.5+00' AS t, DATE '2026-01-31' AS d, NUMERIC '12.50' AS n, NUMERIC '7' AS w, "
            "[1, 2] AS r, STRUCT(1 AS x, 'y' AS y) AS o, CAST(NULL AS STRING) AS z, b'ab' AS y")
          .as_string(),
      StartsWith("airflow_d_task"));
  EXPECT_EQ(to_json(rows_of("types")),
            R"([[1,1.5,true,"it's","2026-01-31T10:20:30.500000Z","2026-01-31",12.5,7,[1,2],{"x":1,"y":"y"},null,"YWI="]])");
  EXPECT_EQ(to_json(rows_of("types", {{"selected_fields", "s,i"}, {"as_dict", true}})), R"([{"i":1,"s":"it's"}])");
  EXPECT_EQ(rows_of("types", {{"selected_fields", "no"}}), Value("the argument selected_fields: the table has no column no"));
  EXPECT_THAT(rows_of("none").as_string(),
              AllOf(HasSubstr("BigQuery: GET shop.sales.none: notFound"), HasSubstr("(status 404)")));
}

TEST_F(BigQueryWarehouseTest, QueriesWithParametersLabelsAndTheirRows) {
  create_dataset();
  const Value job = query("SELECT n, n * @factor AS m FROM UNNEST([3, 1, 2]) AS n ORDER BY n",
                          {{"parameterMode", "NAMED"},
                           {"queryParameters", Array{Object{{"name", "factor"},
                                                            {"parameterType", Object{{"type", "INT64"}}},
                                                            {"parameterValue", Object{{"value", "10"}}}}}}});
  EXPECT_EQ(to_json(made("BigQueryGetDataOperator", {{"job_id", job}, {"max_results", 2}})), "[[1,10],[2,20]]");
  EXPECT_THAT(query("SELEC 1").as_string(),
              AllOf(StartsWith("BigQuery: job shop:US.airflow_d_task"), HasSubstr("invalidQuery: Syntax error")));
  EXPECT_THAT(
      made("BigQueryInsertJobOperator",
           {{"configuration", Object{{"dryRun", true}, {"query", Object{{"query", "SELECT 1"}, {"useLegacySql", false}}}}}})
          .as_string(),
      StartsWith("airflow_"));
  EXPECT_THAT(worker.log(sequence), HasSubstr("Dry run: it would process "));
}

TEST_F(BigQueryWarehouseTest, Checks) {
  create_dataset();
  (void)query(
      "CREATE OR REPLACE TABLE sales.orders AS SELECT 1 AS id, 9.5 AS amount UNION ALL SELECT 2, 3.0 UNION ALL SELECT 3, NULL");
  EXPECT_EQ(run("BigQueryCheckOperator", {{"sql", "SELECT COUNT(*) > 2, MIN(id) FROM sales.orders"}}), "");
  EXPECT_THAT(run("BigQueryCheckOperator", {{"sql", "SELECT COUNT(*) > 3 FROM sales.orders"}}),
              HasSubstr("Test failed.\nQuery:"));
  EXPECT_EQ(run("BigQueryValueCheckOperator", {{"sql", "SELECT COUNT(*) FROM sales.orders"}, {"pass_value", 3}}), "");
  const Object mapping{{"amount", Object{{"null_check", Object{{"equal_to", 1}}}, {"max", Object{{"leq_to", 10}}}}}};
  EXPECT_EQ(run("BigQueryColumnCheckOperator", {{"table", "sales.orders"}, {"column_mapping", mapping}}), "");
  const Object strict{{"id", Object{{"unique_check", Object{{"equal_to", 0}}}, {"min", Object{{"greater_than", 1}}}}}};
  EXPECT_THAT(run("BigQueryColumnCheckOperator", {{"table", "sales.orders"}, {"column_mapping", strict}}),
              HasSubstr("Column: id\n\tCheck: min"));
  EXPECT_EQ(run("BigQueryTableCheckOperator",
                {{"table", "sales.orders"}, {"checks", Object{{"rows", Object{{"check_statement", "id > 0"}}}}}}),
            "");
}

TEST_F(BigQueryWarehouseTest, DatasetsAndTables) {
  create_dataset();
  create_dataset();
  EXPECT_THAT(worker.log(sequence), HasSubstr("Dataset shop.sales already exists."));
  EXPECT_EQ(run("BigQueryCreateEmptyDatasetOperator", {{"dataset_id", "sales"}, {"if_exists", "fail"}}),
            "Dataset shop.sales already exists.");
  const Object resource{{"schema", Object{{"fields", Array{Object{{"name", "id"}, {"type", "INTEGER"}}}}}}};
  const Object named{{"dataset_id", "sales"}, {"table_id", "made"}};
  const auto with = [&](Object more) {
    for (const auto& [name, value] : named) more.set(name, value);
    return more;
  };
  EXPECT_EQ(
      made("BigQueryCreateTableOperator", with({{"table_resource", resource}})).at("tableReference").get_string("tableId"),
      "made");
  EXPECT_EQ(run("BigQueryCreateTableOperator", with({{"table_resource", resource}, {"if_exists", "fail"}})),
            "Table shop.sales.made already exists.");
  const Object more_fields{{"schema_fields_updates", Array{Object{{"name", "id"}, {"description", "its number"}},
                                                           Object{{"name", "note"}, {"type", "STRING"}}}}};
  const Value changed = made("BigQueryUpdateTableSchemaOperator", with(more_fields));
  EXPECT_THAT(to_json(changed), AllOf(HasSubstr("its number"), HasSubstr("note")));
  const Object described{{"description", "what came in"}, {"friendlyName", "ignored"}};
  const Value updated = made("BigQueryUpdateTableOperator", with({{"table_resource", described}, {"fields", "description"}}));
  EXPECT_EQ(updated.get_string("description"), "what came in");
  EXPECT_EQ(updated.get_string("friendlyName"), "");
  const Object upsert{{"tableReference", Object{{"tableId", "made"}}}, {"description", "again"}};
  EXPECT_EQ(
      made("BigQueryUpsertTableOperator", {{"dataset_id", "sales"}, {"table_resource", upsert}}).get_string("description"),
      "again");
  EXPECT_THAT(to_json(made("BigQueryGetDatasetTablesOperator", {{"dataset_id", "sales"}})), HasSubstr(R"("tableId":"made")"));
  const Object one{{"project_id", "shop"}, {"dataset_id", "sales"}, {"table_id", "made"}};
  EXPECT_EQ(run("BigQueryTableExistenceSensor", one), "");
  EXPECT_EQ(run("BigQueryDeleteTableOperator", {{"deletion_dataset_table", "shop.sales.made"}}), "");
  EXPECT_EQ(run("BigQueryDeleteTableOperator", {{"deletion_dataset_table", "sales.made"}, {"ignore_if_missing", true}}), "");
  EXPECT_THAT(run("BigQueryDeleteTableOperator", {{"deletion_dataset_table", "sales.made"}}),
              HasSubstr("there is no table shop.sales.made"));
  EXPECT_EQ(run("BigQueryDeleteDatasetOperator", {{"dataset_id", "sales"}, {"delete_contents", true}}), "");
  EXPECT_EQ(run("BigQueryDeleteDatasetOperator", {{"dataset_id", "sales"}}), "");
}

TEST_F(BigQueryWarehouseTest, ThereAndBackOverObjects) {
  create_dataset();
  std::filesystem::create_directories(*objects / "bucket");
  std::ofstream(*objects / "bucket/orders-1.csv") << "id,amount\n1,9.5\n2,3\n";
  const Array fields{Object{{"name", "id"}, {"type", "INTEGER"}}, Object{{"name", "amount"}, {"type", "FLOAT"}}};
  const auto load = [&](const std::string& write_disposition) {
    return made("GCSToBigQueryOperator", {{"bucket", "bucket"},
                                          {"source_objects", "orders-1.csv"},
                                          {"destination_project_dataset_table", "sales.loaded"},
                                          {"schema_fields", fields},
                                          {"skip_leading_rows", 1},
                                          {"write_disposition", write_disposition},
                                          {"max_id_key", "id"}});
  };
  EXPECT_EQ(load("WRITE_TRUNCATE"), Value("2"));
  EXPECT_EQ(to_json(rows_of("loaded")), "[[1,9.5],[2,3.0]]");
  EXPECT_EQ(run("BigQueryToBigQueryOperator", {{"source_project_dataset_tables", "sales.loaded"},
                                               {"destination_project_dataset_table", "shop.sales.copied"},
                                               {"write_disposition", "WRITE_TRUNCATE"}}),
            "");
  EXPECT_EQ(run("BigQueryToGCSOperator",
                {{"source_project_dataset_table", "sales.copied"}, {"destination_cloud_storage_uris", "gs://bucket/out.csv"}}),
            "");
  EXPECT_THAT(tests::read_file(*objects / "bucket/out.csv"),
              AllOf(StartsWith("id,amount\n"), HasSubstr("1,9.5"), HasSubstr("2,3")));
  EXPECT_THAT(
      run("GCSToBigQueryOperator",
          {{"bucket", "bucket"}, {"source_objects", "none.csv"}, {"destination_project_dataset_table", "sales.loaded"}}),
      HasSubstr("BigQuery: "));
}

}  // namespace
}  // namespace venturi::providers::testing
