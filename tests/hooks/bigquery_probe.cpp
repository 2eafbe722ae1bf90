// The tasks of the tests of BigQueryHook: what a task returns is compared.
#include <venturi/dag.h>
#include <venturi/hooks.h>

using namespace venturi;

namespace {

struct Order {
  std::int64_t id = 0;
  std::string customer;
  std::optional<double> amount;
  bool paid = false;
  std::optional<Time> placed;
};
VENTURI_STRUCT(Order, id, customer, amount, paid, placed);

struct Typed {
  std::int64_t i = 0;
  double f = 0;
  std::string n;
  double near = 0;
  Time t, d;
  std::vector<std::int64_t> r;
  Value o;
  std::optional<std::string> z;
};
VENTURI_STRUCT(Typed, i, f, n, near, t, d, r, o, z);

template <class F>
std::string error_of(const F& f) {
  try {
    f();
  } catch (const HookError& e) {
    return std::string(e.what()) + " " + to_json(e.detail());
  } catch (const std::exception& e) {
    return e.what();
  }
  return "no error";
}

Array rows(const Context& context) {
  const BigQueryHook shop(context);
  Array seen;
  shop.create_empty_dataset("hooked");
  shop.create_empty_dataset("hooked");
  shop.run(
      "CREATE OR REPLACE TABLE hooked.orders AS SELECT 1 AS id, \"O'Neil\" AS customer, 9.5 AS amount, TRUE AS paid, "
      "TIMESTAMP '2026-01-02 03:04:05.5+00' AS placed UNION ALL SELECT 2, '', NULL, FALSE, NULL");
  seen.push_back(to_value(shop.query<Order>("SELECT * FROM hooked.orders ORDER BY id")));
  const auto typed = shop.first<Typed>(
      "SELECT 1 AS i, 1.5 AS f, NUMERIC '12345678901234567.10' AS n, NUMERIC '0.5' AS near, TIMESTAMP '2026-01-31 10:20:30+00' "
      "AS t, "
      "DATE '2026-01-31' AS d, [1, 2] AS r, STRUCT(1 AS x, 'y' AS y) AS o, CAST(NULL AS STRING) AS z");
  seen.push_back(to_value(*typed));
  seen.push_back(shop.scalar<std::int64_t>("SELECT COUNT(*) FROM hooked.orders WHERE id >= ? AND customer = ? AND paid = ?", 1,
                                           "O'Neil", true));
  seen.push_back(shop.scalar<std::int64_t>("SELECT @n + 1", Object{{"n", 41}}));
  seen.push_back(shop.scalar<bool>("SELECT ? = TIMESTAMP '2026-01-02 03:04:05+00'", *parse_time("2026-01-02T03:04:05Z")));
  seen.push_back(
      shop.scalar<std::int64_t>("SELECT COUNT(*) FROM hooked.orders WHERE id IN UNNEST(?)", std::vector<std::int64_t>{2, 3}));
  seen.push_back(shop.get_first("SELECT id FROM hooked.orders WHERE FALSE").has_value());
  seen.push_back(Value(shop.get_records("SELECT id, customer FROM hooked.orders ORDER BY id DESC").front()));
  seen.push_back(error_of([&] { (void)shop.query<Order>("SELECT 1 AS id"); }));
  seen.push_back(error_of([&] { (void)shop.scalar<std::int64_t>("SELECT id FROM hooked.orders WHERE FALSE"); }));
  seen.push_back(error_of([&] { shop.run("SELEC 1"); }));
  std::int64_t sum = 0, count = 0;
  for (const std::int64_t n : shop.rows<std::int64_t>("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 12000)) AS n")) {
    sum += n;
    ++count;
  }
  seen.push_back(Array{count, sum});
  return seen;
}

Array tables(const Context& context) {
  const BigQueryHook shop(context);
  Array seen;
  seen.push_back(shop.dataset_exists("made"));
  seen.push_back(shop.create_empty_dataset("made").get_value("datasetReference").get_string("datasetId"));
  seen.push_back(shop.dataset_exists("made") && !shop.get_datasets_list().empty());
  const Object resource{
      {"schema",
       Object{{"fields", Array{Object{{"name", "id"}, {"type", "INTEGER"}}, Object{{"name", "customer"}, {"type", "STRING"}},
                               Object{{"name", "amount"}, {"type", "FLOAT"}}, Object{{"name", "paid"}, {"type", "BOOLEAN"}},
                               Object{{"name", "placed"}, {"type", "TIMESTAMP"}}}}}}};
  seen.push_back(shop.table_exists("made", "orders"));
  (void)shop.create_table("made", "orders", resource);
  seen.push_back(shop.table_exists("made", "orders"));
  seen.push_back(shop.get_schema("made", "orders").size());
  shop.insert_all("made", "orders", std::vector<Order>{{1, "Ada", 9.5, true, parse_time("2026-01-02T03:04:05Z")}, {2, "Bob"}});
  seen.push_back(to_value(shop.list_rows<Order>("made", "orders")));
  seen.push_back(Value(shop.list_rows<std::int64_t>("made", "orders", 1, {"id"}).size()));
  seen.push_back(error_of([&] { shop.insert_all("made", "none", std::vector<Order>{{3}}); }));
  const BigQueryJob job = shop.insert_job(
      Object{{"query", Object{{"query", "SELECT customer FROM made.orders ORDER BY id"}, {"useLegacySql", false}}}});
  seen.push_back(to_value(shop.job_rows<std::string>(job.job_id)));
  seen.push_back(shop.get_job(job.job_id).resource.get_value("status").get_string("state"));
  seen.push_back(shop.table_partition_exists("made", "none", "20260101"));
  seen.push_back(Value(shop.get_dataset_tables("made").size()));
  seen.push_back(error_of([&] { shop.delete_table("made", "none", false); }));
  shop.delete_table("made", "orders");
  shop.delete_table("made", "orders");
  shop.delete_dataset("made", true);
  seen.push_back(error_of([&] { (void)shop.get_table("made", "orders"); }));
  return seen;
}

// Against a server whose jobs take as long as their query says (tests/servers/http_server.py).
Array forever(const Context& context) {
  const BigQueryHook slow(context, "slow");
  return {slow.run("run 1000000")};
}
Array by_id(const Context& context) {
  const BigQueryHook slow(context, "slow");
  Array seen;
  const Object job{{"query", Object{{"query", "run 5"}, {"useLegacySql", false}}}};
  const BigQueryJob submitted = slow.insert_job(job, {.job_id = "mine", .nowait = true});
  seen.push_back(submitted.resource.get_value("status").get_string("state"));
  const BigQueryJob found = slow.insert_job(job, {.job_id = "mine", .poll_interval = 0.02});
  seen.push_back(found.job_id + " " + found.resource.get_value("status").get_string("state"));
  seen.push_back(error_of([&] {
    slow.insert_job(Object{{"query", Object{{"query", "run 1000"}}}},
                    {.job_id = "late", .poll_interval = 0.02, .timeout = 0.1});
  }));
  seen.push_back(error_of([&] { slow.run("fail invalidQuery"); }));
  return seen;
}

}  // namespace

VENTURI_DAG(d, {}) {
  dag.task<rows>();
  dag.task<tables>();
  dag.task<forever>();
  dag.task<by_id>();
}
