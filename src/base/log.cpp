#include "base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/dist_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <sys/stat.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace venturi {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::critical:
      return spdlog::level::critical;
  }
  return spdlog::level::info;
}

// Where lines go: so much of it as makes the sink anew.
struct Target {
  std::string path;
  std::size_t max_bytes = 0, former_files = 0;
};
Target& target() {
  static Target one;
  return one;
}

// Whatever the umask: it names DAGs, paths and what went wrong with them.
spdlog::file_event_handlers for_owner() {
  spdlog::file_event_handlers handlers;
  handlers.after_open = [](const spdlog::filename_t&, std::FILE* file) { ::fchmod(::fileno(file), 0600); };
  return handlers;
}

spdlog::sink_ptr make_sink(const Target& to) {
  spdlog::sink_ptr sink;
  if (to.path.empty())
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  else
    sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(to.path, to.max_bytes, to.former_files, false, for_owner());
  sink->set_formatter(
      std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %l %n: %v", spdlog::pattern_time_type::utc));
  return sink;
}

// Other threads log meanwhile: the logger stays the same, and only its sink is exchanged, behind the mutex of this one.
const std::shared_ptr<spdlog::sinks::dist_sink_mt>& place() {
  static const auto one = std::make_shared<spdlog::sinks::dist_sink_mt>();
  return one;
}

std::shared_ptr<spdlog::logger> make_logger(const std::string& name) {
  auto made = std::make_shared<spdlog::logger>(name, place());
  made->flush_on(spdlog::level::trace);
  made->set_level(spdlog::default_logger_raw()->level());
  return made;
}

}  // namespace

void set_log_name(std::string_view name) {
  if (place()->sinks().empty()) place()->set_sinks({make_sink(target())});
  spdlog::set_default_logger(make_logger(std::string(name)));
}

void set_log_file(const std::string& path, std::size_t max_bytes, std::size_t former_files) {
  const Target to{path, max_bytes, former_files};
  if (to.path == target().path && to.max_bytes == target().max_bytes && to.former_files == target().former_files) return;
  try {
    place()->set_sinks({make_sink(to)});
  } catch (const spdlog::spdlog_ex& e) {
    throw std::runtime_error(e.what());
  }
  target() = to;
}

void reopen_log() {
  if (target().path.empty()) return;
  try {
    place()->set_sinks({make_sink(target())});
  } catch (const spdlog::spdlog_ex& e) {
    log_error(std::string("the log goes on into the former file: ") + e.what());
  }
}

void set_log_level(std::string_view word) {
  auto level = spdlog::level::info;
  if (word == "DEBUG") level = spdlog::level::debug;
  if (word == "WARNING") level = spdlog::level::warn;
  if (word == "ERROR") level = spdlog::level::err;
  if (word == "CRITICAL") level = spdlog::level::critical;
  spdlog::default_logger_raw()->set_level(level);
}

void log_line(LogLevel level, std::string_view text) {
  spdlog::default_logger_raw()->log(to_spdlog(level), spdlog::string_view_t(text.data(), text.size()));
}

}  // namespace venturi
