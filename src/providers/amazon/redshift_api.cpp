#include "providers/amazon/redshift_api.h"

#include <chrono>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/time.h"
#include "operators/outcome.h"
#include "operators/task_messages.h"
#include "providers/amazon/aws_json.h"
#include "providers/amazon/aws_query.h"
#include "providers/amazon/aws_try.h"
#include "providers/amazon/aws_xml.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

constexpr const char* shown = "Redshift";
constexpr std::chrono::minutes skew{2};  // between this clock and Amazon's
constexpr int default_port = 5439;

asio::awaitable<std::string> ask(const AwsSettings& settings, net::QueryItems form, operators::TryLog* log) {
  return call_aws_query(settings, {.service = "redshift", .version = "2012-12-01", .shown = shown}, std::move(form), log);
}

std::string text_in(const std::string& body, std::string_view element) {
  auto text = xml_text(body, element);
  if (!text) throw TaskFailed(fmt::format("{}: {}", shown, text.error().text()));
  return *std::move(text);
}

// Nothing where the answer is that it is not there.
asio::awaitable<std::optional<std::string>> unless_missing(asio::awaitable<std::string> call, std::string code) {
  try {
    co_return co_await std::move(call);
  } catch (const AwsRefused& refused) {
    if (!is_refused_as(refused, code)) throw;
  }
  co_return std::nullopt;
}

struct Login {
  std::string user, password;
};

asio::awaitable<Login> login_of_workgroup(CallContext t, const AwsSettings& settings, const Connection& connection,
                                          const Value& extra) {
  const std::string workgroup = extra.get_string("serverless_work_group");
  if (workgroup.empty())
    throw TaskFailed(
        fmt::format("connection {}, extra: iam with is_serverless needs serverless_work_group", connection.conn_id));
  Object body{{"workgroupName", workgroup}, {"durationSeconds", extra.get_int("serverless_token_duration_seconds", 3600)}};
  if (connection.schema) body.set("dbName", *connection.schema);
  AwsAction action{.service = "redshift-serverless",
                   .target = "RedshiftServerless.GetCredentials",
                   .shown = "Redshift Serverless: GetCredentials"};
  const Value answer = co_await call_aws_json(settings, std::move(action), std::move(body), &t.log);
  co_return Login{answer.get_string("dbUser"), answer.get_string("dbPassword")};
}

asio::awaitable<Login> login_of_cluster(CallContext t, const AwsSettings& settings, const Connection& connection,
                                        const Value& extra) {
  // my-cluster.ccdre4hpd39h.us-east-1.redshift.amazonaws.com begins with it.
  std::string cluster = extra.get_string("cluster_identifier");
  if (const std::string host = connection.host.value_or(""); cluster.empty()) cluster = host.substr(0, host.find('.'));
  if (cluster.empty())
    throw TaskFailed(fmt::format("connection {}: iam needs a host, or cluster_identifier in extra", connection.conn_id));
  net::QueryItems form{{"Action", "GetClusterCredentials"},
                       {"DbUser", connection.login.value_or("")},
                       {"ClusterIdentifier", cluster},
                       {"AutoCreate", "false"}};
  if (connection.schema) form.emplace_back("DbName", *connection.schema);
  const std::string body = co_await ask(settings, std::move(form), &t.log);
  co_return Login{member_of_answer(body, "DbUser", shown), member_of_answer(body, "DbPassword", shown)};
}

}  // namespace

asio::awaitable<std::shared_ptr<RedshiftApi>> RedshiftApi::make(OperatorTry& t, const Arguments& arguments) {
  AwsSettings settings = co_await settings_of_try(t, aws_source(arguments));
  co_return std::make_shared<RedshiftApi>(t, std::move(settings));
}

asio::awaitable<std::string> RedshiftApi::call(net::QueryItems form) {
  return ask(settings_, std::move(form), &t_.log);
}

