// GCSSynchronizeBucketsOperator: what is below one place comes below another.
//
//   there and not here        copied
//   here and not there        deleted, with delete_extra_files
//   in both, another CRC-32C  copied, with allow_overwrite
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/google/gcs.h"
#include "providers/google/gcs_arguments.h"
#include "providers/google/gcs_client.h"
#include "providers/google/gcs_rewrite.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;

using Contents = std::map<std::string, GcsObject>;  // by name below the folder

asio::awaitable<Contents> contents_of(GcsClient& gcs, GcsPlace folder, bool recursive) {
  const GcsQuery query{.prefix = folder.object, .delimiter = recursive ? "" : "/"};
  GcsListing listing = co_await gcs.list(folder.bucket, query);
  Contents contents;
  for (GcsObject& object : listing.objects) {
    std::string name = object.name.substr(folder.object.size());
    contents.emplace(std::move(name), std::move(object));
  }
  co_return contents;
}

struct SyncPlan {
  std::vector<std::string> copy, remove, overwrite;  // names below the folders
};

SyncPlan plan_of(const Contents& from, const Contents& to) {
  SyncPlan plan;
  for (const auto& [name, object] : from) {
    if (name.empty()) continue;  // the folder itself
    const auto there = to.find(name);
    if (there == to.end()) {
      plan.copy.push_back(name);
    } else if (there->second.crc32c != object.crc32c) {
      plan.overwrite.push_back(name);
    }
  }
  for (const auto& [name, object] : to) {
    if (!name.empty() && !from.contains(name)) plan.remove.push_back(name);
  }
  return plan;
}

asio::awaitable<void> copy_below_folder(GcsClient& gcs, GcsPlace from, GcsPlace to, std::vector<std::string> names) {
  for (const std::string& name : names) {
    const GcsPlace source{from.bucket, from.object + name}, target{to.bucket, to.object + name};
    co_await copy_object(gcs, source, target, {});
  }
}

}  // namespace

asio::awaitable<Value> run_gcs_synchronize(OperatorTry& t, Arguments arguments) {
  const GcsPlace from{gcs_bucket(arguments.string("source_bucket"), "source_bucket"),
                      as_folder(arguments.string("source_object"))},
      to{gcs_bucket(arguments.string("destination_bucket"), "destination_bucket"),
         as_folder(arguments.string("destination_object"))};
  const bool recursive = arguments.boolean("recursive", true);
  const auto gcs = co_await GcsClient::make(t, arguments);
  const Contents here = co_await contents_of(*gcs, from, recursive), there = co_await contents_of(*gcs, to, recursive);
  SyncPlan plan = plan_of(here, there);
  t.log.info(
      fmt::format("Planned synchronization. To delete blobs count: {}, to upload blobs count: {}, to rewrite blobs count: {}",
                  plan.remove.size(), plan.copy.size(), plan.overwrite.size()));
  co_await copy_below_folder(*gcs, from, to, std::move(plan.copy));
  if (arguments.boolean("delete_extra_files", false)) {
    for (const std::string& name : plan.remove) {
      const GcsPlace extra{to.bucket, to.object + name};
      (void)co_await gcs->delete_object(extra);
    }
  }
  if (arguments.boolean("allow_overwrite", false)) co_await copy_below_folder(*gcs, from, to, std::move(plan.overwrite));
  t.log.info("Synchronization finished.");
  co_return Value();
}

}  // namespace venturi::providers
