// Values of PostgreSQL as values of JSON, for XComs and checks.
//
//   boolean                     true, false
//   smallint, integer, bigint   integer; oid too
//   real, double precision      number; NaN and the infinities as text, since JSON has none
//   numeric                     integer where it has no fraction, otherwise the nearest number (Airflow's XComs do the
//                               same with Decimal); as text with all digits where it is larger than 64 bits; cast to text for
//                               exact ones
//   date                        "2026-01-31"
//   timestamp                   "2026-01-31T10:20:30.250000", without a zone as it has none
//   timestamptz                 "2026-01-31T10:20:30.250000Z", in UTC
//   bytea                       "\x00ff", PostgreSQL's own form, which goes back in as it is
//   json, jsonb                 the value; over 1 MiB as text
//   arrays of these             lists, in lists for more dimensions
//   everything else             PostgreSQL's text: uuid, interval, time, inet, enums, composite types
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <string_view>

#include "venturi/value.h"

namespace venturi::providers {

// How points in time are written: as above, or as Python's str() does ("2026-01-31 10:20:30.250000+00:00"), which is what
// Airflow's checks compare texts with.
enum class TimeText : std::uint8_t { iso, python };

// `text` is what the server sends in text format, with DateStyle ISO.
[[nodiscard]] Value pg_value(Oid type, std::string_view text, TimeText times = TimeText::iso);

}  // namespace venturi::providers
