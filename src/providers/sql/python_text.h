// Values as Python writes them, since the messages of checks are those of Airflow.
#pragma once

#include <string>

#include "venturi/value.h"

namespace venturi::providers {

// repr(): None, True, 1.5, 'it\'s', [1, 2], {'a': 1}
[[nodiscard]] std::string python_repr(const Value& value);
// str(): a text without quotes, everything else as repr().
[[nodiscard]] std::string python_str(const Value& value);
// A row as psycopg gives it: (1, 'a'), (1,)
[[nodiscard]] std::string python_tuple(const Array& values);
// bool(): None, False, 0, '' and what is empty are false.
[[nodiscard]] bool python_bool(const Value& value);

}  // namespace venturi::providers
