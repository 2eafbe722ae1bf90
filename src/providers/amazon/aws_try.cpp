#include "providers/amazon/aws_try.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <map>
#include <utility>

#include "net/background.h"
#include "providers/amazon/aws_loan.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;

// Less than credentials last that are lent for some time.
constexpr std::chrono::minutes kept_for{5};

struct KeptSettings {
  struct Entry {
    AwsSettings settings;
    std::chrono::steady_clock::time_point until;
  };
  std::map<std::string, Entry> of;
};

}  // namespace

AwsSource aws_source(const Arguments& arguments) {
  AwsSource source{.conn_id = arguments.string("aws_conn_id", "aws_default"),
                   .choice = {.region = arguments.string("region_name"), .verify = {}}};
  if (arguments.has("aws_conn_id") && arguments.find("aws_conn_id") == nullptr) source.conn_id.reset();
  if (const Value* verify = arguments.find("verify")) source.choice.verify = *verify;
  return source;
}

AwsSource aws_source(const operators::HookCall& call) {
  AwsSource source{
      .conn_id = call.conn_id,
      .choice = {.region = call.arguments.get_string("region_name"), .verify = call.arguments.get_value("verify")}};
  if (call.conn_id.empty()) source.conn_id.reset();
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
  const AwsCredentials& keys = settings.credentials;
  for (const std::string& secret : {keys.secret_access_key, keys.session_token}) {
    if (!secret.empty()) t.log.add_secrets(std::array{secret});
  }
  co_await borrow_credentials(settings, &t.log);
  co_return settings;
}

asio::awaitable<AwsSettings> settings_of_hook(operators::HookSession& session, const operators::HookCall& call) {
  AwsSource source = aws_source(call);
  const std::string key = to_json(Array{call.conn_id, source.choice.region, source.choice.verify});
  const auto kept = session.state<KeptSettings>("aws");
  const auto now = std::chrono::steady_clock::now();
  if (const auto found = kept->of.find(key); found != kept->of.end() && found->second.until > now)
    co_return found->second.settings;
  AwsSettings settings = co_await settings_of_try(session, std::move(source));
  kept->of.insert_or_assign(key, KeptSettings::Entry{settings, now + kept_for});
  co_return settings;
}

operators::HookFailed failed_hook(const AwsRefused& refused) {
  return {refused.what(), Object{{"code", refused.code}, {"status", refused.status}}};
}

asio::awaitable<void> pause_between(double seconds) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace venturi::providers
