// Clusters: made, deleted, paused, resumed, and waited for. What an earlier start or try of the same task has begun already is
// waited for, not begun once more.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

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
using operators::Poke;
using operators::TaskFailed;
using operators::TaskFailedForGood;

// A cluster says that it is available before it takes everything. Airflow's numbers.
constexpr int attempts_to_begin = 10;
constexpr double wait_to_begin = 15;

std::string status_of(const std::optional<ClusterFacts>& cluster) {
  return cluster ? cluster->status : std::string(cluster_not_found);
}

struct Goal {
  std::string cluster, status;
  bool may_be_missing = false;  // not there yet
  std::string trigger = {};     // empty: it is not deferred
};

asio::awaitable<void> wait_for_status(OperatorTry& t, RedshiftApi& api, Goal goal, Patience patience) {
  for (std::int64_t attempt = 1;; ++attempt) {
    const std::string status = status_of(co_await api.cluster(goal.cluster));
    if (status == goal.status) co_return;
    t.log.info(fmt::format("cluster {}: {}, waiting for {}", goal.cluster, status, goal.status));
    const bool is_lost =
        status == cluster_not_found ? !goal.may_be_missing : goal.status != cluster_not_found && status == "deleting";
    if (is_lost)
      throw TaskFailed(fmt::format("Redshift: cluster {} is {}: it will not be {}", goal.cluster, status, goal.status));
    if (attempt >= patience.attempts) {
      throw TaskFailed(
          fmt::format("Redshift: cluster {} is {} after {} looks, not {}", goal.cluster, status, attempt, goal.status));
    }
    if (!goal.trigger.empty()) t.defer_in_place(goal.trigger);
    co_await pause_between(patience.poll_interval);
  }
}

// ---- making one -------------------------------------------------------------------------------------------------------------

struct ClusterMember {
  std::string_view argument, name;
};
// But for those with rules of their own below.
constexpr std::array texts{
    ClusterMember{"node_type", "NodeType"},
    ClusterMember{"master_username", "MasterUsername"},
    ClusterMember{"master_user_password", "MasterUserPassword"},
    ClusterMember{"cluster_subnet_group_name", "ClusterSubnetGroupName"},
    ClusterMember{"availability_zone", "AvailabilityZone"},
    ClusterMember{"preferred_maintenance_window", "PreferredMaintenanceWindow"},
    ClusterMember{"cluster_parameter_group_name", "ClusterParameterGroupName"},
    ClusterMember{"hsm_client_certificate_identifier", "HsmClientCertificateIdentifier"},
    ClusterMember{"hsm_configuration_identifier", "HsmConfigurationIdentifier"},
    ClusterMember{"elastic_ip", "ElasticIp"},
    ClusterMember{"kms_key_id", "KmsKeyId"},
    ClusterMember{"additional_info", "AdditionalInfo"},
    ClusterMember{"maintenance_track_name", "MaintenanceTrackName"},
    ClusterMember{"snapshot_schedule_identifier", "SnapshotScheduleIdentifier"},
    ClusterMember{"aqua_configuration_status", "AquaConfigurationStatus"},
    ClusterMember{"default_iam_role_arn", "DefaultIamRoleArn"},
};
constexpr std::array lists{
    ClusterMember{"cluster_security_groups", "ClusterSecurityGroups.ClusterSecurityGroupName"},
    ClusterMember{"vpc_security_group_ids", "VpcSecurityGroupIds.VpcSecurityGroupId"},
    ClusterMember{"iam_roles", "IamRoles.IamRoleArn"},
};
// Sent where they are true, as Airflow does.
constexpr std::array flags{
    ClusterMember{"encrypted", "Encrypted"},
    ClusterMember{"enhanced_vpc_routing", "EnhancedVpcRouting"},
    ClusterMember{"availability_zone_relocation", "AvailabilityZoneRelocation"},
};

