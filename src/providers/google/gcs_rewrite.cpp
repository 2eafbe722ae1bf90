#include "providers/google/gcs_rewrite.h"

#include <utility>

#include <fmt/format.h>

namespace venturi::providers {

namespace asio = boost::asio;

asio::awaitable<void> copy_object(GcsClient& gcs, GcsPlace from, GcsPlace to, GcsCondition condition) {
  if (from == to)
    throw operators::TaskFailedForGood(fmt::format("{} cannot be copied to itself: give another destination", from.text()));
  for (std::string token;;) {
    GcsRewrite step = co_await gcs.rewrite(from, to, condition, token);
    gcs.context().log.info(fmt::format("Total Bytes: {} | Bytes Written: {}", step.size, step.written));
    if (step.is_done) co_return;
    token = std::move(step.token);
  }
}

}  // namespace venturi::providers
