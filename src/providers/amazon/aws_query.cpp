#include "providers/amazon/aws_query.h"

#include <utility>

#include <fmt/format.h>

#include "operators/outcome.h"
#include "providers/amazon/aws_call.h"
#include "providers/amazon/aws_xml.h"

namespace venturi::providers {

namespace asio = boost::asio;
using operators::TaskFailed;

asio::awaitable<std::string> call_aws_query(const AwsSettings& settings, AwsQueryService service, net::QueryItems form,
                                            operators::TryLog* log) {
  AwsPurpose purpose{.service = service.service, .shown = fmt::format("{}: {}", service.shown, form.front().second)};
  form.emplace_back("Version", std::move(service.version));
  AwsRequest request{.method = "POST",
                     .origin = origin_of_service(settings, service.service),
                     .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
                     .body = net::form_encoded(form)};
  AwsAnswer answer = co_await call_aws(settings, std::move(request), std::move(purpose), log);
  co_return std::move(answer.body);
}

std::string member_of_answer(const std::string& body, const std::string& name, const std::string& shown) {
  auto text = xml_text(body, name);
  if (!text) throw TaskFailed(fmt::format("{}: {}", shown, text.error().text()));
  if (text->empty()) throw TaskFailed(fmt::format("{}: the answer has no {}", shown, name));
  return *std::move(text);
}

}  // namespace venturi::providers