asio::awaitable<std::optional<ClusterFacts>> RedshiftApi::cluster(std::string identifier) {
  net::QueryItems form{{"Action", "DescribeClusters"}, {"ClusterIdentifier", std::move(identifier)}};
  const auto body = co_await unless_missing(call(std::move(form)), "ClusterNotFound");
  if (!body) co_return std::nullopt;
  ClusterFacts facts{.status = text_in(*body, "ClusterStatus"),
                     .node_type = text_in(*body, "NodeType"),
                     .master_username = text_in(*body, "MasterUsername"),
                     .create_time = text_in(*body, "ClusterCreateTime"),
                     .address = text_in(*body, "Address"),
                     .port = text_in(*body, "Port")};
  if (facts.status.empty()) co_return std::nullopt;
  co_return facts;
}

asio::awaitable<std::optional<SnapshotFacts>> RedshiftApi::snapshot(std::string identifier) {
  net::QueryItems form{{"Action", "DescribeClusterSnapshots"}, {"SnapshotIdentifier", std::move(identifier)}};
  const auto body = co_await unless_missing(call(std::move(form)), "ClusterSnapshotNotFound");
  if (!body) co_return std::nullopt;
  SnapshotFacts facts{.status = text_in(*body, "Status"),
                      .cluster_identifier = text_in(*body, "ClusterIdentifier"),
                      .create_time = text_in(*body, "SnapshotCreateTime")};
  if (facts.status.empty()) co_return std::nullopt;
  co_return facts;
}

bool is_refused_as(const AwsRefused& refused, std::string_view code) {
  return refused.code == code || refused.code == std::string(code) + "Fault";
}

bool may_be_own(const operators::TaskFacts& facts, const std::string& create_time) {
  // An earlier try may have made it, but not one of an earlier run.
  const std::optional<Time> since = facts.try_number > 1 && facts.run->run_after ? facts.run->run_after : facts.start_date;
  if (create_time.empty()) return true;  // Amazon is about to make it
  const auto made = parse_time(create_time);
  return since && made && *made >= *since - skew;
}

void append_tags(net::QueryItems& form, const Arguments& arguments) {
  const Value* tags = arguments.find("tags");
  if (tags == nullptr) return;
  int number = 0;
  for (const Value& tag : tags->as_array()) {
    const Value* value = tag.get("Value");
    if (tag.get_string("Key").empty() || (value != nullptr && !value->is_string()))
      throw TaskFailedForGood(R"(the argument tags must be a list like [{"Key": "team", "Value": "etl"}])");
    form.emplace_back(fmt::format("Tags.Tag.{}.Key", ++number), tag.get_string("Key"));
    form.emplace_back(fmt::format("Tags.Tag.{}.Value", number), tag.get_string("Value"));
  }
}

Patience patience_of(const Arguments& arguments, std::string_view attempts, Patience otherwise) {
  const Patience patience{.poll_interval = arguments.number("poll_interval", otherwise.poll_interval),
                          .attempts = attempts.empty() ? otherwise.attempts : arguments.integer(attempts, otherwise.attempts)};
  if (!(patience.poll_interval > 0 && patience.poll_interval <= 1e6))
    throw TaskFailedForGood("the argument poll_interval must be a positive number of seconds");
  if (patience.attempts < 1) throw TaskFailedForGood(fmt::format("the argument {} must be at least 1", attempts));
  return patience;
}

asio::awaitable<Connection> with_iam_login(CallContext t, Connection connection) {
  Value extra(operators::extra_of(connection));
  if (!extra.get_bool("iam")) co_return connection;
  AwsSource source{.conn_id = extra.get_string("aws_conn_id", "aws_default")};
  const AwsSettings settings = co_await settings_of_try(t, std::move(source));
  Login login;
  if (extra.get_bool("is_serverless"))
    login = co_await login_of_workgroup(t, settings, connection, extra);
  else
    login = co_await login_of_cluster(t, settings, connection, extra);
  if (login.user.empty() || login.password.empty())
    throw TaskFailed(fmt::format("connection {}: Amazon's answer has no login (iam)", connection.conn_id));
  t.log.add_secrets(std::vector{login.password});
  connection.login = std::move(login.user);
  connection.password = std::move(login.password);
  if (!connection.port) connection.port = default_port;
  extra.as_object().erase("iam");
  connection.extra = to_json(extra);
  co_return connection;
}

}  // namespace venturi::providers
