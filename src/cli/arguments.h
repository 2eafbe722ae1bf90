// What stands behind a command, read and checked by the types of the command's table row.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/command.h"
#include "venturi/value.h"

namespace venturi::cli {

// Asking for a key that the command's row does not have is a broken invariant: std::logic_error.
class Arguments {
 public:
  explicit Arguments(const Command& command) : command_(&command) {}

  // Whether it was written: a default does not count.
  [[nodiscard]] bool has(std::string_view key) const;
  // What was written, or the default; the empty string where there is neither.
  [[nodiscard]] std::string text(std::string_view key) const;
  // Nothing where it was not written.
  [[nodiscard]] std::optional<std::string> maybe(std::string_view key) const;
  [[nodiscard]] std::int64_t integer(std::string_view key) const;
  // The object; null where it was not written.
  [[nodiscard]] Value json(std::string_view key) const;

  [[nodiscard]] const Command& command() const { return *command_; }

 private:
  friend Result<Arguments> parse_arguments(const Command& command, std::span<const char* const> words);
  [[nodiscard]] const Parameter& parameter(std::string_view key) const;

  const Command* command_;  // in command_table()
  std::map<std::string, std::string, std::less<>> values_;
};

// `words` follow the command's own. An error says what is wrong with them, and names the nearest option for one that is
// unknown.
[[nodiscard]] Result<Arguments> parse_arguments(const Command& command, std::span<const char* const> words);

}  // namespace venturi::cli
