// Rows on their way into a table by COPY, from a coroutine: what table_load.h is for movers. Everything happens in one
// transaction: what goes wrong in the middle leaves the table as it was.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "providers/postgres/load_sql.h"
#include "providers/postgres/pg_session.h"

namespace venturi::providers {

// Those of the table that can be written, in their order. Throws TaskFailed where there is no such table.
[[nodiscard]] boost::asio::awaitable<std::vector<TableColumn>> columns_of_table(std::shared_ptr<PgSession> session,
                                                                                std::string table);

class SessionLoad {
 public:
  SessionLoad(std::shared_ptr<PgSession> session, LoadOptions options);

  // Begins the transaction, and takes rows; `format` stands behind COPY ... FROM STDIN.
  [[nodiscard]] boost::asio::awaitable<void> begin(std::string format = {});
  // Bytes of the rows, not necessarily whole ones.
  [[nodiscard]] boost::asio::awaitable<void> put(std::string bytes);
  // How many rows. An error of theirs comes out here, naming the row.
  [[nodiscard]] boost::asio::awaitable<std::int64_t> commit();
  // Nothing of it is there; begin() may be called again.
  [[nodiscard]] boost::asio::awaitable<void> roll_back();

 private:
  [[nodiscard]] SqlQuoting quoting() const;

  std::shared_ptr<PgSession> session_;
  LoadOptions options_;
  std::string columns_, conflict_;
  bool is_copying_ = false;
};

}  // namespace venturi::providers
