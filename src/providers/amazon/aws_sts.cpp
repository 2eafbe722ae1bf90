#include "providers/amazon/aws_sts.h"

#include <array>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "net/http_url.h"
#include "providers/amazon/aws_loan.h"
#include "providers/amazon/aws_query.h"
#include "providers/amazon/aws_xml.h"
#include "providers/http/tested_connection.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;

asio::awaitable<std::string> ask_sts(const AwsSettings& settings, net::QueryItems form, operators::TryLog* log) {
  return call_aws_query(settings, {.service = "sts", .version = "2011-06-15", .shown = "STS"}, std::move(form), log);
}

asio::awaitable<std::string> identity(AwsSettings& settings) {
  co_await borrow_credentials(settings, nullptr);
  co_return co_await caller_arn(settings, nullptr);
}

}  // namespace

asio::awaitable<std::optional<Time>> assume_role(AwsSettings& settings, operators::TryLog* log) {
  net::QueryItems form{
      {"Action", "AssumeRole"}, {"RoleArn", settings.role_arn}, {"RoleSessionName", settings.role_session_name}};
  if (!settings.external_id.empty()) form.emplace_back("ExternalId", settings.external_id);
  if (settings.role_seconds > 0) form.emplace_back("DurationSeconds", std::to_string(settings.role_seconds));
  const std::string body = co_await ask_sts(settings, std::move(form), log);
  settings.credentials = {member_of_sts(body, "AccessKeyId"), member_of_sts(body, "SecretAccessKey"),
                          member_of_sts(body, "SessionToken")};
  if (log != nullptr) {
    const std::array secrets{settings.credentials.secret_access_key, settings.credentials.session_token};
    log->add_secrets(secrets);
  }
  co_return parse_time(xml_text(body, "Expiration").value_or(""));
}

std::string member_of_sts(const std::string& body, const std::string& name) {
  return member_of_answer(body, name, "STS");
}

asio::awaitable<std::string> caller_arn(const AwsSettings& settings, operators::TryLog* log) {
  co_return member_of_sts(co_await ask_sts(settings, {{"Action", "GetCallerIdentity"}}, log), "Arn");
}

operators::ConnectionTest test_aws_connection(const Connection& connection) {
  constexpr std::chrono::seconds patience{15};
  AwsSettings settings = aws_settings(connection, {}, net::process_environment());
  settings.retry.attempts = 1;
  settings.http.request.connect_timeout = settings.http.request.idle_timeout = settings.http.request.total_timeout = patience;
  return tested(identity(settings));
}

}  // namespace venturi::providers
