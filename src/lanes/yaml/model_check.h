// What the model says of a serialized DAG, with the task that it is about.
#pragma once

#include <optional>
#include <string>

#include "venturi/value.h"

namespace venturi::lanes::yaml {

struct ModelError {
  std::string task_id;  // empty: of the whole DAG
  std::string what, hint;
};
[[nodiscard]] std::optional<ModelError> model_error(const Value& serialized);

}  // namespace venturi::lanes::yaml
