// The tags of a bucket.
#include <string>
#include <utility>
#include <vector>

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
using operators::TaskFailedForGood;

std::string tag_text(const Value& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_object() || value.is_array() || value.is_null())
    throw TaskFailedForGood("the argument tag_set must have texts as keys and values");
  return to_json(value);
}

// {"team": "data"}, or [{"Key": "team", "Value": "data"}] as Amazon has it; or the arguments key and value.
std::vector<S3Tag> tags_given(const Arguments& arguments) {
  std::vector<S3Tag> tags;
  const Value* set = arguments.find("tag_set");
  const bool has_key = !arguments.string("key").empty(), has_value = arguments.find("value") != nullptr;
  if ((set == nullptr) == !has_key || has_key != has_value) throw TaskFailedForGood("give either tag_set, or key and value");
  if (has_key) {
    tags.push_back({arguments.string("key"), arguments.string("value")});
  } else if (set->is_object()) {
    for (const auto& [key, value] : set->as_object()) tags.push_back({key, tag_text(value)});
  } else if (set->is_array()) {
    for (const Value& tag : set->as_array()) {
      if (tag.get("Key") == nullptr || tag.get("Value") == nullptr)
        throw TaskFailedForGood("the argument tag_set must be an object, or a list of {\"Key\": ..., \"Value\": ...}");
      tags.push_back({tag_text(tag.at("Key")), tag_text(tag.at("Value"))});
    }
  } else {
    throw TaskFailedForGood("the argument tag_set must be an object, or a list of {\"Key\": ..., \"Value\": ...}");
  }
  return tags;
}

std::string bucket_of(const Arguments& arguments) {
  return s3_place(arguments.string("bucket_name"), "", "bucket_name", "key").bucket;
}

}  // namespace

asio::awaitable<Value> run_s3_get_tagging(OperatorTry& t, Arguments arguments) {
  const std::string bucket = bucket_of(arguments);
  const auto s3 = co_await S3Client::make(t, arguments);
  if (!co_await s3->has_bucket(bucket)) {
    t.log.warning(fmt::format("Bucket with name {} doesn't exist", bucket));
    co_return Value();
  }
  const std::vector<S3Tag> tags = co_await s3->bucket_tags(bucket);
  Array list;
  for (const S3Tag& tag : tags) list.push_back(Object{{"Key", tag.key}, {"Value", tag.value}});
  co_return list;
}

asio::awaitable<Value> run_s3_put_tagging(OperatorTry& t, Arguments arguments) {
  const std::string bucket = bucket_of(arguments);
  std::vector<S3Tag> tags = tags_given(arguments);
  const auto s3 = co_await S3Client::make(t, arguments);
  if (co_await s3->has_bucket(bucket))
    co_await s3->set_bucket_tags(bucket, std::move(tags));
  else
    t.log.warning(fmt::format("Bucket with name {} doesn't exist", bucket));
  co_return Value();
}

asio::awaitable<Value> run_s3_delete_tagging(OperatorTry& t, Arguments arguments) {
  const std::string bucket = bucket_of(arguments);
  const auto s3 = co_await S3Client::make(t, arguments);
  if (co_await s3->has_bucket(bucket))
    co_await s3->delete_bucket_tags(bucket);
  else
    t.log.warning(fmt::format("Bucket with name {} doesn't exist", bucket));
  co_return Value();
}

}  // namespace venturi::providers
