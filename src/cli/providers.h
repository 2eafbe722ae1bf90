// The built-in operators, notifiers and hooks, by the system that they are for.
#pragma once

#include <string_view>
#include <vector>

namespace venturi::cli {

struct Provider {
  std::string_view name, description;
  std::string_view connection_type, hook, notifier;  // empty: it has none
  std::vector<std::string_view> operators;
};

[[nodiscard]] const std::vector<Provider>& providers();

}  // namespace venturi::cli
