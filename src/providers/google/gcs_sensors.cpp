// Waiting for objects. A sensor keeps its client between its pokes: its token counts for an hour.
#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

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
using operators::Poke;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using Steady = std::chrono::steady_clock;

// From one poke to the next.
struct Kept {
  std::shared_ptr<GcsClient> gcs;
  // Of GCSUploadSessionCompleteSensor.
  std::set<std::string> names = {};
  std::optional<Steady::time_point> last_activity = {};
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

// What has changed since the poke before; true: nothing, for so long.
bool has_settled(OperatorTry& t, const Arguments& arguments, Kept& kept, std::set<std::string> names) {
  const std::string path = arguments.string("bucket") + "/" + arguments.string("prefix");
  const auto now = Steady::now();
  const bool lost_some = !std::ranges::includes(names, kept.names);
  if (lost_some && !arguments.boolean("allow_delete", true))
    throw TaskFailed(fmt::format("Illegal behavior: objects were deleted in {} between pokes.", path));
  if (lost_some) {
    t.log.warning(
        "Objects were deleted during the last poke interval. Updating the file counter and resetting "
        "last_activity_time.");
  } else if (names.size() > kept.names.size()) {
    t.log.info(fmt::format("New objects found at {} resetting last_activity_time.", path));
  }
  if (names != kept.names || !kept.last_activity) kept.last_activity = now;
  kept.names = std::move(names);
  const double inactive = std::chrono::duration<double>(now - *kept.last_activity).count();
  const double wanted = arguments.number("inactivity_period", 3600);
  if (inactive < wanted) return false;
  if (static_cast<std::int64_t>(kept.names.size()) < arguments.integer("min_objects", 1)) {
    t.log.error(fmt::format("FAILURE: Inactivity Period passed, not enough objects found in {}", path));
    return false;
  }
  t.log.info(fmt::format("SUCCESS: Sensor found {} objects at {}. Waited at least {} seconds, with no new objects dropped.",
                         kept.names.size(), path, wanted));
  return true;
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
  if (arguments.number("inactivity_period", 0) < 0) throw TaskFailedForGood("inactivity_period must be non-negative");
  if (arguments.string("mode", "poke") == "reschedule" && !arguments.boolean("deferrable", false))
    throw TaskFailedForGood("mode: reschedule forgets what was there before: take mode poke, or deferrable");
  const bool is_first = t.between_pokes == nullptr;
  const auto keeping = co_await kept(t, arguments);
  if (is_first) {
    const auto previous = text_or_list(arguments, "previous_objects").value_or(std::vector<std::string>());
    keeping->names.insert(previous.begin(), previous.end());
  }
  const GcsQuery query{.prefix = arguments.string("prefix")};
  const std::vector<std::string> names = co_await list_names(*keeping->gcs, bucket, query);
  co_return Poke{has_settled(t, arguments, *keeping, {names.begin(), names.end()}), {}};
}

}  // namespace venturi::providers
