#include "providers/amazon/aws_try.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <span>
#include <utility>

#include "net/background.h"
#include "providers/amazon/aws_sts.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;

}  // namespace

AwsSource aws_source(const Arguments& arguments) {
  AwsSource source{.conn_id = arguments.string("aws_conn_id", "aws_default"),
                   .choice = {.region = arguments.string("region_name"), .verify = {}}};
  if (arguments.has("aws_conn_id") && arguments.find("aws_conn_id") == nullptr) source.conn_id.reset();
  if (const Value* verify = arguments.find("verify")) source.choice.verify = *verify;
  return source;
}

asio::awaitable<AwsSettings> settings_of_try(CallContext t, AwsSource source) {
  Connection connection;
  if (source.conn_id) connection = co_await t.host.connection(*source.conn_id);
  // Profiles are files.
  auto reading = [connection = std::move(connection), choice = std::move(source.choice)] {
    return aws_settings(connection, choice, net::process_environment());
  };
  AwsSettings settings = co_await net::in_background(std::move(reading));
  const std::array secrets{settings.credentials.secret_access_key, settings.credentials.session_token};
  t.log.add_secrets(std::span(secrets).first(secrets[1].empty() ? 1 : 2));
  if (!settings.role_arn.empty()) co_await assume_role(settings, &t.log);
  co_return settings;
}

asio::awaitable<void> pause_between(double seconds) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace venturi::providers
