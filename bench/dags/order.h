// The order of the DAGs that count a million of them.
#pragma once

#include "ledger.h"

namespace bench {

struct Order {
  std::optional<std::int64_t> id, customer_id;
  std::optional<double> amount;
  std::optional<std::string> status;
  std::optional<venturi::Time> created_at;
};
VENTURI_STRUCT(Order, id, customer_id, amount, status, created_at);

struct Counted {
  std::int64_t all = 0, in_error = 0;
};
VENTURI_STRUCT(Counted, all, in_error);

template <class Rows>
Counted count(Rows&& orders) {
  constexpr std::string_view error = "error";  // its length is compared first
  Counted counted;
  for (const Order& order : orders) {
    ++counted.all;
    counted.in_error +=
        !order.id || !order.customer_id || !order.amount || !order.status || !order.created_at || *order.status == error;
  }
  return counted;
}

inline Counted count_orders(const venturi::Context& context, const venturi::RunFile& orders) {
  Ledger ledger(context);
  const Counted counted = count(orders.rows<Order>());
  ledger.write();
  return counted;
}

}  // namespace bench
