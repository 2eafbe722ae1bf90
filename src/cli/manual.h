// Manual pages from the table of commands: venturi(1), and one for each group, venturi-dags(1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace venturi::cli {

struct ManualPage {
  std::string file;  // "venturi-dags.1"
  std::string text;  // of man(7)
};

// `date`: "2026-01-31".
[[nodiscard]] std::vector<ManualPage> manual_pages(std::string_view date);

}  // namespace venturi::cli
