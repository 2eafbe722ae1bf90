// Where the value of a secret setting comes from, in Airflow's forms: KEY itself, KEY_CMD (what a command prints) and KEY_FILE
// (what is in a file, as container platforms hand secrets over).
#pragma once

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

// Without blanks and line feeds at its end. Errors hold nothing of what was read.
[[nodiscard]] Result<std::string> read_secret_value(SecretForm form, const std::string& text);

}  // namespace venturi
