// Whole files that fit into memory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace venturi {

// Nothing where there is no such file; an error where it has more than `limit` bytes.
[[nodiscard]] Result<std::optional<std::string>> read_small_file(const std::filesystem::path& path,
                                                                 std::size_t limit = std::size_t{1} << 20);
// 0600, whole and on disk (file and folder synced), or not at all. Nobody else may write the same file meanwhile.
[[nodiscard]] Result<void> write_private_file(const std::filesystem::path& path, std::string_view content);

}  // namespace venturi
