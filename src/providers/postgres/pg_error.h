// What PostgreSQL says when something goes wrong, as text for an error of a try:
//
//   ERROR:  relation "nowhere" does not exist
//   LINE 2: SELECT * FROM nowhere
//                         ^
//   DETAIL, HINT, CONTEXT as far as the server gave them
//   SQLSTATE 42P01
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <vector>

namespace venturi::providers {

struct PgResultDeleter {
  void operator()(PGresult* result) const { ::PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, PgResultDeleter>;

struct PgConnDeleter {
  void operator()(PGconn* connection) const { ::PQfinish(connection); }
};
using PgConn = std::unique_ptr<PGconn, PgConnDeleter>;

// libpq's messages end with a line feed, and may have several lines.
[[nodiscard]] std::string tidy(std::string text);
// What to do about a message of libpq's own, in parentheses with a blank before them; empty where that is not known.
[[nodiscard]] std::string hint_for(const std::string& message);
// Of a result that is an error.
[[nodiscard]] std::string error_text(const PGresult* result);
// A notice as the log shows it: "NOTICE: ...", its detail and hint behind it.
[[nodiscard]] std::string notice_text(const PGresult* notice);
[[nodiscard]] bool is_warning(const PGresult* notice);
// The result's own field (PG_DIAG_...); empty where there is none.
[[nodiscard]] std::string field_of(const PGresult* result, int field);

}  // namespace venturi::providers
