// Hooks in tasks under venturi/test.h, as authors of DAGs write their tests.
#include "venturi/hooks.h"

#include <gmock/gmock.h>

#include "venturi/dag.h"
#include "venturi/test.h"

namespace venturi::inline sdk {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Bill {
  std::int64_t id = 0;
  std::string customer;
  std::optional<double> amount;
};
VENTURI_STRUCT(Bill, id, customer, amount);

double sum_of_bills(const Context& context) {
  const PostgresHook db(context, "shop");
  double sum = 0;
  for (const Bill& bill : db.query<Bill>("SELECT id, customer, amount FROM bills WHERE day = $1", context.render("{{ ds }}")))
    sum += bill.amount.value_or(0);
  auto transaction = db.transaction();
  transaction.insert_rows("sums", std::vector<std::vector<double>>{{sum}}, {.target_fields = {"sum"}});
  transaction.commit();
  HttpHook(context, "api").post("/sums", {.json = Object{{"sum", sum}}});
  SmtpHook(context).send_email_smtp({.to = {"a@example.com"}, .subject = "Sums", .text_content = "done"});
  return sum;
}
std::int64_t pages(const Context& context) {
  std::int64_t items = 0;
  for (const HttpResponse& page : HttpHook(context).get_pages("/items", Object{{"link_header", true}}))
    items += static_cast<std::int64_t>(page.json().as_array().size());
  return items;
}
std::int64_t first_bill(const Context& context) {
  const PostgresHook db(context);
  return db.scalar<std::int64_t>("SELECT min(id) FROM bills") + db.run("DELETE FROM bills");
}

// A lake and three warehouses.
std::string warehouses(const Context& context) {
  const S3Hook s3(context, "lake");
  std::string read;
  for (const std::string& key : s3.list_keys("shop", {.prefix = "in/"})) read += s3.read_key(key, "shop");
  s3.load_string(read, "s3://shop/out/all.csv", {}, {.replace = true});
  GCSHook(context).upload("copies", "all.csv", read, {.mime_type = "text/csv"});
  const BigQueryHook bigquery(context);
  if (!bigquery.table_exists("sales", "sums")) (void)bigquery.create_table("sales", "sums");
  double sum = 0;
  for (const Bill& bill : bigquery.rows<Bill>("SELECT * FROM sales.bills WHERE id > ?", 0)) sum += bill.amount.value_or(0);
  const std::int64_t changed = bigquery.run("UPDATE sales.sums SET sum = ?", sum);
  bigquery.insert_all("sales", "sums", std::vector<Bill>{{1, "Ada", sum}});
  const RedshiftDataHook data(context, {.database = "dev", .workgroup_name = "w"});
  const auto first = data.first<std::int64_t>("SELECT max(id) FROM bills WHERE day = :day", Object{{"day", "2026-01-01"}});
  const std::int64_t more = RedshiftSQLHook(context).scalar<std::int64_t>("SELECT count(*) FROM bills");
  return read + " " + std::to_string(sum) + " " + std::to_string(changed) + " " + std::to_string(*first + more);
}
std::string missing_object(const Context& context) {
  try {
    (void)S3Hook(context).read_key("s3://shop/none");
  } catch (const HookError& e) {
    return e.detail().get_string("code");
  }
  return "there";
}

VENTURI_DAG(hooked, {}) {
  dag.task<warehouses>();
  dag.task<missing_object>();
  dag.task<sum_of_bills>();
  dag.task<pages>();
  dag.task<first_bill>();
}

TEST(Hooks, ATaskRunsOnMadeUpAnswers) {
  const test::Outcome o = test::run_task(
      "hooked", "sum_of_bills",
      {.hooks = {test::sql("FROM bills", std::vector<Bill>{{1, "Ada", 2.5}, {2, "Bob", std::nullopt}, {3, "", 4}}),
                 test::response("POST /sums", 201, "{}"), test::rendered("{{ ds }}", "2026-01-01")}});
  EXPECT_EQ(o.error, "");
  EXPECT_EQ(o.result<double>(), 6.5);
  std::vector<std::string> made;
  for (const test::HookCall& call : o.calls)
    made.push_back(call.hook + " " + call.conn_id + " " + call.method + " " + call.what);
  EXPECT_THAT(made, ElementsAre("postgres shop run SELECT id, customer, amount FROM bills WHERE day = $1",
                                "postgres shop begin ", R"(postgres shop run INSERT INTO "sums" ("sum") VALUES ($1))",
                                "postgres shop commit ", "http api run POST /sums", "smtp smtp_default send_email_smtp Sums"));
  EXPECT_EQ(o.calls[0].arguments.at("parameters"), Value(Array{"2026-01-01"}));
  EXPECT_EQ(o.calls[2].arguments.at("parameters"), Value(Array{6.5}));
  EXPECT_EQ(o.calls[4].arguments.at("request_kwargs").at("json"), Value(Object{{"sum", 6.5}}));
}

TEST(Hooks, ObjectsAndWarehouses) {
  const test::Outcome o =
      test::run_task("hooked", "warehouses",
                     {.hooks = {test::object("s3://shop/in/a.csv", "a"),
                                test::object("s3://shop/in/b.csv", "b"),
                                test::sql("FROM sales.bills", std::vector<Bill>{{1, "Ada", 2.5}, {2, "Bob", 4}}),
                                test::affected("UPDATE sales.sums", 3),
                                {.hook = "bigquery", .match = "GET datasets/sales/tables/sums"},
                                test::sql("max(id)", std::vector<int>{7}),
                                test::sql("count(*)", std::vector<int>{2})}});
  EXPECT_EQ(o.error, "");
  EXPECT_EQ(o.result<std::string>(), "ab 6.500000 3 9");
  std::vector<std::string> made;
  for (const test::HookCall& call : o.calls) made.push_back(call.hook + " " + call.conn_id + " " + call.what);
  EXPECT_THAT(made, ElementsAre("s3 lake list s3://shop/in/", "s3 lake read_key s3://shop/in/a.csv",
                                "s3 lake read_key s3://shop/in/b.csv", "s3 lake load_string s3://shop/out/all.csv",
                                "gcs google_cloud_default upload_file gs://copies/all.csv",
                                "bigquery google_cloud_default GET datasets/sales/tables/sums",
                                "bigquery google_cloud_default POST datasets/sales/tables",
                                "bigquery google_cloud_default SELECT * FROM sales.bills WHERE id > ?",
                                "bigquery google_cloud_default UPDATE sales.sums SET sum = ?",
                                "bigquery google_cloud_default insert_all sales sums",
                                "redshift_data aws_default SELECT max(id) FROM bills WHERE day = :day",
                                "redshift_sql redshift_default SELECT count(*) FROM bills"));
  EXPECT_EQ(o.calls[3].arguments.get_string("data"), "ab");
  EXPECT_EQ(o.calls[4].arguments.get_string("data"), "ab");
  const Value& query = o.calls[7].arguments.at("configuration").at("query");
  EXPECT_EQ(to_json(query.at("queryParameters")), R"([{"parameterType":{"type":"INT64"},"parameterValue":{"value":"0"}}])");
}

TEST(Hooks, FailuresOfObjectsAndWarehouses) {
  EXPECT_EQ(test::run_task("hooked", "missing_object").result<std::string>(), "NoSuchKey");
  EXPECT_EQ(test::run_task("hooked", "warehouses",
                           {.hooks = {test::object("s3://shop/in/a.csv", "a"),
                                      test::failing_call("s3", "load_string s3://shop", "no room", {{"code", "SlowDown"}})}})
                .error,
            "no room");
  EXPECT_EQ(test::run_task("hooked", "warehouses").error,
            "no answer is made up for GET datasets/sales/tables/sums: add {.hook = \"bigquery\", .match = \"GET "
            "datasets/sales/tables/sums\", .body = ...} to World::hooks");
}

TEST(Hooks, WhatIsNotMadeUpIsNamed) {
  EXPECT_EQ(test::run_task("hooked", "sum_of_bills").error,
            "a test has no template engine: add test::rendered(\"{{ ds }}\", ...) to World::hooks");
  EXPECT_EQ(test::run_task("hooked", "first_bill").error,
            "no answer is made up for the SQL \"SELECT min(id) FROM bills\": add test::sql(\"...\", rows) to World::hooks");
  EXPECT_EQ(test::run_task("hooked", "pages").error,
            "no answer is made up for GET /items: add test::response(\"GET /items\", 200, ...) to World::hooks");
}

TEST(Hooks, PagesFailuresAndEffects) {
  EXPECT_EQ(test::run_task("hooked", "pages",
                           {.hooks = {test::response("GET /items", 200, "[1,2]"), test::response("GET /items", 200, "[3]")}})
                .result<int>(),
            3);
  EXPECT_EQ(test::run_task("hooked", "first_bill",
                           {.hooks = {test::sql("min(id)", std::vector<int>{7}), test::affected("DELETE", 2)}})
                .result<int>(),
            9);
  EXPECT_EQ(test::run_task("hooked", "first_bill", {.hooks = {test::failing_sql("min(id)", "no such table", "42P01")}}).error,
            "no such table");
}

TEST(Hooks, ARowThatDoesNotFitIsNamed) {
  EXPECT_EQ(test::run_task("hooked", "sum_of_bills",
                           {.hooks = {test::sql("FROM bills", std::vector<std::int64_t>{1}), test::rendered("{{ ds }}", "x")}})
                .error,
            "the query has no column id for the field of Bill (it has: column1)");
}

}  // namespace
}  // namespace venturi::inline sdk
