// Arguments that several operators of S3 have.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "net/http_request.h"
#include "operators/arguments.h"
#include "providers/amazon/s3_client.h"

namespace venturi::providers {

// encrypt and acl_policy.
[[nodiscard]] net::HttpHeaders object_headers(const operators::Arguments& arguments);

// Airflow's load_*(): what is there already is kept, unless it says `replace`. Throws TaskFailed.
[[nodiscard]] boost::asio::awaitable<void> check_is_free(S3Client& s3, S3Place place, bool may_replace);

}  // namespace venturi::providers
