// The bytes of a run file, drawn at the top of run_file.cpp: what writer and reader share.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "venturi/run_file.h"

namespace venturi::inline sdk::internal {

static_assert(std::endian::native == std::endian::little, "run files are little-endian and written from memory");

inline constexpr std::string_view run_file_magic{"VNTRRUN\x01", 8};  // the last byte is the version of the format
inline constexpr std::string_view run_file_end{"VNTREND\n", 8};
inline constexpr std::size_t block_bytes = 256UL << 10;  // a block is closed by the row that makes it larger
inline constexpr std::size_t block_header_bytes = 12;
inline constexpr std::size_t footer_bytes = 4 + 8 + 4 + 8;
// No writer makes larger ones (a row holds several cells of at most max_cell_bytes): guards memory against a damaged length.
inline constexpr std::size_t max_block_bytes = 1UL << 30;
inline constexpr std::size_t max_columns = 4096;

template <class T>
void store(char* to, T value) {
  std::memcpy(to, &value, sizeof(T));
}
template <class T>
[[nodiscard]] T load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

}  // namespace venturi::inline sdk::internal
