// VENTURI_DAG and VENTURI_DAGS as the linker collects them, and what the program says of them. This file is a DAG file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/program.h"

namespace {
void nothing() {}
}  // namespace

VENTURI_DAG(first_of_file, {.schedule = "@daily", .description = "for people"}) {
  dag.task<nothing>() >> dag.empty("end");
}

VENTURI_DAGS(bag) {
  for (const std::string table : {"orders", "customers"}) {
    venturi::Dag dag = bag.add("load_" + table);
    dag.task("load", [table](const venturi::Context& context) { context.log().info("loading ", table); });
  }
}

VENTURI_DAG(throws) {
  dag.empty("half");
  throw std::runtime_error("no such table");
}

VENTURI_DAG(in_a_circle) {
  auto a = dag.empty("a"), b = dag.empty("b");
  a >> b >> a;
}

VENTURI_DAGS(more) {
  more.add("before");
  throw 7;
}

namespace venturi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class MakeDagsTest : public testing::Test {
 protected:
  MakeDagsTest() { internal::make_dags(bag_); }
  DagBag bag_;
};

TEST_F(MakeDagsTest, AllOfTheFileInItsOrder) {
  std::vector<std::string> ids;
  for (const auto& dag : bag_.state().dags) ids.push_back(dag->dag_id);
  EXPECT_THAT(ids, ElementsAre("first_of_file", "load_orders", "load_customers", "in_a_circle", "before"))
      << "half of a DAG is none";
}

TEST_F(MakeDagsTest, WhatIsWrongIsAMistakeOfItsDagAlone) {
  EXPECT_THAT(internal::all_mistakes(bag_),
              ElementsAre("dag throws: its definition ended with an exception: no such table",
                          "VENTURI_DAGS, at or after dag before: its definition ended with an exception: of a type that is no "
                          "std::exception",
                          "dag in_a_circle: its tasks form a cycle: a -> b -> a; take one of these dependencies away"));
}

TEST_F(MakeDagsTest, DescribesTheGoodOnesAndTellsTheMistakes) {
  const Value result = internal::describe(
      bag_, Object{{"type", "DagFileParseRequest"}, {"file", "/dags/etl/all.cpp"}, {"bundle_path", "/dags"}});
  EXPECT_EQ(result.get_string("type"), "DagFileParsingResult");
  EXPECT_EQ(result.get_string("fileloc"), "/dags/etl/all.cpp");
  std::vector<std::string> ids;
  for (const Value& dag : result.at("serialized_dags").as_array()) {
    EXPECT_EQ(dag.at("data").get_int("__version"), 3);
    EXPECT_EQ(dag.at("data").at("dag").get_string("relative_fileloc"), "etl/all.cpp");
    ids.push_back(dag.at("data").at("dag").get_string("dag_id"));
  }
  EXPECT_THAT(ids, ElementsAre("first_of_file", "load_orders", "load_customers", "before"));
  ASSERT_EQ(result.at("import_errors").as_object().size(), 1u);
  EXPECT_THAT(result.at("import_errors").get_string("etl/all.cpp"),
              testing::AllOf(HasSubstr("dag throws:"), HasSubstr("\ndag in_a_circle:")));
}

TEST_F(MakeDagsTest, TellsPeopleWhatItIs) {
  testing::internal::CaptureStdout();
  const int code = internal::tell_about(bag_, "./all");
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_EQ(code, 1) << "it has mistakes";
  EXPECT_THAT(text, HasSubstr("./all: a DAG program of Venturi (SDK "));
  EXPECT_THAT(text, HasSubstr("\nfirst_of_file  (schedule @daily)\n  for people\n  nothing  (function) -> end\n"
                              "  end  (EmptyOperator)\n"));
  EXPECT_THAT(text, HasSubstr("\nMistakes, to be corrected before it can be used:\n  dag throws: "));
  EXPECT_THAT(text, HasSubstr("cp ./all $VENTURI_HOME/dags/"));
}

TEST(Describe, OfTwoDagsWithOneIdTheFirstStands) {
  DagBag bag;
  bag.add("d").empty("first");
  bag.add("d").empty("second");
  const Value result = internal::describe(bag, Object{{"file", "/dags/x.cpp"}, {"bundle_path", "/dags"}});
  ASSERT_EQ(result.at("serialized_dags").as_array().size(), 1u);
  EXPECT_THAT(to_json(result), testing::AllOf(HasSubstr("\"first\""), HasSubstr("two DAGs have the dag_id d")));
}

}  // namespace
}  // namespace venturi
