// Where the value of a secret setting comes from, in Airflow's forms: KEY itself, KEY_CMD (what a command prints) and KEY_FILE
// (what is in a file, as container platforms hand secrets over).
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace venturi {

enum class SecretForm { plain, command, file };

// "core.fernet_key_cmd" is the key "core.fernet_key" by a command. Other names are left as they are.
struct SecretName {
  std::string key;
  SecretForm form = SecretForm::plain;
};
[[nodiscard]] SecretName secret_name(std::string_view dotted);

// How long a command may take: one that asks another machine, or a person, for longer would hold up every start.
inline constexpr std::chrono::milliseconds secret_command_limit = std::chrono::seconds(30);
// Without blanks and line feeds at its end. Errors hold nothing of what was read. A command that has not ended after `limit` is
// killed with what it has started.
[[nodiscard]] Result<std::string> read_secret_value(SecretForm form, const std::string& text,
                                                    std::chrono::milliseconds limit = secret_command_limit);

}  // namespace venturi
