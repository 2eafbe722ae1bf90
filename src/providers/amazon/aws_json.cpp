#include "providers/amazon/aws_json.h"

#include <memory>
#include <utility>

#include "base/json.h"
#include "providers/amazon/aws_call.h"
#include "providers/http/http_call.h"

namespace venturi::providers {

namespace asio = boost::asio;

AwsErrorText aws_json_error_text(const std::string& body) {
  const auto parsed = parse_json(body);
  if (!parsed) return {};
  // "com.amazonaws.redshiftdata#ValidationException" or the name alone; some services write Message.
  std::string code = parsed->get_string("__type");
  if (const auto sign = code.rfind('#'); sign != std::string::npos) code.erase(0, sign + 1);
  std::string message = parsed->get_string("message");
  if (message.empty()) message = parsed->get_string("Message");
  return {std::move(code), std::move(message), {}};
}

asio::awaitable<Value> call_aws_json(const AwsSettings& settings, AwsAction action, Object body, operators::TryLog* log) {
  AwsRequest request{.method = "POST",
                     .origin = origin_of_service(settings, action.service),
                     .headers = {{"Content-Type", "application/x-amz-json-1.1"}, {"X-Amz-Target", action.target}},
                     .body = to_json(Value(std::move(body)))};
  AwsPurpose purpose{.service = action.service, .shown = action.shown, .begins_for = action.begins_for};
  AwsAnswer answer = co_await call_aws(settings, std::move(request), std::move(purpose), log);
  const auto text = std::make_shared<const std::string>(std::move(answer.body));
  co_return co_await parsed_json(text, std::move(action.shown));
}

}  // namespace venturi::providers
