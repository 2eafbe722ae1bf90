// Text files that are compressed: the arguments `compression` (of what is written) and `source_compression` (of what is read).
//
//   infer   the default, by the file's ending as pandas does: .gz is gzip
//   gzip    whatever its name
//   none    as it is
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "operators/arguments.h"
#include "sdk/csv_reader.h"

namespace venturi::providers {

enum class Compression : std::uint8_t { none, gzip };

// Throws TaskFailedForGood for a word, or a file's ending, of what is not there.
[[nodiscard]] Compression compression_of(const operators::Arguments& arguments, std::string_view argument,
                                         const std::string& path);

// What gzip packed; throws TaskFailed naming the file and the byte where it is damaged or ends early.
[[nodiscard]] CsvSource unpacked(CsvSource source, std::string path);

}  // namespace venturi::providers