net::QueryItems form_of_cluster(const Arguments& arguments) {
  net::QueryItems form{{"Action", "CreateCluster"}, {"ClusterIdentifier", arguments.string("cluster_identifier")}};
  const auto add = [&](std::string_view name, std::string value) {
    if (!value.empty()) form.emplace_back(name, std::move(value));
  };
  const auto add_number = [&](std::string_view argument, std::string_view name, std::int64_t otherwise) {
    if (const std::int64_t value = arguments.integer(argument, otherwise); value != 0) add(name, std::to_string(value));
  };
  for (const auto& [argument, name] : texts) add(name, arguments.string(argument));
  for (const auto& [argument, name] : lists) {
    int number = 0;
    for (const std::string& item : arguments.string_list(argument)) add(fmt::format("{}.{}", name, ++number), item);
  }
  for (const auto& [argument, name] : flags) add(name, arguments.boolean(argument, false) ? "true" : "");
  const std::string type = arguments.string("cluster_type", "multi-node");
  add("ClusterType", type);
  if (type == "multi-node") add_number("number_of_nodes", "NumberOfNodes", 1);
  add("DBName", arguments.string("db_name", "dev"));
  add("ClusterVersion", arguments.string("cluster_version", "1.0"));
  add_number("automated_snapshot_retention_period", "AutomatedSnapshotRetentionPeriod", 1);
  add_number("manual_snapshot_retention_period", "ManualSnapshotRetentionPeriod", 0);
  add_number("port", "Port", 5439);
  add("AllowVersionUpgrade", arguments.boolean("allow_version_upgrade", true) ? "true" : "");
  // True for Redshift where nothing is said.
  add("PubliclyAccessible", arguments.boolean("publicly_accessible", true) ? "true" : "false");
  append_tags(form, arguments);
  return form;
}

// Gives whether it was made now; throws where one of that name is somebody else's.
asio::awaitable<bool> create(OperatorTry& t, RedshiftApi& api, const Arguments& arguments) {
  std::optional<AwsRefused> there;
  try {
    (void)co_await api.call(form_of_cluster(arguments));
    co_return true;
  } catch (const AwsRefused& refused) {
    if (!is_refused_as(refused, "ClusterAlreadyExists")) throw;
    there = refused;
  }
  const auto cluster = co_await api.cluster(arguments.string("cluster_identifier"));
  const bool is_own = cluster && cluster->node_type == arguments.string("node_type") &&
                      cluster->master_username == arguments.string("master_username") &&
                      may_be_own(t.facts, cluster->create_time);
  if (!is_own) throw *there;
  co_return false;
}

// ---- changing one -----------------------------------------------------------------------------------------------------------

struct Change {
  net::QueryItems form;
  std::string cluster;
  std::vector<std::string_view> done;  // statuses in which it is under way, or was done before
};

// Whether it was begun now. A cluster that is busy is asked again; one that is on its way already, or there, is left alone.
asio::awaitable<bool> begin(OperatorTry& t, RedshiftApi& api, Change change, double poll_interval) {
  for (int attempt = 1;; ++attempt) {
    std::optional<AwsRefused> busy;
    try {
      (void)co_await api.call(change.form);
      co_return true;
    } catch (const AwsRefused& refused) {
      const bool may_be_done = is_refused_as(refused, "InvalidClusterState") || is_refused_as(refused, "ClusterNotFound");
      if (!may_be_done) throw;
      busy = refused;
    }
    const std::string status = status_of(co_await api.cluster(change.cluster));
    if (std::ranges::find(change.done, status) != change.done.end()) {
      t.log.info(fmt::format("cluster {} is {} already", change.cluster, status));
      co_return false;
    }
    if (status == cluster_not_found || attempt == attempts_to_begin) throw *busy;
    t.log.warning(fmt::format("{}; {} attempts remaining", busy->what(), attempts_to_begin - attempt));
    co_await pause_between(std::min(wait_to_begin, poll_interval));
  }
}

asio::awaitable<void> pause_or_resume(OperatorTry& t, Arguments arguments, std::string action, std::string under_way,
                                      std::string goal, std::string trigger) {
  const Patience patience = patience_of(arguments, "max_attempts", {.poll_interval = 30, .attempts = 30});
  const std::string cluster = arguments.string("cluster_identifier");
  const auto api = co_await RedshiftApi::make(t, arguments);
  Change change{
      .form = {{"Action", std::move(action)}, {"ClusterIdentifier", cluster}}, .cluster = cluster, .done = {under_way, goal}};
  (void)co_await begin(t, *api, std::move(change), patience.poll_interval);
  if (!arguments.boolean("wait_for_completion", false)) co_return;
  Goal its{.cluster = cluster, .status = std::move(goal)};
  if (arguments.boolean("deferrable", false)) its.trigger = std::move(trigger);
  co_await wait_for_status(t, *api, std::move(its), patience);
}

