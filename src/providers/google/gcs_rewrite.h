// A copy on the server, of any size: step by step where the two places are far from each other.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "providers/google/gcs_client.h"

namespace venturi::providers {

// Throws TaskFailedForGood where both are the same place.
[[nodiscard]] boost::asio::awaitable<void> copy_object(GcsClient& gcs, GcsPlace from, GcsPlace to, GcsCondition condition);

}  // namespace venturi::providers
