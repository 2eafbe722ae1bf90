// Outcomes that a caller must handle. Exceptions are for start-up and broken invariants only.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace venturi {

enum class ErrorKind {
  invalid,      // the input is wrong; the same call fails again
  not_found,    // what was named does not exist
  conflict,     // exists already, or is in a state that forbids it
  unavailable,  // a server or file is not there now; may work later
  denied,       // permissions, passwords
  exhausted,    // a limit: disk, memory, time
  corrupt,      // data that we wrote ourselves does not read back
  internal,     // a defect of Venturi
};

// What happened, where, and what to do. Never holds a secret.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string what;   // "no connection test_db"
  std::string where;  // "dag order_quality, task extract_orders"; may be empty
  std::string hint;   // "add it: venturi connections add test_db --conn-uri ..."; may be empty

  // "where: what (hint)", the form that users read.
  [[nodiscard]] std::string text() const {
    std::string s = where.empty() ? what : where + ": " + what;
    if (!hint.empty()) s += " (" + hint + ")";
    return s;
  }
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorKind kind, std::string what, std::string where = {},
                                                 std::string hint = {}) {
  return std::unexpected(Error{kind, std::move(what), std::move(where), std::move(hint)});
}

}  // namespace venturi
