// Serverless workgroups and their namespaces: made, deleted, and waited for. What an earlier start or try of the same task has
// begun already is waited for, not begun once more.
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/time.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/amazon/aws_call.h"
#include "providers/amazon/aws_json.h"
#include "providers/amazon/aws_try.h"
#include "providers/amazon/redshift.h"
#include "providers/amazon/redshift_api.h"

namespace venturi::providers {
namespace redshift_workgroups {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

constexpr const char* gone = "gone";

class Serverless {
 public:
  Serverless(OperatorTry& t, AwsSettings settings) : t_(t), settings_(std::move(settings)) {}

  asio::awaitable<Value> call(std::string action, Object body) {
    AwsAction its{
        .service = "redshift-serverless", .target = "RedshiftServerless." + action, .shown = "Redshift Serverless: " + action};
    co_return co_await call_aws_json(settings_, std::move(its), std::move(body), &t_.log);
  }
  // Null where there is none; the code is that of a refusal which says so.
  asio::awaitable<Value> call_unless(std::string action, Object body, std::string code) {
    try {
      co_return co_await call(std::move(action), std::move(body));
    } catch (const AwsRefused& refused) {
      if (refused.code != code) throw;
    }
    co_return Value();
  }
  asio::awaitable<Value> workgroup(std::string name) {
    Object body{{"workgroupName", std::move(name)}};
    const Value answer = co_await call_unless("GetWorkgroup", std::move(body), "ResourceNotFoundException");
    co_return answer.get_value("workgroup");
  }
  asio::awaitable<Value> namespace_of(std::string name) {
    Object body{{"namespaceName", std::move(name)}};
    const Value answer = co_await call_unless("GetNamespace", std::move(body), "ResourceNotFoundException");
    co_return answer.get_value("namespace");
  }

 private:
  OperatorTry& t_;
  AwsSettings settings_;
};

std::string status_of(const Value& resource) {
  return resource.is_null() ? std::string(gone) : resource.get_string("status");
}

// What is waited for: a workgroup, or a namespace.
struct Awaited {
  bool is_workgroup = true;
  std::string name, status;
  [[nodiscard]] std::string text() const { return (is_workgroup ? "workgroup " : "namespace ") + name; }
};

asio::awaitable<Value> wait_for(OperatorTry& t, Serverless& api, Awaited awaited, Patience patience) {
  for (std::int64_t attempt = 1;; ++attempt) {
    Value resource;
    if (awaited.is_workgroup)
      resource = co_await api.workgroup(awaited.name);
    else
      resource = co_await api.namespace_of(awaited.name);
    const std::string status = status_of(resource);
    if (status == awaited.status) co_return resource;
    t.log.info(fmt::format("{}: {}, waiting for {}", awaited.text(), status, awaited.status));
    if (awaited.status != gone && (status == gone || status == "DELETING"))
      throw TaskFailed(fmt::format("Redshift Serverless: {} is {}: it will not be {}", awaited.text(), status, awaited.status));
    if (attempt >= patience.attempts) {
      throw TaskFailed(
          fmt::format("Redshift Serverless: {} is {} after {} looks, not {}", awaited.text(), status, attempt, awaited.status));
    }
    co_await pause_between(patience.poll_interval);
  }
}

struct Member {
  std::string_view argument, name;
};
constexpr std::array members{
    Member{"namespace_name", "namespaceName"},
    Member{"base_capacity", "baseCapacity"},
    Member{"max_capacity", "maxCapacity"},
    Member{"subnet_ids", "subnetIds"},
    Member{"security_group_ids", "securityGroupIds"},
    Member{"publicly_accessible", "publiclyAccessible"},
    Member{"enhanced_vpc_routing", "enhancedVpcRouting"},
    Member{"port", "port"},
};

Array tags_of(const Arguments& arguments) {
  Array tags;
  const Value* given = arguments.find("tags");
  if (given == nullptr) return tags;
  for (const Value& tag : given->as_array()) {
    if (tag.get_string("Key").empty())
      throw TaskFailedForGood(R"(the argument tags must be a list like [{"Key": "team", "Value": "etl"}])");
    tags.push_back(Object{{"key", tag.get_string("Key")}, {"value", tag.get_string("Value")}});
  }
  return tags;
}

// The one of that name may be anybody's: it keeps data, and its workgroup comes and goes.
asio::awaitable<void> make_namespace(OperatorTry& t, Serverless& api, const Arguments& arguments, Patience patience) {
  const Value* given = arguments.find("create_namespace");
  if (given == nullptr) co_return;
  const std::string name = arguments.string("namespace_name");
  if (const std::string secret = given->get_string("adminUserPassword"); !secret.empty())
    t.log.add_secrets(std::vector{secret});
  Object body = given->as_object();
  body.set("namespaceName", name);
  const Value made = co_await api.call_unless("CreateNamespace", std::move(body), "ConflictException");
  t.log.info(made.is_null() ? fmt::format("namespace {} is there already", name) : fmt::format("Created namespace {}", name));
  (void)co_await wait_for(t, api, {.is_workgroup = false, .name = name, .status = "AVAILABLE"}, patience);
}

// Gives whether it was made now; throws where one of that name is somebody else's.
asio::awaitable<bool> make_workgroup(OperatorTry& t, Serverless& api, const Arguments& arguments) {
  const std::string name = arguments.string("workgroup_name");
  Object body{{"workgroupName", name}};
  for (const auto& [argument, member] : members) {
    if (const Value* value = arguments.find(argument)) body.set(member, *value);
  }
  if (Array tags = tags_of(arguments); !tags.empty()) body.set("tags", std::move(tags));
  std::optional<AwsRefused> there;
  try {
    (void)co_await api.call("CreateWorkgroup", std::move(body));
    co_return true;
  } catch (const AwsRefused& refused) {
    if (refused.code != "ConflictException") throw;
    there = refused;
  }
  const Value workgroup = co_await api.workgroup(name);
  const bool is_own = workgroup.get_string("namespaceName") == arguments.string("namespace_name") &&
                      may_be_own(t.facts, workgroup.get_string("creationDate"));
  if (!is_own) throw *there;
  co_return false;
}

// Busy where it is still changing: asked again.
asio::awaitable<void> begin_deletion(OperatorTry& t, Serverless& api, std::string action, Object body, Patience patience) {
  for (std::int64_t attempt = 1;; ++attempt) {
    std::string busy;
    try {
      const Value answer = co_await api.call_unless(action, body, "ResourceNotFoundException");
      if (answer.is_null()) t.log.info("it is gone already");
      co_return;
    } catch (const AwsRefused& refused) {
      if (refused.code != "ConflictException" || attempt >= patience.attempts) throw;
      busy = refused.what();
    }
    t.log.warning(busy + "; trying again");
    co_await pause_between(patience.poll_interval);
  }
}

}  // namespace
}  // namespace redshift_workgroups

