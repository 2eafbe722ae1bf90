// What the parts of PostgresHook have in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sdk/hook_access.h"
#include "venturi/hooks/postgres.h"

namespace venturi::inline sdk::internal {

// Adds which connection and which transaction is meant.
[[nodiscard]] Value call_postgres(const detail::PgTarget& target, std::string_view method, Object arguments);

// The pages of a statement's result. Whoever stops before the last one tells the host that the rest is not wanted.
class PgPages {
 public:
  PgPages(const detail::PgTarget& target, std::string_view method, Object arguments);
  ~PgPages();
  PgPages(const PgPages&) = delete;
  PgPages& operator=(const PgPages&) = delete;

  Value page;  // the present one
  // False where that was the last one.
  bool next();

 private:
  detail::PgTarget target_;
  std::int64_t more_ = 0;
};

// A name as SQL: every name in quotes, so that reserved words are none. A table may have its schema before a dot, and may be in
// quotes already.
[[nodiscard]] std::string quoted_name(std::string_view name);
[[nodiscard]] std::string quoted_table(std::string_view table);
// (a, b); empty where there are none.
[[nodiscard]] std::string name_list(const std::vector<std::string>& names);

}  // namespace venturi::inline sdk::internal
