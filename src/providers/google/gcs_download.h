// An object of any size into a file, in constant memory.
//
//   connection broken after some bytes ─▶ goes on from there: Range: bytes=N-, of the same generation
//   (206: the same object; 404: it was replaced meanwhile: from the beginning)
//
// Google's CRC-32C is compared at the end. An object that is stored compressed (Content-Encoding: gzip) arrives unpacked, as
// with Airflow: neither can be done then.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

#include "providers/google/gcs_client.h"

namespace venturi::providers {

// The file appears under its name when it is complete. How many bytes it has.
[[nodiscard]] boost::asio::awaitable<std::uint64_t> download_file(GcsClient& gcs, GcsPlace place, std::string path);

}  // namespace venturi::providers
