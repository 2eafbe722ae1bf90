// Snapshots that somebody takes of a cluster by hand.
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/amazon/redshift.h"
#include "providers/amazon/redshift_api.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;

// One that this task took before is as good; one of that name that is somebody else's is not.
asio::awaitable<void> take_snapshot(OperatorTry& t, RedshiftApi& api, net::QueryItems form, std::string snapshot,
                                    std::string cluster) {
  std::optional<AwsRefused> there;
  try {
    (void)co_await api.call(std::move(form));
    co_return;
  } catch (const AwsRefused& refused) {
    if (!is_refused_as(refused, "ClusterSnapshotAlreadyExists")) throw;
    there = refused;
  }
  const auto found = co_await api.snapshot(snapshot);
  if (!found || found->cluster_identifier != cluster || !may_be_own(t.facts, found->create_time)) throw *there;
  t.log.info(fmt::format("snapshot {} is this task's own, of an earlier start", snapshot));
}

}  // namespace

asio::awaitable<Value> run_create_snapshot(OperatorTry& t, Arguments arguments) {
  const Patience patience = patience_of(arguments, "max_attempt", {.poll_interval = 15, .attempts = 20});
  const std::string cluster = arguments.string("cluster_identifier"), snapshot = arguments.string("snapshot_identifier");
  net::QueryItems form{{"Action", "CreateClusterSnapshot"},
                       {"SnapshotIdentifier", snapshot},
                       {"ClusterIdentifier", cluster},
                       {"ManualSnapshotRetentionPeriod", std::to_string(arguments.integer("retention_period", -1))}};
  append_tags(form, arguments);
  const auto api = co_await RedshiftApi::make(t, arguments);
  const auto its = co_await api->cluster(cluster);
  if (!its || its->status != "available") {
    throw TaskFailed(
        fmt::format("Redshift cluster must be in available state. Redshift cluster current state is {} (cluster {})",
                    its ? its->status : cluster_not_found, cluster));
  }
  co_await take_snapshot(t, *api, std::move(form), snapshot, cluster);
  const bool is_deferrable = arguments.boolean("deferrable", false);
  if (!is_deferrable && !arguments.boolean("wait_for_completion", false)) co_return Value();
  for (std::int64_t attempt = 1;; ++attempt) {
    const auto found = co_await api->snapshot(snapshot);
    const std::string status = found ? found->status : "not there";
    if (status == "available") co_return Value();
    t.log.info(fmt::format("snapshot {}: {}", snapshot, status));
    if (status == "failed" || status == "deleted" || attempt >= patience.attempts)
      throw TaskFailed(
          fmt::format("Redshift: snapshot {} of cluster {} is {} after {} looks", snapshot, cluster, status, attempt));
    if (is_deferrable)
      t.defer_in_place("airflow.providers.amazon.aws.triggers.redshift_cluster.RedshiftCreateClusterSnapshotTrigger");
    co_await pause_between(patience.poll_interval);
  }
}

asio::awaitable<Value> run_delete_snapshot(OperatorTry& t, Arguments arguments) {
  const Patience patience = patience_of(arguments, "", {.poll_interval = 10, .attempts = 1});
  const std::string cluster = arguments.string("cluster_identifier"), snapshot = arguments.string("snapshot_identifier");
  const auto api = co_await RedshiftApi::make(t, arguments);
  try {
    (void)co_await api->call(
        {{"Action", "DeleteClusterSnapshot"}, {"SnapshotIdentifier", snapshot}, {"SnapshotClusterIdentifier", cluster}});
  } catch (const AwsRefused& refused) {
    if (!is_refused_as(refused, "ClusterSnapshotNotFound")) throw;
    t.log.info(fmt::format("snapshot {} is not there", snapshot));
    co_return Value();
  }
  if (!arguments.boolean("wait_for_completion", true)) co_return Value();
  while (co_await api->snapshot(snapshot)) co_await pause_between(patience.poll_interval);
  co_return Value();
}

}  // namespace venturi::providers
