// Pages of task instances, in their parts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "pages/page.h"

namespace venturi::pages {

// A log on disk, a page of lines at a time; without a page, the last one. `link` has what the addresses of the others begin
// with.
[[nodiscard]] Html log_of(const View& view, const std::filesystem::path& path, std::int64_t page, const std::string& link);
// Without the sequences that colour a terminal's text or move its cursor.
[[nodiscard]] std::string without_terminal_codes(std::string_view text);

}  // namespace venturi::pages
