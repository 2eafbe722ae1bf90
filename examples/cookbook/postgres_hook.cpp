// A task that works on a database itself: typed rows, bound parameters, a transaction. The connections are in the
// worker's operator host; this program links no driver.
#include <venturi/dag.h>
#include <venturi/hooks/postgres.h>

using namespace venturi;

struct Order {
  std::int64_t id = 0;
  std::string customer;
  std::optional<double> amount;  // numeric; NULL for orders without a price yet
};
VENTURI_STRUCT(Order, id, customer, amount);

struct Total {
  std::string customer;
  double amount = 0;
};
VENTURI_STRUCT(Total, customer, amount);

// The sums by customer, in one transaction: whoever reads the table sees the old ones or the new ones.
std::int64_t sum_up(const Context& context) {
  const PostgresHook db(context, "cookbook_postgres");
  std::vector<Total> totals;
  // rows() reads as it goes: the table may be of any size.
  for (const Order& order :
       db.rows<Order>("SELECT id, customer, amount FROM orders WHERE id > $1 ORDER BY customer", 0)) {
    if (totals.empty() || totals.back().customer != order.customer) totals.push_back({order.customer, 0});
    totals.back().amount += order.amount.value_or(0);
  }
  auto transaction = db.transaction();
  transaction.run("CREATE TABLE IF NOT EXISTS customer_totals (customer text PRIMARY KEY, amount float8)");
  transaction.run("DELETE FROM customer_totals");
  transaction.insert_rows("customer_totals", totals);
  transaction.commit();  // without it all is rolled back at the end of the scope
  context.log().info("wrote the totals of ", totals.size(), " customers");
  return static_cast<std::int64_t>(totals.size());
}

// What was written is there.
void check(const Context& context, std::int64_t customers) {
  const PostgresHook db(context, "cookbook_postgres");
  const auto found = db.scalar<std::int64_t>("SELECT count(*) FROM customer_totals");
  if (found != customers) fail_task("found " + std::to_string(found) + " totals of " + std::to_string(customers));
}

VENTURI_DAG(postgres_hook, {.schedule = "@daily", .start_date = "2026-01-01", .default_args = {.retries = 2}}) {
  dag.task<check>()(dag.task<sum_up>());
}
