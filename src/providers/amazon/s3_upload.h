// A file of any size to S3, in constant memory: what is no larger than a part goes in one request, the rest as a multipart
// upload, whose parts are nothing until it is completed. Where that fails, or the task is cancelled, it is aborted: the object
// is there as a whole or not at all, and no parts are left that cost money.
//
// S3 takes 10,000 parts: those of files beyond 80 GB are larger than 8 MiB. Each part is sent with its SHA-256, which S3
// checks.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

#include "net/http_request.h"
#include "providers/amazon/s3_client.h"

namespace venturi::providers {

// How many bytes went there. Throws TaskFailed where the file cannot be read, or changes its size meanwhile.
[[nodiscard]] boost::asio::awaitable<std::uint64_t> upload_file(S3Client& s3, std::string path, S3Place place,
                                                                net::HttpHeaders headers);

// Of an upload that failed: one attempt, within seconds; what stays with S3 then is told in the log. Never throws.
[[nodiscard]] boost::asio::awaitable<void> abandon_upload(S3Client& s3, S3Place place, std::string upload);

// The size of the parts of such a file; zero: it is too large for what an operator may hold.
[[nodiscard]] std::uint64_t part_bytes_of(std::uint64_t size);

}  // namespace venturi::providers
