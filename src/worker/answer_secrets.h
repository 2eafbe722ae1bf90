// What must not appear in a try's log of what the task host gave to it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/masking.h"
#include "venturi/value.h"

namespace venturi::worker {

// Airflow's rule for names whose values are secret (airflow/_shared/secrets_masker: DEFAULT_SENSITIVE_FIELDS).
[[nodiscard]] bool is_sensitive_name(std::string_view name);

// Of a ConnectionResult the password, the whole extra, and the members of extra with sensitive names; of a VariableResult
// with a sensitive key its value. Nothing of other messages.
[[nodiscard]] std::vector<std::string> secrets_of_answer(const Value& body);

// The value with the secrets in its strings masked: of a task's SetRenderedFields, whose templates may have asked for some.
[[nodiscard]] Value masked(const Masker& masker, const Value& value);

// All strings in the value of a MaskSecret.
[[nodiscard]] std::vector<std::string> strings_in(const Value& value);

}  // namespace venturi::worker
