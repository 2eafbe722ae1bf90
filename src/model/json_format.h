// The formats of JSON schemas that Airflow checks: those of Python's jsonschema with what Airflow installs beside it. Others
// ("date-time", "uri", "hostname", ...) say how a value is shown, and take any text, as there.
#pragma once

#include <string_view>

namespace venturi {

// date, time (HH:MM:SS), duration, email, idn-email, idn-hostname, ipv4, ipv6, uuid, regex; true for any other format.
[[nodiscard]] bool has_format(std::string_view format, std::string_view text);

}  // namespace venturi
