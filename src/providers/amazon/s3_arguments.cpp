#include "providers/amazon/s3_arguments.h"

#include <fmt/format.h>

#include "operators/outcome.h"

namespace venturi::providers {

net::HttpHeaders object_headers(const operators::Arguments& arguments) {
  net::HttpHeaders headers;
  if (arguments.boolean("encrypt", false)) headers.emplace_back("x-amz-server-side-encryption", "AES256");
  if (const std::string acl = arguments.string("acl_policy"); !acl.empty()) headers.emplace_back("x-amz-acl", acl);
  return headers;
}

boost::asio::awaitable<void> check_is_free(S3Client& s3, S3Place place, bool may_replace) {
  if (may_replace) co_return;
  if (co_await s3.head(place))
    throw operators::TaskFailed(fmt::format("The key {} already exists (replace=true overwrites it)", place.text()));
}

}  // namespace venturi::providers
