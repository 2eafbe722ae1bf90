// The programs that belong to this one.
#pragma once

#include <string>

#include "base/result.h"

namespace venturi::cli {

struct Programs {
  std::string worker;
  std::string operator_host;  // empty: there is none, and built-in operators cannot run
};
[[nodiscard]] Result<Programs> find_programs();

}  // namespace venturi::cli
