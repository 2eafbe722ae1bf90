#include "lanes/yaml_lane.h"

#include <gmock/gmock.h>

#include "lanes/testing/processor_fixture.h"

namespace venturi::lanes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class YamlLaneTest : public ProcessorTest {
 protected:
  // Complete when it gets its name.
  void put(const std::string& relative, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(in_dags(relative)).parent_path());
    write_text(folder.path + "/being-written", text);
    std::filesystem::rename(folder.path + "/being-written", in_dags(relative));
  }
  static std::string with_command(const std::string& command) {
    return "dag_id: orders\ntasks:\n  a: {operator: BashOperator, bash_command: " + command + "}\n";
  }
};

TEST_F(YamlLaneTest, AFileIsADag) {
  put("team/orders.yaml", with_command("pwd"));
  put("dbt_project.yml", "name: shop\n");
  start_and_scan();
  ASSERT_THAT(errors, IsEmpty());
  ASSERT_THAT(log, ElementsAre("dag orders", "ok team/orders.yaml"));
  const Dag& dag = *dags["orders"];
  EXPECT_EQ(dag.relative_fileloc, "team/orders.yaml");
  EXPECT_EQ(dag.fileloc, in_dags("team/orders.yaml"));
  EXPECT_EQ(dag.program, "");
  EXPECT_FALSE(dag.tasks.front().in_program());
}

TEST_F(YamlLaneTest, WhatChangesNothingMakesNoNewVersion) {
  put("orders.yaml", with_command("pwd"));
  start_and_scan();
  const std::string version = dags["orders"]->version_id;
  put("orders.yaml", "# a comment\n" + with_command("'pwd'"));
  put("other.yaml", "tasks: {a: {operator: EmptyOperator}}");
  wait_for_dag("other");
  EXPECT_EQ(told["orders"], 1);
  put("orders.yaml", with_command("ls"));
  run_until([&] { return told["orders"] == 2; }, "the change was told");
  EXPECT_NE(dags["orders"]->version_id, version);
}

TEST_F(YamlLaneTest, WhatWasGoodServesOnWhileAFileIsWrong) {
  put("orders.yaml", with_command("pwd"));
  start_and_scan();
  put("orders.yaml", with_command("[]"));
  wait_for_error("orders.yaml");
  EXPECT_EQ(errors["orders.yaml"], "orders.yaml:3:45: `bash_command` has to be a text, not a list");
  EXPECT_TRUE(dags.contains("orders"));
  put("orders.yaml", with_command("pwd"));
  run_until([&] { return errors.empty(); }, "the error was taken back");
  std::filesystem::remove(in_dags("orders.yaml"));
  run_until([&] { return dags.empty(); }, "the DAG went");
}

TEST_F(YamlLaneTest, ADagOfAProgramIsNotTaken) {
  put_program("one", "dag=orders:a");
  start_and_scan();
  put("two.yaml", with_command("pwd"));
  wait_for_error("two.yaml");
  EXPECT_THAT(errors["two.yaml"],
              HasSubstr("dag_id orders is declared in two files, one and two.yaml; the one of one is used"));
  EXPECT_EQ(dags["orders"]->relative_fileloc, "one");
}

TEST_F(YamlLaneTest, FilesWithinAProgramsFolderAreItsOwn) {
  put("shop/venturi.toml", "");
  put("shop/orders.yaml", with_command("pwd"));
  start_and_scan();
  EXPECT_FALSE(dags.contains("orders"));
}

}  // namespace
}  // namespace venturi::lanes
