#include "providers/amazon/aws_loan.h"

#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/json.h"
#include "base/percent.h"
#include "base/text.h"
#include "net/background.h"
#include "operators/outcome.h"
#include "providers/amazon/aws_call.h"
#include "providers/amazon/aws_sts.h"
#include "providers/amazon/aws_xml.h"
#include "providers/http/ask_again.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailed;
using Clock = std::chrono::system_clock;

constexpr std::size_t most_loan_answer = 1UL << 20U;
constexpr std::chrono::minutes renewed_before{5};  // the end; of shorter loans at half their time
constexpr const char* session_seconds = "21600";   // of a session with the metadata service

// Asks somebody on this machine: no proxy is in between, and nobody waits long for who is not there.
asio::awaitable<std::string> ask_machine(net::HttpRequest request, const AwsLender& lender, std::string what,
                                         operators::TryLog* log) {
  request.total_timeout = lender.timeout;
  request.follow_redirects = false;
  request.headers.emplace_back("User-Agent", "venturi/" VENTURI_VERSION);
  const RetryRule rule{.attempts = lender.attempts, .statuses = std::nullopt, .wait = 0.5, .max_wait = 2};
  for (int attempt = 1;; ++attempt) {
    const auto answer = co_await ask_once(request, most_loan_answer);
    if (answer && answer->head.status < 300) co_return answer->body;
    const std::string why = answer ? fmt::format("status {}", answer->head.status) : answer.error().text();
    const TaskFailed failed(fmt::format("AWS: {} gives no credentials: {}", what, why));
    if (answer && !rule.is_for(answer->head.status)) throw failed;
    co_await wait_to_ask_again(rule, failed, attempt, nullptr, log);
  }
}

struct Lent {
  AwsCredentials credentials;
  std::optional<Time> expires;
};

// {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}, of containers and instances alike.
Lent lent_in(const std::string& body, const std::string& what) {
  const auto json = parse_json(body);
  Lent lent;
  if (json) {
    lent.credentials = {json->get_string("AccessKeyId"), json->get_string("SecretAccessKey"), json->get_string("Token")};
    lent.expires = parse_time(json->get_string("Expiration"));
  }
  if (lent.credentials.access_key_id.empty() || lent.credentials.secret_access_key.empty())
    throw TaskFailed(fmt::format("AWS: the answer of {} has no credentials", what));
  return lent;
}

