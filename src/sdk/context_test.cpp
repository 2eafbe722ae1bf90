// What a function can know and ask for.
#include "venturi/context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/testing/try_of.h"

namespace venturi {
namespace {

using internal::Answer;
using internal::Try;
using internal::try_of;
using internal::TryOptions;
using testing::ElementsAre;
using testing::HasSubstr;

// Runs `body` as a task of a DAG with params.
template <class F>
Try in_task(F body, const TryOptions& options = {}, internal::FakeSupervisor::Answers answers = {}) {
  DagBag bag;
  Dag dag = bag.add("d", {.params = {{"limit", 10}, {"name", "all"}}});
  dag.task("t", body);
  return try_of(bag, "d", "t", options, std::move(answers));
}
std::string error_of(const Try& t) {
  return t.request("TaskState").get_string("error");
}

Answer refusal(const char* code) {
  return {Object{{"type", "ErrorResponse"}, {"error", code}, {"detail", Object{{"message", "why"}}}}, {}};
}

TEST(Context, TellsWhichTryOfWhichRunItIs) {
  const Try t = in_task([](const Context& c) {
    return Value(Object{{"dag_id", c.dag_id()},
                        {"task_id", c.task_id()},
                        {"run_id", c.run_id()},
                        {"run_type", c.run_type()},
                        {"try_number", c.try_number()},
                        {"max_tries", c.max_tries()},
                        {"map_index", c.map_index()},
                        {"logical_date", format_time(c.logical_date().value())},
                        {"start", format_time(c.data_interval_start().value())},
                        {"end", format_time(c.data_interval_end().value())},
                        {"run_after", format_time(c.run_after().value())},
                        {"start_date", format_time(c.start_date().value())},
                        {"run_dir", c.run_dir()}});
  });
  EXPECT_EQ(t.xcom("return_value"), Value(Object{{"dag_id", "d"},
                                                 {"task_id", "t"},
                                                 {"run_id", "manual__2026-01-02"},
                                                 {"run_type", "manual"},
                                                 {"try_number", 2},
                                                 {"max_tries", 3},
                                                 {"map_index", -1},
                                                 {"logical_date", "2026-01-02T03:04:05Z"},
                                                 {"start", "2026-01-01T00:00:00Z"},
                                                 {"end", "2026-01-02T00:00:00Z"},
                                                 {"run_after", "2026-01-02T03:04:06Z"},
                                                 {"start_date", "2026-01-02T03:04:07Z"},
                                                 {"run_dir", "/nowhere"}}));
}

TEST(Context, ConfReplacesParams) {
  const auto both = [](const Context& c) { return Value(Array{c.params(), c.conf()}); };
  EXPECT_EQ(in_task(both).xcom("return_value"), Value(Array{Value(Object{{"limit", 10}, {"name", "all"}}), Value(Object{})}));
  EXPECT_EQ(
      in_task(both, {.conf = Object{{"limit", 3}, {"more", true}}}).xcom("return_value"),
      Value(Array{Value(Object{{"limit", 3}, {"name", "all"}, {"more", true}}), Value(Object{{"limit", 3}, {"more", true}})}));
}

TEST(Context, GivesConnections) {
  const auto use = [](const Context& c) {
    const Connection db = c.get_connection("shop");
    return Value(Array{Value(db.conn_type), Value(db.host), Value(db.schema), Value(db.login), Value(db.password),
                       Value(db.port.value_or(0)), db.extra_dejson()});
  };
  const Try t = in_task(use, {}, [](const Value& request) {
    if (request.get_string("type") != "GetConnection") return Answer{};
    return Answer{Object{{"type", "ConnectionResult"},
                         {"conn_id", request.at("conn_id")},
                         {"conn_type", "postgres"},
                         {"host", "db"},
                         {"schema", "shop"},
                         {"login", "me"},
                         {"password", "secret"},
                         {"port", 5432},
                         {"extra", R"({"sslmode": "require"})"}},
                  {}};
  });
  EXPECT_EQ(t.request("GetConnection").get_string("conn_id"), "shop");
  EXPECT_EQ(to_json(t.xcom("return_value")), R"(["postgres","db","shop","me","secret",5432,{"sslmode":"require"}])");
}

TEST(Context, AMissingConnectionSaysHowToAddIt) {
  const auto use = [](const Context& c) { (void)c.get_connection("shop"); };
  EXPECT_EQ(error_of(in_task(use, {},
                             [](const Value& r) {
                               return r.get_string("type") == "GetConnection" ? refusal("CONNECTION_NOT_FOUND") : Answer{};
                             })),
            "there is no connection shop: add it with venturi connections add shop --conn-uri ...");
  EXPECT_EQ(error_of(in_task(use, {},
                             [](const Value& r) {
                               return r.get_string("type") == "GetConnection" ? refusal("PERMISSION_DENIED") : Answer{};
                             })),
            "the connection shop was not given: PERMISSION_DENIED: why");
}

TEST(Context, APasswordDoesNotReachTheErrorOfATry) {
  const Try t = in_task(
      [](const Context& c) { throw std::runtime_error("cannot log in with " + c.get_connection("shop").password + "!"); }, {},
      [](const Value& r) {
        if (r.get_string("type") != "GetConnection") return Answer{};
        return Answer{Object{{"type", "ConnectionResult"}, {"conn_id", "shop"}, {"password", "geheim123"}}, {}};
      });
  EXPECT_EQ(error_of(t), "cannot log in with ***!");
  EXPECT_THAT(t.events(), ElementsAre("cannot log in with ***!"));
}

TEST(Context, GivesVariables) {
  const auto answers = [](const Value& r) {
    if (r.get_string("type") != "GetVariable") return Answer{};
    if (r.get_string("key") == "gone") return refusal("VARIABLE_NOT_FOUND");
    const std::string value = r.get_string("key") == "json" ? R"({"n": [1, 2.5, "ж"]})" : "text";
    return Answer{Object{{"type", "VariableResult"}, {"key", r.at("key")}, {"value", value}}, {}};
  };
  const Try t = in_task(
      [](const Context& c) {
        return Value(Array{Value(c.get_variable("a")), Value(c.get_variable("gone", "default")), c.get_variable_json("json")});
      },
      {}, answers);
  EXPECT_EQ(to_json(t.xcom("return_value")), R"(["text","default",{"n":[1,2.5,"ж"]}])");
  EXPECT_EQ(error_of(in_task([](const Context& c) { (void)c.get_variable("gone"); }, {}, answers)),
            "there is no variable gone: add it with venturi variables set gone ...");
  EXPECT_THAT(error_of(in_task([](const Context& c) { (void)c.get_variable_json("a"); }, {}, answers)),
              HasSubstr("variable a is no JSON"));
}

TEST(Context, SetsAndDeletesVariables) {
  const Try t = in_task([](const Context& c) {
    c.set_variable("seen", "7", "how many");
    c.delete_variable("old");
  });
  EXPECT_THAT(t.types(), ElementsAre("PutVariable", "DeleteVariable", "SucceedTask"));
  EXPECT_EQ(t.requests[0],
            Value(Object{{"type", "PutVariable"}, {"key", "seen"}, {"value", "7"}, {"description", "how many"}}));
  EXPECT_EQ(t.requests[1].get_string("key"), "old");
}

TEST(Context, PushesAndPullsXComs) {
  const Try t = in_task(
      [](const Context& c) {
        c.xcom_push("rows", std::vector<std::int64_t>{1, 2});
        const auto here = c.xcom_pull<std::int64_t>("first");
        const auto nothing =
            c.xcom_pull<std::string>(XComQuery{.task_id = "x", .dag_id = "other", .include_prior_dates = true});
        return here.value_or(-1) + (nothing ? 100 : 0);
      },
      {},
      [](const Value& r) {
        if (r.get_string("type") != "GetXCom") return Answer{};
        if (r.get_string("task_id") == "x") return refusal("XCOM_NOT_FOUND");
        return Answer{Object{{"type", "XComResult"}, {"key", "return_value"}, {"value", 5}}, {}};
      });
  EXPECT_EQ(t.xcom("rows"), Value(Array{Value(1), Value(2)}));
  EXPECT_EQ(t.xcom("return_value"), Value(5));
  EXPECT_EQ(t.requests[2].get_string("dag_id"), "other");
  EXPECT_TRUE(t.requests[2].get_bool("include_prior_dates"));
}

TEST(Context, FilesOfARunAreVenturisOwn) {
  EXPECT_THAT(in_task([](const Context& c) { (void)c.create_run_file("x", {}); }, {.of_venturi = false}).events(),
              ElementsAre(HasSubstr("there is no folder for files of the run: only Venturi's workers have one")));
}

TEST(Context, AnErrorOfTheServersFailsTheTry) {
  const Try t = in_task(
      [](const Context& c) { c.xcom_push("k", std::int64_t{1}); }, {},
      [](const Value& r) {
        if (r.get_string("type") != "SetXCom") return Answer{};
        return Answer{
            {}, Object{{"type", "ErrorResponse"}, {"error", "API_SERVER_ERROR"}, {"detail", Object{{"message", "down"}}}}};
      });
  EXPECT_EQ(error_of(t), "SetXCom failed: API_SERVER_ERROR: down");
}

}  // namespace
}  // namespace venturi
