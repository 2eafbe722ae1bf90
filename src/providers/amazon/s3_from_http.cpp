// HttpToS3Operator: the body of an answer becomes an object, on its way through one part's memory.
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "providers/amazon/s3.h"
#include "providers/amazon/s3_arguments.h"
#include "providers/amazon/s3_client.h"
#include "providers/amazon/s3_sink.h"
#include "providers/http/http_download.h"

namespace venturi::providers {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;

asio::awaitable<Value> run_http_to_s3(OperatorTry& t, Arguments arguments) {
  const S3Place place = s3_place(arguments, "s3_bucket", "s3_key");
  RetryRule rule = retry_rule(arguments, download_attempts);
  const auto call = co_await HttpCall::make(t, arguments, "GET", "data");
  const auto s3 = co_await S3Client::make(t, arguments);
  co_await check_is_free(*s3, place, arguments.boolean("replace", false));
  HttpDownload download(t, call, std::move(rule));
  t.log.info(fmt::format("{} to {}", download.shown(), place.text()));
  const auto make = [s3, place, headers = object_headers(arguments)] { return std::make_shared<S3Sink>(s3, place, headers); };
  SinkTarget target(make);
  co_await download_into(download, target);
  t.log.info(fmt::format("{}: {} bytes", place.text(), target.size()));
  co_return Value();
}

}  // namespace venturi::providers