// Read anew each time: whoever writes it replaces it before it is over.
asio::awaitable<std::string> token_of_file(std::string path) {
  auto reading = [path] {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw TaskFailed("AWS: the file of the token cannot be read: " + path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string text = co_await net::in_background(std::move(reading));
  co_return std::string(trim(text));
}

void mask(operators::TryLog* log, std::string secret) {
  if (log == nullptr || secret.empty()) return;
  const std::array secrets{std::move(secret)};
  log->add_secrets(secrets);
}

asio::awaitable<Lent> of_container(const AwsLender& lender, operators::TryLog* log) {
  net::HttpRequest request;
  request.url = lender.url;
  std::string token = lender.token;
  if (!lender.token_file.empty()) token = co_await token_of_file(lender.token_file);
  mask(log, token);
  if (!token.empty()) request.headers.emplace_back("Authorization", token);
  const std::string what = "the container's agent at " + lender.url;
  co_return lent_in(co_await ask_machine(std::move(request), lender, what, log), what);
}

asio::awaitable<Lent> of_instance(const AwsLender& lender, operators::TryLog* log) {
  const std::string what = "the metadata service of EC2 (" + lender.url + ")";
  net::HttpRequest session;
  session.method = "PUT";
  session.url = lender.url + "/latest/api/token";
  session.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", session_seconds}};
  session.body = "";
  const std::string token = co_await ask_machine(std::move(session), lender, what, log);
  mask(log, token);
  net::HttpRequest request;
  request.url = lender.url + "/latest/meta-data/iam/security-credentials/";
  request.headers = {{"X-aws-ec2-metadata-token", token}};
  net::HttpRequest of_role = request;
  const std::string roles = co_await ask_machine(std::move(request), lender, what, log);
  const std::string role(trim(roles.substr(0, roles.find('\n'))));
  if (role.empty()) throw TaskFailed("AWS: the instance has no role: " + what);
  of_role.url += percent_encoded(role);
  co_return lent_in(co_await ask_machine(std::move(of_role), lender, what, log), what);
}

// The one call to Amazon that nobody signs.
asio::awaitable<Lent> of_web_identity(const AwsSettings& settings, operators::TryLog* log) {
  const AwsLender& lender = settings.lender;
  const std::string token = co_await token_of_file(lender.token_file);
  mask(log, token);
  net::QueryItems form{{"Action", "AssumeRoleWithWebIdentity"},
                       {"Version", "2011-06-15"},
                       {"RoleArn", lender.role_arn},
                       {"RoleSessionName", lender.session_name},
                       {"WebIdentityToken", token}};
  if (lender.role_seconds > 0) form.emplace_back("DurationSeconds", std::to_string(lender.role_seconds));
  const AwsPurpose purpose{.service = "sts", .shown = "STS: AssumeRoleWithWebIdentity"};
  net::HttpRequest request = settings.http.request;
  request.method = "POST";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                     {"User-Agent", "venturi/" VENTURI_VERSION}};
  request.body = net::form_encoded(form);
  request.shown_as = fmt::format("{} ({})", purpose.shown, origin_of_service(settings, "sts"));
  set_url(request, settings.http.settings, origin_of_service(settings, "sts") + "/");
  for (int attempt = 1;; ++attempt) {
    const auto answer = co_await ask_once(request, most_loan_answer);
    if (answer && answer->head.status < 300) {
      Lent lent{.credentials = {member_of_sts(answer->body, "AccessKeyId"), member_of_sts(answer->body, "SecretAccessKey"),
                                member_of_sts(answer->body, "SessionToken")},
                .expires = parse_time(xml_text(answer->body, "Expiration").value_or(""))};
      co_return lent;
    }
    if (answer) {
      const AwsRefused refused = aws_refusal(settings, purpose, *answer);
      if (!may_help_to_ask_again(settings, refused)) throw refused;
      co_await wait_to_ask_again(settings.retry, refused, attempt, &answer->head, log);
    } else {
      co_await wait_to_ask_again(settings.retry, TaskFailed(answer.error().text()), attempt, nullptr, log);
    }
  }
}

asio::awaitable<Lent> lent_by(const AwsSettings& settings, operators::TryLog* log) {
  switch (settings.lender.kind) {
    case AwsLender::Kind::container:
      co_return co_await of_container(settings.lender, log);
    case AwsLender::Kind::instance:
      co_return co_await of_instance(settings.lender, log);
    case AwsLender::Kind::web_identity:
      co_return co_await of_web_identity(settings, log);
    case AwsLender::Kind::none:
      break;
  }
  co_return Lent{.credentials = settings.credentials, .expires = std::nullopt};
}

// Nothing on this machine lends any: what a user is to do.
asio::awaitable<Lent> lent_or_said(const AwsSettings& settings, operators::TryLog* log) {
  std::string failed;
  try {
    co_return co_await lent_by(settings, log);
  } catch (const TaskFailed& e) {
    if (settings.lender.kind != AwsLender::Kind::instance) throw;
    failed = e.what();
  }
  throw TaskFailed(fmt::format("{}; {}", settings.lender.if_none, failed));
}

}  // namespace

asio::awaitable<void> renew_loan(const AwsSettings& settings, operators::TryLog* log, bool at_once) {
  if (settings.loan == nullptr) co_return;
  AwsLoan& loan = *settings.loan;
  if (!at_once && (!loan.renew_at || Clock::now() < *loan.renew_at)) co_return;
  AwsSettings base = settings;
  base.loan = nullptr;
  Lent lent = co_await lent_or_said(base, log);
  mask(log, lent.credentials.secret_access_key);
  mask(log, lent.credentials.session_token);
  if (!base.role_arn.empty()) {
    base.credentials = std::move(lent.credentials);
    lent.expires = co_await assume_role(base, log);
    lent.credentials = std::move(base.credentials);
  }
  loan.credentials = std::move(lent.credentials);
  loan.renew_at.reset();
  if (!lent.expires) co_return;
  const auto now = std::chrono::floor<Duration>(Clock::now());
  const auto lasts = *lent.expires - now;
  loan.renew_at = *lent.expires - std::min<Duration>(renewed_before, std::max<Duration>(lasts / 2, Duration(0)));
}

asio::awaitable<void> borrow_credentials(AwsSettings& settings, operators::TryLog* log) {
  if (settings.lender.kind == AwsLender::Kind::none && settings.role_arn.empty()) co_return;
  settings.loan = std::make_shared<AwsLoan>();
  co_await renew_loan(settings, log, true);
  settings.credentials = settings.loan->credentials;
}

}  // namespace venturi::providers
