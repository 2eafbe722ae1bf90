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

VENTURI_DAG(hooked, {}) {
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
