// libFuzzer target: no input may do worse than be refused, whatever pieces it comes in.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "sdk/csv_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t piece = 1 + data[0];
  const char* at = reinterpret_cast<const char*>(data) + 1;
  const char* const end = reinterpret_cast<const char*>(data) + size;
  try {
    venturi::CsvReader reader("fuzz.csv",
                              [&](char* to, std::size_t capacity) {
                                const std::size_t n = std::min({piece, capacity, static_cast<std::size_t>(end - at)});
                                std::copy_n(at, n, to);
                                at += n;
                                return n;
                              },
                              {.delimiter = ',', .max_field_bytes = 256});
    std::size_t bytes = 0;
    while (reader.next())
      for (const venturi::CsvField& field : reader.fields())
        for (const char c : field.text) bytes += static_cast<unsigned char>(c);
    if (bytes == SIZE_MAX) __builtin_trap();  // so that every byte is read
  } catch (const venturi::CsvError&) {}
  return 0;
}
