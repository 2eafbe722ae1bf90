// Files that are kept compressed: "x.log.gz" in place of "x.log".
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace venturi {

// Puts <path>.gz in the file's place, with its mode and its times. Until that is whole the file stays; a crash leaves the one
// or the other, or both with the same content.
[[nodiscard]] Result<void> gzip_in_place(const std::string& path);

// The content from a descriptor at its beginning, compressed or not. An error says what is wrong with it, or that it has more
// than `most` bytes.
[[nodiscard]] Result<std::string> gunzip(Fd file, const std::string& path, std::size_t most = std::size_t(-1));
// ... part by part; an error of `take` ends it.
[[nodiscard]] Result<void> gunzip(Fd file, const std::string& path, const std::function<Result<void>(std::string_view)>& take);

}  // namespace venturi
