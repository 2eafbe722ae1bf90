// An object of any size into a file, in constant memory.
//
//   connection broken after some bytes ─▶ goes on from there: Range: bytes=N-, If-Match: its tag
//   (206: the same object; 412: it was replaced meanwhile: from the beginning)
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

#include "providers/amazon/s3_client.h"
#include "providers/http/download_target.h"

namespace venturi::providers {

// The file appears under its name when it is complete. How many bytes it has.
[[nodiscard]] boost::asio::awaitable<std::uint64_t> download_file(S3Client& s3, S3Place place, std::string path);

// The same into whatever takes it; what is there of it when it throws is the caller's to take back.
[[nodiscard]] boost::asio::awaitable<void> receive_object(S3Client& s3, S3Place place, DownloadTarget& target);

}  // namespace venturi::providers
