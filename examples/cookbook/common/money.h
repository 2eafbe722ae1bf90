// What several DAG files share: a struct that travels between tasks, and functions on it.
#pragma once

#include <venturi/dag.h>

struct Money {
  std::int64_t cents = 0;
  std::string currency;
};
VENTURI_STRUCT(Money, cents, currency);

inline std::string text_of(const Money& money) {
  const std::string cents = std::to_string(money.cents % 100);
  return std::to_string(money.cents / 100) + (cents.size() == 1 ? ".0" : ".") + cents + " " + money.currency;
}
