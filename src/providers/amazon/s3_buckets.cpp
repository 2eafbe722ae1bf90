// Buckets, and what is in them.
#include <fnmatch.h>

#include <utility>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/amazon/s3.h"
#include "providers/amazon/s3_client.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;

S3Place bucket_of(const Arguments& arguments, std::string_view name) {
  return s3_place(arguments.string(name), "", name, "key");
}

}  // namespace

asio::awaitable<Value> run_s3_create_bucket(OperatorTry& t, Arguments arguments) {
  const S3Place place = bucket_of(arguments, "bucket_name");
  const auto s3 = co_await S3Client::make(t, arguments);
  if (co_await s3->has_bucket(place.bucket)) {
    t.log.info(fmt::format("Bucket with name: {} already exists", place.bucket));
    co_return Value();
  }
  co_await s3->create_bucket(place.bucket);
  t.log.info(fmt::format("Created bucket with name: {}", place.bucket));
  co_return Value();
}

asio::awaitable<Value> run_s3_delete_bucket(OperatorTry& t, Arguments arguments) {
  const S3Place place = bucket_of(arguments, "bucket_name");
  const auto s3 = co_await S3Client::make(t, arguments);
  if (!co_await s3->has_bucket(place.bucket)) {
    t.log.info(fmt::format("Bucket with name: {} doesn't exist", place.bucket));
    co_return Value();
  }
  if (arguments.boolean("force_delete", false))
    t.log.info(fmt::format("{} objects deleted from {}", co_await s3->empty_bucket(place.bucket), place.text()));
  co_await s3->delete_bucket(place.bucket);
  t.log.info(fmt::format("Deleted bucket with name: {}", place.bucket));
  co_return Value();
}

asio::awaitable<Value> run_s3_list(OperatorTry& t, Arguments arguments) {
  const S3Place place = bucket_of(arguments, "bucket");
  const std::string prefix = arguments.string("prefix");
  const bool is_pattern = arguments.boolean("apply_wildcard", false);
  const std::string literal = is_pattern ? prefix.substr(0, prefix.find_first_of("*[?")) : prefix;
  const auto s3 = co_await S3Client::make(t, arguments);
  t.log.info(fmt::format("Getting the list of files from {} (prefix \"{}\")", place.text(), prefix));
  const S3Query query{.prefix = literal, .delimiter = arguments.string("delimiter")};
  const S3Listing listing = co_await s3->list(place.bucket, query);
  Array keys;
  for (const S3Object& object : listing.objects) {
    if (!is_pattern || ::fnmatch(prefix.c_str(), object.key.c_str(), FNM_NOESCAPE) == 0) keys.emplace_back(object.key);
  }
  co_return keys;
}

asio::awaitable<Value> run_s3_list_prefixes(OperatorTry& t, Arguments arguments) {
  const S3Place place = bucket_of(arguments, "bucket");
  const S3Query query{.prefix = arguments.string("prefix"), .delimiter = arguments.string("delimiter")};
  const auto s3 = co_await S3Client::make(t, arguments);
  t.log.info(fmt::format("Getting the list of subfolders from {} (prefix \"{}\")", place.text(), query.prefix));
  const S3Listing listing = co_await s3->list(place.bucket, query);
  co_return Array(listing.prefixes.begin(), listing.prefixes.end());
}

}  // namespace venturi::providers
