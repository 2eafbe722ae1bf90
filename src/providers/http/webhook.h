// What notifiers over HTTP have in common: a message of JSON, sent with a key by which a receiver drops what comes twice.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

#include "model/connection.h"
#include "net/http_request.h"
#include "operators/operator_try.h"
#include "venturi/value.h"

namespace venturi::providers {

// Of the header Idempotency-Key: the same each time that this message is sent, another one for each notifier of an event.
[[nodiscard]] std::string idempotency_key(const operators::Notification& n);

// Airflow's SlackWebhookHook: the token in the connection's password, which is a URL or stands behind host (with its scheme, or
// the field schema, "https"). Throws TaskFailed where there is none.
[[nodiscard]] std::string webhook_url(const Connection& connection, const std::string& host_otherwise);

struct Webhook {
  std::string url;
  std::string shown_as;  // the URL is a secret
  double timeout = 30;   // seconds, of the connection and of each silence
  std::string proxy;     // empty: that of the environment
  bool verify = true;
};
// What the connection's extra says of it (timeout, proxy, verify) and the arguments timeout and proxy, which come first.
[[nodiscard]] Webhook webhook_of(const Connection& connection, const operators::Arguments& arguments, std::string url,
                                 std::string shown_as);
// The answer's status and text. Throws TaskFailed where there is none, or one of 300 and above; the error has its beginning.
[[nodiscard]] boost::asio::awaitable<std::string> post_webhook(operators::Notification& n, Webhook webhook, Value message);

}  // namespace venturi::providers
