// An object as another one, copied by S3 itself, of any size.
//
//   up to 5 GiB (s3.multipart_threshold of the connection's config_kwargs)  ─▶ CopyObject
//   larger ones  ─▶ a multipart upload whose parts are ranges of the object that was looked at (x-amz-copy-source-if-match);
//                   aborted where it fails: the object is there as a whole or not at all
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

#include "net/http_request.h"
#include "providers/amazon/s3_client.h"

namespace venturi::providers {

struct S3Copy {
  S3Place from, to;
  std::string version = {};       // of the source; empty: the current one
  net::HttpHeaders headers = {};  // of the copy
  bool keeps_metadata = true;     // those of the source, beside them
};

[[nodiscard]] boost::asio::awaitable<void> copy_object(S3Client& s3, S3Copy copy);

}  // namespace venturi::providers
