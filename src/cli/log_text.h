// A task's log for people: its lines of JSON (src/worker/log_stream.h) as text.
#pragma once

#include <string>
#include <string_view>

namespace venturi::cli {

// [2026-11-24T04:43:57.123456Z] INFO - counted 21 orders file=/data/orders.csv
//
// What the line has beyond timestamp, level, event and logger follows as key=value; an exception's stack stands below. A line
// that is no JSON is shown as it is. Control characters are escapes. Ends with a line feed.
[[nodiscard]] std::string log_line_text(std::string_view json_line);

// The last `count` lines of a log's content, as text.
[[nodiscard]] std::string log_tail_text(std::string_view content, std::size_t count);

}  // namespace venturi::cli