std::string trigger_named(std::string_view name) {
  return fmt::format("airflow.providers.amazon.aws.triggers.redshift_cluster.{}", name);
}

}  // namespace

asio::awaitable<Value> run_create_cluster(OperatorTry& t, Arguments arguments) {
  const Patience patience = patience_of(arguments, "max_attempt", {.poll_interval = 60, .attempts = 5});
  const std::string cluster = arguments.string("cluster_identifier");
  t.log.add_secrets(std::vector{arguments.string("master_user_password")});
  const auto api = co_await RedshiftApi::make(t, arguments);
  t.log.info("Creating Redshift cluster " + cluster);
  const bool is_new = co_await create(t, *api, arguments);
  t.log.info(is_new ? fmt::format("Created Redshift cluster {}", cluster)
                    : fmt::format("Redshift cluster {} is this task's own, of an earlier start", cluster));
  const bool is_deferrable = arguments.boolean("deferrable", false);
  if (!is_deferrable && !arguments.boolean("wait_for_completion", false)) co_return Value();
  Goal goal{.cluster = cluster, .status = "available", .may_be_missing = true};
  if (is_deferrable) goal.trigger = trigger_named("RedshiftCreateClusterTrigger");
  co_await wait_for_status(t, *api, std::move(goal), patience);
  co_return Value();
}

asio::awaitable<Value> run_delete_cluster(OperatorTry& t, Arguments arguments) {
  const Patience patience = patience_of(arguments, "max_attempts", {.poll_interval = 30, .attempts = 30});
  const std::string cluster = arguments.string("cluster_identifier");
  const bool skips = arguments.boolean("skip_final_cluster_snapshot", true),
             is_deferrable = arguments.boolean("deferrable", false);
  const std::string snapshot = arguments.string("final_cluster_snapshot_identifier");
  if (!skips && snapshot.empty())
    throw TaskFailedForGood(
        "the argument final_cluster_snapshot_identifier is missing: without a snapshot "
        "skip_final_cluster_snapshot is true");
  const auto api = co_await RedshiftApi::make(t, arguments);
  Change change{.form = {{"Action", "DeleteCluster"},
                         {"ClusterIdentifier", cluster},
                         {"SkipFinalClusterSnapshot", skips ? "true" : "false"}},
                .cluster = cluster,
                .done = {"deleting", "final-snapshot", cluster_not_found}};
  if (!snapshot.empty()) change.form.emplace_back("FinalClusterSnapshotIdentifier", snapshot);
  (void)co_await begin(t, *api, std::move(change), patience.poll_interval);
  if (!is_deferrable && !arguments.boolean("wait_for_completion", true)) co_return Value();
  Goal goal{.cluster = cluster, .status = std::string(cluster_not_found)};
  if (is_deferrable) goal.trigger = trigger_named("RedshiftDeleteClusterTrigger");
  co_await wait_for_status(t, *api, std::move(goal), patience);
  t.log.info("Cluster deleted successfully");
  co_return Value();
}

asio::awaitable<Value> run_pause_cluster(OperatorTry& t, Arguments arguments) {
  co_await pause_or_resume(t, std::move(arguments), "PauseCluster", "pausing", "paused",
                           trigger_named("RedshiftPauseClusterTrigger"));
  co_return Value();
}

asio::awaitable<Value> run_resume_cluster(OperatorTry& t, Arguments arguments) {
  co_await pause_or_resume(t, std::move(arguments), "ResumeCluster", "resuming", "available",
                           trigger_named("RedshiftResumeClusterTrigger"));
  co_return Value();
}

asio::awaitable<Poke> poke_cluster(OperatorTry& t, const Arguments& arguments) {
  const std::string cluster = arguments.string("cluster_identifier"), wanted = arguments.string("target_status", "available");
  const auto api = co_await RedshiftApi::make(t, arguments);
  const std::string status = status_of(co_await api->cluster(cluster));
  t.log.info(fmt::format("Poked cluster {} for status '{}', found status '{}'", cluster, wanted, status));
  co_return Poke{status == wanted, {}};
}

}  // namespace venturi::providers