boost::asio::awaitable<Value> run_create_workgroup(operators::OperatorTry& t, operators::Arguments arguments) {
  using namespace redshift_workgroups;
  const Patience patience = patience_of(arguments, "max_attempts", {.poll_interval = 30, .attempts = 60});
  const std::string name = arguments.string("workgroup_name");
  AwsSettings settings = co_await settings_of_try(t, aws_source(arguments));
  Serverless api(t, std::move(settings));
  co_await make_namespace(t, api, arguments, patience);
  const bool is_new = co_await make_workgroup(t, api, arguments);
  t.log.info(is_new ? fmt::format("Created workgroup {}", name)
                    : fmt::format("workgroup {} is this task's own, of an earlier start", name));
  Object made{{"workgroup_name", name}};
  if (!arguments.boolean("wait_for_completion", true)) co_return made;
  const Value workgroup = co_await wait_for(t, api, {.name = name, .status = "AVAILABLE"}, patience);
  const Value endpoint = workgroup.get_value("endpoint");
  made.set("address", endpoint.get_string("address"));
  made.set("port", endpoint.get_int("port"));
  co_return made;
}

boost::asio::awaitable<Value> run_delete_workgroup(operators::OperatorTry& t, operators::Arguments arguments) {
  using namespace redshift_workgroups;
  const Patience patience = patience_of(arguments, "max_attempts", {.poll_interval = 30, .attempts = 60});
  const std::string name = arguments.string("workgroup_name"), space = arguments.string("namespace_name");
  const bool waits = arguments.boolean("wait_for_completion", true);
  if (!space.empty() && !waits)
    throw TaskFailedForGood("the namespace goes after its workgroup: give namespace_name with wait_for_completion alone");
  AwsSettings settings = co_await settings_of_try(t, aws_source(arguments));
  Serverless api(t, std::move(settings));
  if (status_of(co_await api.workgroup(name)) != "DELETING")
    co_await begin_deletion(t, api, "DeleteWorkgroup", {{"workgroupName", name}}, patience);
  if (!waits) co_return Value();
  (void)co_await wait_for(t, api, {.name = name, .status = gone}, patience);
  t.log.info(fmt::format("workgroup {} is gone", name));
  if (space.empty()) co_return Value();
  Object body{{"namespaceName", space}};
  if (const std::string snapshot = arguments.string("final_snapshot_name"); !snapshot.empty())
    body.set("finalSnapshotName", snapshot);
  if (status_of(co_await api.namespace_of(space)) != "DELETING")
    co_await begin_deletion(t, api, "DeleteNamespace", std::move(body), patience);
  (void)co_await wait_for(t, api, {.is_workgroup = false, .name = space, .status = gone}, patience);
  t.log.info(fmt::format("namespace {} is gone", space));
  co_return Value();
}

}  // namespace venturi::providers
