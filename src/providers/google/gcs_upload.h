// A file of any size to Google Cloud Storage, in constant memory: a resumable upload, whose pieces are nothing until the last
// one is there. Where that fails, or the task is cancelled, it is given up: the object is there as a whole or not at all.
//
//   POST .../o?uploadType=resumable       ─▶ an address that stands for the upload: a secret
//   PUT  it, Content-Range: bytes 0-N/S   ─▶ 308, Range: bytes=0-M   M+1 bytes are there: the next piece begins behind them
//   no answer, 408, 429, 5xx              ─▶ PUT it, Content-Range: bytes */S: how many are there?
//   404, 410                              ─▶ it is over: from the beginning, as an attempt of its own
//   200                                   ─▶ the object, whose CRC-32C must be that of what was read
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

#include "providers/google/gcs_client.h"

namespace venturi::providers {

struct GcsUpload {
  std::string mime_type = "application/octet-stream";
  std::uint64_t piece_bytes = 8UL << 20U;  // a multiple of 256 KiB
};
inline constexpr std::uint64_t gcs_piece_unit = 256UL << 10U;

// How many bytes went there. Throws TaskFailed where the file cannot be read, or changes meanwhile.
[[nodiscard]] boost::asio::awaitable<std::uint64_t> upload_file(GcsClient& gcs, std::string path, GcsPlace place,
                                                                GcsUpload upload);

// As Google writes it: base64 of the four bytes, the largest first.
[[nodiscard]] std::string crc32c_text(std::uint32_t crc);

}  // namespace venturi::providers
