// What a process says about itself: lines on stderr or in a file, "2026-11-24T04:43:57.123Z warning server: ...". Logs of tasks
// are something else (worker/log_file.h). Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace venturi {

enum class LogLevel { debug, info, warning, error, critical };

// Airflow's words, "INFO". Everything below the level is dropped; INFO unless it is set.
void set_log_level(std::string_view word);
// Who speaks: "server". Set once, before the first line.
void set_log_name(std::string_view name);

// After set_log_name(): a file in place of stderr, made where it is missing: at this size it is begun anew, and so many former
// ones stay ("x.1.log"). An empty path: stderr. Throws std::runtime_error where it cannot be opened; then all is as before.
void set_log_file(const std::string& path, std::size_t max_bytes, std::size_t former_files);
// The file may have been moved away: from now on lines go into one of that name.
void reopen_log();

void log_line(LogLevel level, std::string_view text);
inline void log_debug(std::string_view text) {
  log_line(LogLevel::debug, text);
}
inline void log_info(std::string_view text) {
  log_line(LogLevel::info, text);
}
inline void log_warning(std::string_view text) {
  log_line(LogLevel::warning, text);
}
inline void log_error(std::string_view text) {
  log_line(LogLevel::error, text);
}

}  // namespace venturi
