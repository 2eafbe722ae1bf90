// The log of a task: each call is a line of JSON on the log socket, and is in the log when it returned.
//
//   context.log().info("counted ", n, " orders");                      parts are put together
//   context.log().warning("no orders", {{"file", path}, {"rows", 0}});   further members of the line
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "venturi/time.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

namespace detail {
class LogSink;

// A piece of a message; refers to what it was made from.
class LogPart {
 public:
  LogPart(std::string_view text) : kind_(Kind::text), text_{text.data(), text.size()} {}
  LogPart(const std::string& text) : LogPart(std::string_view(text)) {}
  LogPart(const char* text) : LogPart(std::string_view(text)) {}
  LogPart(bool b) : LogPart(b ? std::string_view("true") : std::string_view("false")) {}
  LogPart(char c) : kind_(Kind::character), integer_(c) {}
  template <std::integral T>
  LogPart(T n) : kind_(std::is_signed_v<T> ? Kind::integer : Kind::natural), integer_(static_cast<std::int64_t>(n)) {}
  LogPart(double d) : kind_(Kind::real), real_(d) {}
  LogPart(Time t) : kind_(Kind::time), integer_(t.time_since_epoch().count()) {}
  LogPart(const Value& v) : kind_(Kind::value), value_(&v) {}
  void append_to(std::string& message) const;

 private:
  enum class Kind : std::uint8_t { text, character, integer, natural, real, time, value };
  struct Text {
    const char* data;
    std::size_t size;
  };
  Kind kind_;
  union {
    Text text_;
    std::int64_t integer_;
    double real_;
    const Value* value_;
  };
};
}  // namespace detail

enum class LogLevel : std::uint8_t { debug, info, warning, error, critical };

class Logger {
 public:
  explicit Logger(detail::LogSink& sink) : sink_(&sink) {}

  template <class... P>
    requires(std::convertible_to<const P&, detail::LogPart> && ...)
  void debug(const P&... parts) const {
    write(LogLevel::debug, {parts...});
  }
  template <class... P>
    requires(std::convertible_to<const P&, detail::LogPart> && ...)
  void info(const P&... parts) const {
    write(LogLevel::info, {parts...});
  }
  template <class... P>
    requires(std::convertible_to<const P&, detail::LogPart> && ...)
  void warning(const P&... parts) const {
    write(LogLevel::warning, {parts...});
  }
  template <class... P>
    requires(std::convertible_to<const P&, detail::LogPart> && ...)
  void error(const P&... parts) const {
    write(LogLevel::error, {parts...});
  }
  void debug(std::string_view message, const Object& members) const { write(LogLevel::debug, {message}, &members); }
  void info(std::string_view message, const Object& members) const { write(LogLevel::info, {message}, &members); }
  void warning(std::string_view message, const Object& members) const { write(LogLevel::warning, {message}, &members); }
  void error(std::string_view message, const Object& members) const { write(LogLevel::error, {message}, &members); }

  // Members that the line has already (timestamp, level, event, the ids) are left out.
  void write(LogLevel level, std::initializer_list<detail::LogPart> parts, const Object* members = nullptr) const;

 private:
  detail::LogSink* sink_;
};

}  // namespace venturi::inline sdk
