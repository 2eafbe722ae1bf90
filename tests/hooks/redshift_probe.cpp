// The tasks of the tests of Redshift's hooks: what a task returns is compared.
#include <venturi/dag.h>
#include <venturi/hooks.h>

#include <chrono>
#include <thread>

using namespace venturi;

namespace {

struct Sale {
  std::int64_t id = 0;
  std::string item;
  std::optional<double> amount;
  Time sold;
};
VENTURI_STRUCT(Sale, id, item, amount, sold);

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

RedshiftDataHook data_of(const Context& context) {
  return RedshiftDataHook(context, {.database = "postgres", .workgroup_name = "w", .poll_interval = 0.05}, "aws");
}

Array data(const Context& context) {
  const RedshiftDataHook data = data_of(context);
  Array seen;
  data.run("DROP TABLE IF EXISTS sales");
  const RedshiftStatement list = data.execute_query(std::vector<std::string>{
      "CREATE TABLE sales (id int PRIMARY KEY, item text, amount numeric, sold timestamp)",
      "INSERT INTO sales SELECT i, 'it''s ' || i, i / 4.0, '2026-01-02 03:04:05' FROM generate_series(1, 5) i",
      "SELECT count(*) AS n FROM sales"});
  seen.push_back(list.statements.size());
  seen.push_back(data.statement_rows<std::int64_t>(list.statements.back()).front());
  seen.push_back(to_value(data.query<Sale>("SELECT * FROM sales WHERE id < :most ORDER BY id", Object{{"most", 4}})));
  seen.push_back(Value(data.get_records("SELECT id, item FROM sales ORDER BY id").back()));
  std::int64_t sum = 0;
  for (const std::int64_t id : data.rows<std::int64_t>("SELECT id FROM sales")) sum += id;
  seen.push_back(sum);
  seen.push_back(data.first<std::string>("SELECT item FROM sales ORDER BY id DESC").value());
  seen.push_back(data.first<std::int64_t>("SELECT id FROM sales WHERE false").has_value());
  seen.push_back(to_value(data.get_table_primary_key("sales")));
  seen.push_back(error_of([&] { (void)data.query<Sale>("SELECT 1 AS id"); }));
  seen.push_back(error_of([&] { data.run("SELECT 1 FROM nowhere"); }));
  seen.push_back(error_of([&] { (void)data.query<std::int64_t>("DELETE FROM sales WHERE false"); }));
  const RedshiftStatement first = data.execute_query("INSERT INTO sales VALUES (7)", {.client_token = "mine"});
  const RedshiftStatement again = data.execute_query("INSERT INTO sales VALUES (7)", {.client_token = "mine"});
  seen.push_back(first.id == again.id && data.check_query_is_finished(again.id));
  const RedshiftStatement running = data.execute_query("SELECT pg_sleep(60)", {.wait_for_completion = false});
  seen.push_back(data.check_query_is_finished(running.id));
  data.cancel(running.id);
  seen.push_back(error_of([&] { (void)data.check_query_is_finished(running.id); }).substr(0, 32));
  seen.push_back(error_of([&] { (void)data.describe("none"); }));
  return seen;
}

Array sql(const Context& context) {
  const RedshiftSQLHook sql(context, "lent");
  Array seen;
  sql.run("DROP TABLE IF EXISTS plain; CREATE TABLE plain (id int PRIMARY KEY, item text)");
  seen.push_back(sql.insert_rows("plain", std::vector<Array>{{1, "a"}, {2, nullptr}}, {.target_fields = {"id", "item"}}));
  seen.push_back(sql.scalar<std::int64_t>("SELECT count(*) FROM plain WHERE id >= $1", 1));
  {
    auto transaction = sql.transaction();
    transaction.run("DELETE FROM plain");
  }
  seen.push_back(sql.run("UPDATE plain SET item = $1", "b"));
  seen.push_back(to_value(sql.get_table_primary_key("plain")));
  seen.push_back(error_of([&] { (void)sql.query<Sale>("SELECT nothing"); }));
  return seen;
}

Array clusters(const Context& context) {
  const RedshiftHook clusters(context, "aws");
  Array seen;
  seen.push_back(clusters.cluster_status("hooked"));
  clusters.create_cluster("hooked", "ra3.large", "admin", "Passw0rd-of-cluster", {{"NumberOfNodes", 2}});
  seen.push_back(clusters.cluster_status("hooked"));
  const auto found = clusters.describe_cluster("hooked");
  seen.push_back(found->node_type + " " + found->master_username + " " + std::to_string(found->port) + " " +
                 (found->address.empty() ? "nowhere" : "somewhere"));
  clusters.create_cluster_snapshot("snap", "hooked");
  seen.push_back(clusters.get_cluster_snapshot_status("snap") + clusters.get_cluster_snapshot_status("none"));
  clusters.pause_cluster("hooked");
  seen.push_back(clusters.cluster_status("hooked"));
  clusters.resume_cluster("hooked");
  seen.push_back(clusters.cluster_status("hooked"));
  clusters.delete_cluster_snapshot("snap");
  clusters.delete_cluster("hooked");
  seen.push_back(clusters.describe_cluster("hooked").has_value());
  seen.push_back(error_of([&] { clusters.delete_cluster("hooked"); }));
  return seen;
}

void sleep_long(const Context& context) {
  data_of(context).run("SELECT pg_sleep(60) /* by_data_api */");
}

}  // namespace

VENTURI_DAG(d, {}) {
  dag.task<data>();
  dag.task<sql>();
  dag.task<clusters>();
  dag.task<sleep_long>();
}
