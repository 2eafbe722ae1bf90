// A file of any size to Google Cloud Storage, in constant memory: a resumable upload (gcs_session.h), whose pieces are nothing
// until the last one is there. Where that fails, or the task is cancelled, it is given up: the object is there as a whole or
// not at all. One that the server does not know any more begins again, as an attempt of its own.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

#include "providers/google/gcs_client.h"
#include "providers/google/gcs_session.h"

namespace venturi::providers {

// How many bytes went there. Throws TaskFailed where the file cannot be read, or changes meanwhile.
[[nodiscard]] boost::asio::awaitable<std::uint64_t> upload_file(GcsClient& gcs, std::string path, GcsPlace place,
                                                                GcsUpload upload);

}  // namespace venturi::providers
