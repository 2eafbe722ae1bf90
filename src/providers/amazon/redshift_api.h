// Redshift's Query API: clusters, snapshots, and passwords that are lent for some time.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "model/connection.h"
#include "net/http_url.h"
#include "operators/arguments.h"
#include "operators/operator_try.h"
#include "providers/amazon/aws_call.h"
#include "providers/amazon/aws_try.h"

namespace venturi::providers {

inline constexpr std::string_view cluster_not_found = "cluster_not_found";  // Airflow's status of one that is not there

struct ClusterFacts {
  std::string status, node_type, master_username, create_time;
  std::string address = {}, port = {};  // of its endpoint, once it has one
};
struct SnapshotFacts {
  std::string status, cluster_identifier, create_time;
};

class RedshiftApi {
 public:
  // Of the arguments aws_conn_id, region_name and verify. The try outlives it.
  [[nodiscard]] static boost::asio::awaitable<std::shared_ptr<RedshiftApi>> make(operators::OperatorTry& t,
                                                                                 const operators::Arguments& arguments);
  RedshiftApi(CallContext t, AwsSettings settings) : t_(t), settings_(std::move(settings)) {}

  // The answer's body. Throws AwsRefused with the code of the error.
  [[nodiscard]] boost::asio::awaitable<std::string> call(net::QueryItems form);
  // Nothing where there is none of that name.
  [[nodiscard]] boost::asio::awaitable<std::optional<ClusterFacts>> cluster(std::string identifier);
  [[nodiscard]] boost::asio::awaitable<std::optional<SnapshotFacts>> snapshot(std::string identifier);

 private:
  CallContext t_;
  AwsSettings settings_;
};

// "ClusterNotFound"; some servers write "ClusterNotFoundFault".
[[nodiscard]] bool is_refused_as(const AwsRefused& refused, std::string_view code);

// Whether what was made then can be this task's own work, of an earlier start or try of it.
[[nodiscard]] bool may_be_own(const operators::TaskFacts& facts, const std::string& create_time);

// The argument tags, [{"Key": ..., "Value": ...}]. Throws TaskFailedForGood for what is none.
void append_tags(net::QueryItems& form, const operators::Arguments& arguments);

struct Patience {
  double poll_interval = 30;
  std::int64_t attempts = 30;
};
// Of poll_interval and the argument of that name (empty: there is none). Throws TaskFailedForGood naming the one that is wrong.
[[nodiscard]] Patience patience_of(const operators::Arguments& arguments, std::string_view attempts, Patience otherwise);

// A connection with iam: true gets login and password from Amazon, as that of Airflow's RedshiftSQLHook; others stay as they
// are.
[[nodiscard]] boost::asio::awaitable<Connection> with_iam_login(CallContext t, Connection connection);

}  // namespace venturi::providers
