// Objects: made, copied, deleted, and files that become objects and back.
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/time.h"
#include "operators/charset.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/amazon/s3.h"
#include "providers/amazon/s3_arguments.h"
#include "providers/amazon/s3_client.h"
#include "providers/amazon/s3_copy.h"
#include "providers/amazon/s3_download.h"
#include "providers/amazon/s3_upload.h"
#include "providers/http/gzipped_file.h"
#include "providers/http/target_file.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

std::string encoded_data(const Arguments& arguments) {
  const Value* data = arguments.find("data");
  if (data == nullptr || !data->is_string()) throw TaskFailedForGood("the argument data must be a text");
  const std::string encoding = arguments.string("encoding", "utf-8");
  if (operators::is_utf8_name(encoding)) return data->as_string();
  auto converted = operators::convert_text(data->as_string(), "UTF-8", encoding);
  if (!converted) throw TaskFailedForGood(fmt::format("the argument data cannot be written as {}", encoding));
  return *std::move(converted);
}

std::optional<Time> time_of(const Arguments& arguments, std::string_view name) {
  const std::string text = arguments.string(name);
  if (text.empty()) return std::nullopt;
  const auto time = parse_time(text);
  if (!time) throw TaskFailedForGood(fmt::format("the argument {} must be a time in ISO 8601", name));
  return time;
}

asio::awaitable<std::size_t> delete_below(S3Client& s3, std::string bucket, S3Query query, std::optional<Time> from,
                                          std::optional<Time> to) {
  std::size_t count = 0;
  for (std::string token;;) {
    S3Listing page = co_await s3.list_page(bucket, query, token);
    std::vector<std::string> keys;
    for (const S3Object& object : page.objects) {
      if ((!from || object.last_modified > *from) && (!to || object.last_modified < *to)) keys.push_back(object.key);
    }
    count += keys.size();
    if (!keys.empty()) co_await s3.delete_objects(bucket, std::move(keys));
    if (page.next.empty()) co_return count;
    token = std::move(page.next);
  }
}

}  // namespace

asio::awaitable<Value> run_s3_create_object(OperatorTry& t, Arguments arguments) {
  const S3Place place = s3_place(arguments, "s3_bucket", "s3_key");
  if (arguments.find("compression") != nullptr)
    throw TaskFailedForGood("compression is not there yet: give data as it is to be stored");
  std::string data = encoded_data(arguments);
  const auto s3 = co_await S3Client::make(t, arguments);
  if (!arguments.boolean("replace", false)) co_await s3->check_is_free(place);
  const std::size_t size = data.size();
  t.memory.take(size, "the data of " + place.text());
  co_await s3->put(place, std::move(data), object_headers(arguments));
  t.log.info(fmt::format("{}: {} bytes", place.text(), size));
  co_return Value();
}

asio::awaitable<Value> run_s3_copy_object(OperatorTry& t, Arguments arguments) {
  const S3Place from = s3_place(arguments, "source_bucket_name", "source_bucket_key");
  const S3Place to = s3_place(arguments, "dest_bucket_name", "dest_bucket_key");
  net::HttpHeaders headers = object_headers(arguments);
  if (const std::string directive = arguments.string("meta_data_directive"); !directive.empty())
    headers.emplace_back("x-amz-metadata-directive", directive);
  const auto s3 = co_await S3Client::make(t, arguments);
  S3Copy copy{.from = from,
              .to = to,
              .version = arguments.string("source_version_id"),
              .headers = std::move(headers),
              .keeps_metadata = arguments.string("meta_data_directive") != "REPLACE"};
  co_await copy_object(*s3, std::move(copy));
  t.log.info(fmt::format("{} copied to {}", from.text(), to.text()));
  co_return Value();
}

asio::awaitable<Value> run_s3_delete_objects(OperatorTry& t, Arguments arguments) {
  const S3Place place = s3_place(arguments.string("bucket"), "", "bucket", "keys");
  std::vector<std::string> keys;
  if (const Value* given = arguments.find("keys")) {
    if (given->is_string()) {
      keys.push_back(given->as_string());
    } else if (given->is_array()) {
      for (const Value& key : given->as_array()) {
        if (!key.is_string()) throw TaskFailedForGood("the argument keys must be a key, or a list of keys");
        keys.push_back(key.as_string());
      }
    } else {
      throw TaskFailedForGood("the argument keys must be a key, or a list of keys");
    }
  }
  const auto from = time_of(arguments, "from_datetime"), to = time_of(arguments, "to_datetime");
  const bool is_query = arguments.find("prefix") != nullptr || from || to;
  if (arguments.find("keys") != nullptr && is_query)
    throw TaskFailedForGood("give either keys, or prefix, from_datetime and to_datetime, not both");
  if (arguments.find("keys") == nullptr && !is_query)
    throw TaskFailedForGood("give keys, or a prefix, or from_datetime and to_datetime: otherwise all would go");
  const auto s3 = co_await S3Client::make(t, arguments);
  std::size_t count = keys.size();
  if (is_query) {
    const S3Query query{.prefix = arguments.string("prefix")};
    count = co_await delete_below(*s3, place.bucket, query, from, to);
  } else {
    co_await s3->delete_objects(place.bucket, std::move(keys));
  }
  t.log.info(fmt::format("{} objects deleted from {}", count, place.text()));
  co_return Value();
}

asio::awaitable<Value> run_file_to_s3(OperatorTry& t, Arguments arguments) {
  const S3Place place = s3_place(arguments, "dest_bucket", "dest_key");
  const std::string path = arguments.string("filename");
  if (path.empty() || path.front() != '/')
    throw TaskFailedForGood("the argument filename must be absolute: it lies on the worker's machine");
  const auto s3 = co_await S3Client::make(t, arguments);
  if (!arguments.boolean("replace", false)) co_await s3->check_is_free(place);
  std::optional<GzippedFile> packed;
  if (arguments.boolean("gzip", false)) packed.emplace(co_await gzip_file(t, path));
  const std::uint64_t size = co_await upload_file(*s3, packed ? packed->path() : path, place, object_headers(arguments));
  t.log.info(fmt::format("{} is {}: {} bytes", path, place.text(), size));
  co_return Value();
}

asio::awaitable<Value> run_s3_to_file(OperatorTry& t, Arguments arguments) {
  const S3Place place = s3_place(arguments, "s3_bucket", "s3_key");
  const std::string path = target_path(t, arguments);
  const auto s3 = co_await S3Client::make(t, arguments);
  t.log.info(fmt::format("Downloading {} to {}", place.text(), path));
  const std::uint64_t size = co_await download_file(*s3, place, path);
  t.log.info(fmt::format("{} bytes", size));
  co_return path;
}

}  // namespace venturi::providers
