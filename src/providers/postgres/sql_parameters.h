// Parameters in SQL text, put in as literals: COPY takes none.
//   $1, $2, ...   PostgreSQL's own: items of a list, outside of quotes and comments
//   %s            psycopg's: the next item of a list; anywhere, as psycopg does. %% is a %
//   %(name)s      psycopg's: a member of an object. %% is a %
// Text with a list is read as PostgreSQL's own where it has a $1 (or $2...), else as psycopg's.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "venturi/value.h"

namespace venturi::providers {

// `literal` makes a quoted SQL literal of a text. Throws TaskFailedForGood where the two do not fit. Numbers, booleans and null
// are written as such, lists as ARRAY[...].
[[nodiscard]] std::string with_parameters(std::string_view sql, const Value& parameters,
                                          const std::function<std::string(const std::string&)>& literal);

// The same for a statement whose parameters the server binds: with $1, $2, ... only, and the values in that order.
struct NumberedSql {
  std::string sql;
  Array values;
};
[[nodiscard]] NumberedSql numbered_sql(std::string_view sql, const Value& parameters);

}  // namespace venturi::providers
