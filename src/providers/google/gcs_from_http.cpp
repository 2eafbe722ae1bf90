// HttpToGCSOperator: the body of an answer becomes an object, on its way through one piece's memory.
#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/google/gcs.h"
#include "providers/google/gcs_arguments.h"
#include "providers/google/gcs_client.h"
#include "providers/google/gcs_sink.h"
#include "providers/http/http_download.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailedForGood;

constexpr std::uint64_t most_sink_piece = 16UL << 20U;

GcsUpload upload_of_http(const Arguments& arguments) {
  GcsUpload upload;
  upload.mime_type = arguments.string("mime_type", upload.mime_type);
  upload.cache_control = arguments.string("cache_control");
  if (const Value* metadata = arguments.find("metadata")) {
    for (const auto& [name, value] : metadata->as_object())
      upload.metadata.set(name, value.is_string() ? value : Value(to_json(value)));
  }
  if (const std::int64_t size = arguments.integer("chunk_size", 0); size != 0) {
    if (size < 0 || static_cast<std::uint64_t>(size) % gcs_piece_unit != 0)
      throw TaskFailedForGood("the argument chunk_size must be a multiple of 262144");
    upload.piece_bytes = std::min(static_cast<std::uint64_t>(size), most_sink_piece);
  }
  return upload;
}

}  // namespace

asio::awaitable<Value> run_http_to_gcs(OperatorTry& t, Arguments arguments) {
  const GcsPlace place = gcs_place(arguments, "bucket_name", "object_name");
  if (arguments.boolean("gzip", false)) throw TaskFailedForGood("gzip is not there: the object is what the server sends");
  const GcsUpload upload = upload_of_http(arguments);
  RetryRule rule = retry_rule(arguments, download_attempts);
  const auto call = co_await HttpCall::make(t, arguments, "GET", "data");
  const auto gcs = co_await GcsClient::make(t, arguments);
  HttpDownload download(t, call, std::move(rule));
  t.log.info(fmt::format("{} to {}", download.shown(), place.text()));
  const auto make = [gcs, place, upload] { return std::make_shared<GcsSink>(gcs, place, upload); };
  SinkTarget target(make);
  co_await download_into(download, target);
  t.log.info(fmt::format("{}: {} bytes", place.text(), target.size()));
  co_return Value();
}

}  // namespace venturi::providers
