// Buckets, and what is in them.
#include <utility>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/google/gcs.h"
#include "providers/google/gcs_arguments.h"
#include "providers/google/gcs_client.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

asio::awaitable<std::size_t> delete_all(GcsClient& gcs, std::string bucket, std::vector<std::string> names, bool ignore_error) {
  std::size_t count = 0;
  for (std::string& name : names) {
    const GcsPlace place{bucket, std::move(name)};
    if (co_await gcs.delete_object(place)) {
      ++count;
    } else if (!ignore_error) {
      throw TaskFailed(
          fmt::format("GCS: DELETE {}: there is no such object (ignore_error=true passes over that)", place.text()));
    }
  }
  co_return count;
}

}  // namespace

asio::awaitable<Value> run_gcs_create_bucket(OperatorTry& t, Arguments arguments) {
  const std::string bucket = gcs_bucket(arguments.string("bucket_name"), "bucket_name");
  Object resource;
  if (const Value* given = arguments.find("resource")) resource = given->as_object();
  resource.set("name", bucket);
  resource.set("storageClass", arguments.string("storage_class", "MULTI_REGIONAL"));
  resource.set("location", arguments.string("location", "US"));
  if (const Value* labels = arguments.find("labels")) resource.set("labels", *labels);
  const auto gcs = co_await GcsClient::make(t, arguments);
  const bool is_new = co_await gcs->create_bucket(std::move(resource), arguments.string("project_id"));
  if (is_new) {
    t.log.info(fmt::format("Bucket {} created", bucket));
  } else {
    t.log.warning(fmt::format("Bucket {} already exists", bucket));
  }
  co_return Value();
}

asio::awaitable<Value> run_gcs_delete_bucket(OperatorTry& t, Arguments arguments) {
  const std::string bucket = gcs_bucket(arguments.string("bucket_name"), "bucket_name");
  const std::string user_project = arguments.string("user_project");
  const auto gcs = co_await GcsClient::make(t, arguments);
  t.log.info(fmt::format("Deleting {} bucket", bucket));
  bool is_there = true;
  if (arguments.boolean("force", true)) {
    try {
      t.log.info(fmt::format("{} objects deleted from gs://{}", co_await gcs->empty_bucket(bucket, user_project), bucket));
    } catch (const GoogleRefused& e) {
      if (e.status != google_status::not_found) throw;
      is_there = false;
    }
  }
  if (is_there) is_there = co_await gcs->delete_bucket(bucket, user_project);
  t.log.info(fmt::format("Bucket {} {}", bucket, is_there ? "has been deleted" : "not exists"));
  co_return Value();
}

asio::awaitable<Value> run_gcs_list(OperatorTry& t, Arguments arguments) {
  const std::string bucket = gcs_bucket(arguments.string("bucket"), "bucket");
  const std::vector<std::string> prefixes = text_or_list(arguments, "prefix").value_or(std::vector<std::string>{""});
  const auto gcs = co_await GcsClient::make(t, arguments);
  Array names;
  for (const std::string& prefix : prefixes) {
    t.log.info(fmt::format("Getting list of the files. Bucket: {}; Prefix: {}", bucket, prefix));
    const GcsQuery query{
        .prefix = prefix, .delimiter = arguments.string("delimiter"), .match_glob = arguments.string("match_glob")};
    for (std::string& name : co_await list_names(*gcs, bucket, query)) names.emplace_back(std::move(name));
  }
  co_return names;
}

asio::awaitable<Value> run_gcs_delete_objects(OperatorTry& t, Arguments arguments) {
  const std::string bucket = gcs_bucket(arguments.string("bucket_name"), "bucket_name");
  const auto objects = text_or_list(arguments, "objects"), prefixes = text_or_list(arguments, "prefix");
  if (objects.has_value() == prefixes.has_value()) {
    throw TaskFailedForGood(objects ? "Objects or prefix should be set. Both provided."
                                    : "Either objects or prefix should be set. Both are None.");
  }
  const bool ignore_error = arguments.boolean("ignore_error", false);
  const auto gcs = co_await GcsClient::make(t, arguments);
  std::size_t count = 0;
  if (objects) {
    count = co_await delete_all(*gcs, bucket, *objects, ignore_error);
  } else {
    for (const std::string& prefix : *prefixes) {
      const GcsQuery query{.prefix = prefix};
      std::vector<std::string> names = co_await list_names(*gcs, bucket, query);
      count += co_await delete_all(*gcs, bucket, std::move(names), ignore_error);
    }
  }
  t.log.info(fmt::format("{} objects deleted from gs://{}", count, bucket));
  co_return Value();
}

}  // namespace venturi::providers
