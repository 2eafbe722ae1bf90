// Microsoft Teams over a webhook of its Workflows, as an adaptive card. Airflow has no notifier for it. The connection (default
// teams_default, any type) has the webhook's URL in its password; extra: timeout (30), proxy.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "operators/registry.h"

namespace venturi::providers {

// Of `title` and `text`, or of a whole `card`. Without any it tells DAG, run, task, try, error and log.
[[nodiscard]] boost::asio::awaitable<void> notify_teams(operators::Notification& n, operators::Arguments arguments);

}  // namespace venturi::providers
