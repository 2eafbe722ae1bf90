// Slack over an incoming webhook: Airflow's SlackWebhookNotifier, over a connection of type slackwebhook (default
// slack_default).
//
//   password   the token T000/B000/XXX, or the whole URL
//   host       hooks.slack.com/services, with or without a scheme; schema: https
//   extra      timeout (30), proxy
#pragma once

#include <boost/asio/awaitable.hpp>

#include "operators/registry.h"

namespace venturi::providers {

// Without a text it tells DAG, run, task, try, error and log.
[[nodiscard]] boost::asio::awaitable<void> notify_slack(operators::Notification& n, operators::Arguments arguments);

}  // namespace venturi::providers
