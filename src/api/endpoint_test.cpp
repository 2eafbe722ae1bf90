#include "api/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace venturi::api {
namespace {

using ::testing::HasSubstr;

// An endpoint that does not say who may call it does not compile.
static_assert(!std::is_default_constructible_v<Permission>);
static_assert(!std::is_default_constructible_v<Endpoint>);

TEST(Endpoints, AreEachDeclaredOnce) {
  std::set<std::string> routes, operations;
  for (const Endpoint& endpoint : endpoints()) {
    EXPECT_TRUE(routes.insert(std::string(endpoint.method) + " " + std::string(endpoint.path)).second) << endpoint.path;
    EXPECT_TRUE(operations.insert(std::string(endpoint.operation_id)).second) << endpoint.operation_id;
    EXPECT_TRUE(endpoint.handler != nullptr);
    if (endpoint.path.starts_with("/api/v2/") && endpoint.path != "/api/v2/version" &&
        endpoint.path != "/api/v2/monitor/health" && !endpoint.path.starts_with("/api/v2/auth/"))
      EXPECT_TRUE(endpoint.permission.needs_token()) << endpoint.path;
    // What is a list, or the viewer's own.
    const bool changes_nothing = endpoint.path.ends_with("/list") || endpoint.path.ends_with("favorite");
    if (endpoint.method != "GET" && endpoint.permission.needs_token() && !changes_nothing)
      EXPECT_FALSE(endpoint.permission.allows(Role::viewer)) << endpoint.path << " changes something";
  }
}

TEST(Endpoints, AreFoundByMethodAndPath) {
  const Match found = find_endpoint("GET", "/api/v2/dags/a%2Fb/dagRuns/manual__2026-03-01T00:00:00+00:00");
  ASSERT_NE(found.endpoint, nullptr);
  EXPECT_EQ(found.endpoint->operation_id, "get_dag_run");
  EXPECT_EQ(found.path.at("dag_id"), "a/b");
  EXPECT_EQ(found.path.at("dag_run_id"), "manual__2026-03-01T00:00:00+00:00") << "a plus sign is no blank in a path";
  EXPECT_EQ(find_endpoint("GET", "/api/v2/dags/d/dagRuns/r/taskInstances/t/tries").endpoint->operation_id,
            "get_task_instance_tries");
  EXPECT_EQ(find_endpoint("GET", "/api/v2/dags/d/dagRuns/r/taskInstances/t/3").endpoint->operation_id,
            "get_mapped_task_instance");
  EXPECT_EQ(find_endpoint("GET", "/api/v2/nothing").endpoint, nullptr);
  const Match other_method = find_endpoint("DELETE", "/api/v2/version");
  EXPECT_EQ(other_method.endpoint, nullptr);
  EXPECT_TRUE(other_method.path_is_known);
  EXPECT_EQ(find_endpoint("GET", "/api/v2/dags/%zz").endpoint, nullptr);
  EXPECT_EQ(find_endpoint("GET", "/api/v2/dags/%FF").endpoint, nullptr);
}

std::string refused(std::string_view operation, std::string_view body) {
  for (const Endpoint& endpoint : endpoints()) {
    if (endpoint.operation_id != operation) continue;
    try {
      (void)check_body(endpoint, body);
      return "";
    } catch (const Refusal& refusal) {
      return std::to_string(refusal.status) + " " + to_json(refusal.detail);
    }
  }
  return "there is no such endpoint";
}

TEST(Endpoints, TakeBodiesAsTheyDeclareThem) {
  EXPECT_EQ(refused("trigger_dag_run", R"({"logical_date": null})"), "");
  EXPECT_EQ(refused("trigger_dag_run", R"({"logical_date": "2026-03-01T00:00:00+01:00", "conf": {}})"), "");
  EXPECT_THAT(refused("trigger_dag_run", "{}"),
              HasSubstr(R"(422 [{"type":"missing","loc":["body","logical_date"],"msg":"Field required")"));
  EXPECT_THAT(refused("trigger_dag_run", R"({"logical_date": "2026-03-01T00:00:00"})"), HasSubstr("timezone_aware"));
  EXPECT_THAT(refused("trigger_dag_run", R"({"logical_date": "2026-03-01"})"), HasSubstr("timezone_aware"));
  EXPECT_THAT(refused("trigger_dag_run", R"({"logical_date": "soon"})"), HasSubstr("datetime_from_date_parsing"));
  EXPECT_THAT(refused("trigger_dag_run", R"({"logical_date": null, "more": 1})"), HasSubstr("extra_forbidden"));
  EXPECT_THAT(refused("trigger_dag_run", R"({"logical_date": null, "conf": []})"), HasSubstr("dict_type"));
  EXPECT_THAT(refused("trigger_dag_run", "{"), HasSubstr("json_invalid"));
  EXPECT_THAT(refused("trigger_dag_run", "[]"), HasSubstr("model_attributes_type"));
  EXPECT_THAT(refused("patch_dag", R"({"is_paused": null})"), HasSubstr("bool_type"));
}

TEST(Endpoints, RefuseWhatIsNotServedWhereItAsksForSomething) {
  EXPECT_EQ(refused("trigger_dag_run", R"({"logical_date": null, "partition_key": "de"})"), "");
  EXPECT_EQ(refused("clear_dag_run", R"({"only_new": false})"), "");
  EXPECT_THAT(refused("clear_dag_run", R"({"only_new": true})"), HasSubstr("only_new"));
}

TEST(Endpoints, RefuseQueriesThatTheyDoNotDeclare) {
  const Match runs = find_endpoint("GET", "/api/v2/dags/d/dagRuns");
  ASSERT_NE(runs.endpoint, nullptr);
  Call call{};
  call.query = {{"limit", "1"}, {"state", "queued"}};
  EXPECT_NO_THROW(check_query(*runs.endpoint, call));
  call.query.emplace("bundle_version", "1");
  try {
    check_query(*runs.endpoint, call);
    ADD_FAILURE() << "a filter was ignored";
  } catch (const Refusal& refusal) {
    EXPECT_EQ(refusal.status, 400u);
    EXPECT_THAT(refusal.detail.as_string(), HasSubstr("`bundle_version`"));
  }
}

TEST(Endpoints, FindByPattern) {
  EXPECT_TRUE(fits_pattern("sales.orders", "ORDER"));
  EXPECT_TRUE(fits_pattern("sales.orders", "s%s.o_ders"));
  EXPECT_FALSE(fits_pattern("sales.orders", "o_rders"));
  EXPECT_TRUE(fits_pattern("sales", "x | ale"));
  EXPECT_TRUE(fits_pattern("sales", "~"));
  EXPECT_TRUE(fits_pattern("", ""));
  EXPECT_FALSE(fits_pattern(std::string(250, 'a'), "%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%b")) << "in time";
}

TEST(Endpoints, MakeADocument) {
  const Value document = openapi_document();
  const Value& path = document.at("paths").at("/api/v2/dags/{dag_id}/dagRuns");
  EXPECT_EQ(path.at("post").get_string("operationId"), "trigger_dag_run");
  EXPECT_EQ(path.at("get").get_string("operationId"), "get_dag_runs");
  EXPECT_TRUE(
      path.at("post").at("requestBody").at("content").at("application/json").at("schema").at("properties").get("conf") !=
      nullptr);
  std::size_t operations = 0;
  for (const auto& [name, methods] : document.at("paths").as_object()) operations += methods.as_object().size();
  EXPECT_EQ(operations, endpoints().size());
}

}  // namespace
}  // namespace venturi::api
