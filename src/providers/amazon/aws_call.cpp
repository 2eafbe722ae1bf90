#include "providers/amazon/aws_call.h"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/crypto.h"
#include "net/request_turn.h"
#include "providers/amazon/aws_json.h"
#include "providers/amazon/aws_loan.h"
#include "providers/amazon/aws_xml.h"
#include "providers/http/ask_again.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailed;

// An answer is XML about at most 1000 objects.
constexpr std::size_t most_answer = 16UL << 20U;
constexpr int first_redirect = 300;

struct Hint {
  std::string_view code, text;
};
constexpr std::array hints{
    Hint{"InvalidAccessKeyId", "the access key (login) is not known there"},
    Hint{"InvalidClientTokenId", "the access key (login) is not known there"},
    Hint{"SignatureDoesNotMatch", "the secret of the access key (password) is another one"},
    Hint{"UnrecognizedClientException", "the access key (login) is not known there"},
    Hint{"InvalidSignatureException",
         "the secret of the access key (password) is another one, or this machine's clock is wrong"},
    Hint{"ExpiredToken", "the session token is over: credentials that last, or role_arn, need no new ones"},
    Hint{"ExpiredTokenException", "the session token is over: credentials that last, or role_arn, need no new ones"},
    Hint{"RequestTimeTooSkewed", "this machine's clock is wrong"},
    Hint{"AccessDenied", "the credentials count, but are not allowed to do this"},
    Hint{"AccessDeniedException", "the credentials count, but are not allowed to do this"},
    Hint{"IllegalLocationConstraintException", "the bucket lies in another region: set region_name"},
};
constexpr std::array<std::string_view, 10> busy{"SlowDown",
                                                "RequestTimeout",
                                                "InternalError",
                                                "ServiceUnavailable",
                                                "Throttling",
                                                "ThrottlingException",
                                                "TooManyRequestsException",
                                                "RequestLimitExceeded",
                                                "ReducedPower",
                                                "ThrottledException"};

std::string_view hint_of(std::string_view code) {
  const auto* found = std::ranges::find(hints, code, &Hint::code);
  return found == hints.end() ? std::string_view() : found->text;
}

// Credentials that were lent.
bool is_over(const AwsRefused& refused) {
  return refused.code == "ExpiredToken" || refused.code == "ExpiredTokenException" || refused.code == "RequestExpired";
}

bool is_taken(const AwsAnswer& answer, const AwsPurpose& purpose) {
  if (std::ranges::find(purpose.accepts, answer.head.status) != purpose.accepts.end()) return true;
  if (answer.head.status >= first_redirect) return false;
  return !purpose.may_fail_with_200 || !is_error_document(answer.body);
}

}  // namespace

net::HttpRequest aws_http_request(const AwsSettings& settings, AwsRequest request, const AwsPurpose& purpose) {
  net::HttpRequest http = settings.http.request;
  http.shown_as = fmt::format("{} ({})", purpose.shown, request.origin);
  http.decompress = false;  // an object that was stored compressed stays so, and sizes are those that S3 says
  const AwsCredentials& credentials = settings.loan == nullptr ? settings.credentials : settings.loan->credentials;
  set_signed(http, std::move(request), credentials, {settings.region, purpose.service},
             std::chrono::floor<Duration>(std::chrono::system_clock::now()));
  http.headers.emplace_back("User-Agent", "venturi/" VENTURI_VERSION);
  set_url(http, settings.http.settings, std::string(http.url));
  return http;
}

AwsRefused aws_refusal(const AwsSettings& settings, const AwsPurpose& purpose, const AwsAnswer& answer) {
  AwsErrorText error = answer.body.starts_with('{') ? aws_json_error_text(answer.body) : aws_error_text(answer.body);
  for (const char* name : {"x-amz-request-id", "x-amzn-requestid"}) {
    if (error.request_id.empty()) error.request_id = answer.head.header(name);
  }
  // An answer to HEAD has no body.
  std::string text = fmt::format("{}: {}", purpose.shown, error.code.empty() ? answer.head.reason : error.code);
  if (!error.message.empty()) text += ": " + error.message;
  text += fmt::format(" (status {}", answer.head.status);
  if (!error.request_id.empty()) text += ", request id " + error.request_id;
  text += ")";
  std::string hint(hint_of(error.code));
  // In the answer where the bucket lies somewhere else.
  if (const auto region = answer.head.header("x-amz-bucket-region"); !region.empty() && region != settings.region)
    hint = fmt::format("the bucket lies in {}: set region_name", region);
  if (!hint.empty()) text += "; " + hint;
  if (!hint.empty() && !settings.conn_id.empty()) text += ": connection " + settings.conn_id;
  return {text, answer.head.status, std::move(error.code)};
}

bool may_help_to_ask_again(const AwsSettings& settings, const AwsRefused& refused) {
  return settings.retry.is_for(refused.status) || std::ranges::find(busy, refused.code) != busy.end();
}

asio::awaitable<AwsAnswer> call_aws(const AwsSettings& settings, AwsRequest request, AwsPurpose purpose,
                                    operators::TryLog* log) {
  // It may be a part of a large file: it moves, and lies in memory once.
  std::optional<std::string> body = std::exchange(request.body, std::nullopt);
  if (body && request.body_sha256.empty()) request.body_sha256 = sha256_hex(*body);
  bool is_renewed = false;
  for (int attempt = 1;; ++attempt) {
    co_await renew_loan(settings, log, false);
    std::optional<net::RequestTurn> turn(co_await net::RequestTurn::take(request.origin));
    net::HttpRequest http = aws_http_request(settings, request, purpose);
    http.body = std::move(body);
    if (purpose.begins_for != nullptr) co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    Result<AwsAnswer> answer = co_await ask_once(http, most_answer);
    body = std::move(http.body);
    turn.reset();
    if (purpose.begins_for != nullptr) {
      co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
      if (purpose.begins_for->cancelled && !(answer && is_taken(*answer, purpose)))
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    if (!answer) {
      co_await wait_to_ask_again(settings.retry, TaskFailed(answer.error().text()), attempt, nullptr, log);
      continue;
    }
    if (is_taken(*answer, purpose)) co_return *std::move(answer);
    AwsRefused refused = aws_refusal(settings, purpose, *answer);
    if (settings.loan != nullptr && !is_renewed && is_over(refused)) {
      is_renewed = true;
      --attempt;
      co_await renew_loan(settings, log, true);
      continue;
    }
    // Thrown as it is: callers look at its code.
    if (!may_help_to_ask_again(settings, refused) || attempt >= settings.retry.attempts) throw refused;
    co_await wait_to_ask_again(settings.retry, refused, attempt, &answer->head, log);
  }
}

}  // namespace venturi::providers
