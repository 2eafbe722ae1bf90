#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <string>

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

std::shared_ptr<spdlog::logger> make_logger(const std::string& name) {
  auto made = std::make_shared<spdlog::logger>(name, std::make_shared<spdlog::sinks::stderr_sink_mt>());
  made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %n: %v", spdlog::pattern_time_type::utc);
  made->flush_on(spdlog::level::trace);
  return made;
}

}  // namespace

void set_log_name(std::string_view name) {
  auto made = make_logger(std::string(name));
  made->set_level(spdlog::default_logger_raw()->level());
  spdlog::set_default_logger(std::move(made));
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
