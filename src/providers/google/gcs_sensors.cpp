// Waiting for objects. A sensor keeps its client between its pokes: its token counts for an hour.
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/google/gcs.h"
#include "providers/google/gcs_arguments.h"
#include "providers/google/gcs_client.h"
#include "providers/http/settling.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::Poke;
using operators::TaskFailed;
using operators::TaskFailedForGood;

// From one poke to the next.
struct Kept {
  std::shared_ptr<GcsClient> gcs;
  std::optional<Settling> settling = {};  // of GCSUploadSessionCompleteSensor
};

asio::awaitable<std::shared_ptr<Kept>> kept(OperatorTry& t, const Arguments& arguments) {
  if (t.between_pokes == nullptr) {
    auto gcs = co_await GcsClient::make(t, arguments, "google_cloud_conn_id");
    t.between_pokes = std::make_shared<Kept>(Kept{.gcs = std::move(gcs)});
  }
  co_return std::static_pointer_cast<Kept>(t.between_pokes);
}

asio::awaitable<bool> has_object_like(GcsClient& gcs, std::string bucket, std::string glob) {
  for (std::string token;;) {
    const GcsQuery query{.match_glob = glob};
    GcsListing page = co_await gcs.list_page(bucket, query, token);
    if (!page.objects.empty()) co_return true;
    if (page.next.empty()) co_return false;
    token = std::move(page.next);
  }
}

}  // namespace

asio::awaitable<Poke> poke_gcs_object(OperatorTry& t, const Arguments& arguments) {
  const GcsPlace place = gcs_place(arguments, "bucket", "object");
  t.log.info(fmt::format("Sensor checks existence of : {}, {}", place.bucket, place.object));
  const auto keeping = co_await kept(t, arguments);
  bool is_there = false;
  if (arguments.boolean("use_glob", false)) {
    is_there = co_await has_object_like(*keeping->gcs, place.bucket, place.object);
  } else {
    const auto object = co_await keeping->gcs->find(place);
    is_there = object.has_value();
  }
  co_return Poke{is_there, is_there ? Value(true) : Value()};
}

asio::awaitable<Poke> poke_gcs_prefix(OperatorTry& t, const Arguments& arguments) {
  const std::string bucket = gcs_bucket(arguments.string("bucket"), "bucket"), prefix = arguments.string("prefix");
  t.log.info(fmt::format("Checking for existence of object: {}, {}", bucket, prefix));
  const auto keeping = co_await kept(t, arguments);
  const GcsQuery query{.prefix = prefix};
  std::vector<std::string> names = co_await list_names(*keeping->gcs, bucket, query);
  if (names.empty()) co_return Poke{};
  co_return Poke{true, Array(names.begin(), names.end())};
}

asio::awaitable<Poke> poke_gcs_update(OperatorTry& t, const Arguments& arguments) {
  const GcsPlace place = gcs_place(arguments, "bucket", "object");
  const operators::RunFacts& run = *t.facts.run;
  const auto since = run.data_interval_end ? run.data_interval_end : run.run_after ? run.run_after : run.logical_date;
  if (!since) throw TaskFailedForGood("the run has no date: changed since when?");
  t.log.info(fmt::format("Sensor checks existence of : {}, {}", place.bucket, place.object));
  const auto keeping = co_await kept(t, arguments);
  const auto object = co_await keeping->gcs->find(place);
  if (!object) throw TaskFailed(fmt::format("Object ({}) not found in Bucket ({})", place.object, place.bucket));
  co_return Poke{object->updated > *since, {}};
}

asio::awaitable<Poke> poke_gcs_upload_session(OperatorTry& t, const Arguments& arguments) {
  const std::string bucket = gcs_bucket(arguments.string("bucket"), "bucket");
  Settling from_now(arguments);
  const auto keeping = co_await kept(t, arguments);
  if (!keeping->settling) keeping->settling = std::move(from_now);
  const GcsQuery query{.prefix = arguments.string("prefix")};
  const std::vector<std::string> names = co_await list_names(*keeping->gcs, bucket, query);
  co_return Poke{keeping->settling->has_settled(bucket + "/" + query.prefix, {names.begin(), names.end()}, t.log), {}};
}

}  // namespace venturi::providers
