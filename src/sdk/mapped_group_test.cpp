// Mapped task groups and mapped operators, as they are described and as their tasks are called.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "sdk/serialize.h"
#include "sdk/testing/try_of.h"
#include "venturi/dag.h"

namespace venturi {
namespace {

using internal::serialize_dag;
using internal::serialize_task;
using ::testing::ElementsAre;

std::vector<std::string> list() {
  return {};
}
std::int64_t measure(const std::string& file) {
  return static_cast<std::int64_t>(file.size());
}
std::int64_t both(std::int64_t size, const std::string& file) {
  return size + static_cast<std::int64_t>(file.size());
}
std::int64_t total(const std::vector<std::int64_t>&) {
  return 0;
}

class MappedGroupTest : public testing::Test {
 protected:
  std::vector<std::string> mistakes() {
    detail::DagNode& node = *bag_.state().find("d");
    internal::connect_groups(node);
    internal::check_dag(node);
    return node.mistakes;
  }
  Value described() const { return serialize_dag(*bag_.state().find("d"), {"/dags/x.cpp", "/dags"}).at("dag"); }
  static std::string var_of(const TaskRef& task, const char* key) {
    return to_json(serialize_task(task.node()).at("__var").get_value(key));
  }
  // What a try asks for first: type, task, map_index, item.
  std::vector<std::string> requests_of(std::string_view task_id, int map_index) const {
    internal::TryOptions options;
    options.map_index = map_index;
    if (map_index >= 0) options.items = {map_index};
    const auto run = internal::try_of(bag_, "d", task_id, options, [](const Value&) { return internal::Answer{}; });
    std::vector<std::string> list;
    for (const Value& request : run.requests) {
      if (!request.get_string("type").starts_with("GetXCom")) continue;
      list.push_back(request.get_string("type") + " " + request.get_string("task_id") + " " +
                     to_json(request.get_value("map_index")) + " " + to_json(request.get_value("item")));
    }
    return list;
  }
  DagBag bag_;
  Dag dag_ = bag_.add("d", {});
};

TEST_F(MappedGroupTest, IsDescribedAsAirflowsMappedTaskGroup) {
  auto files = dag_.task<list>();
  auto sizes = dag_.expand_group("g", [](TaskGroup& group, const MappedItem<std::string>& file) {
    return group.task<both>()(group.task<measure>()(file), file);
  })(files);
  auto sum = dag_.task<total>()(sizes);
  EXPECT_THAT(mistakes(), ElementsAre());
  const Value group = described().at("task_group").at("children").at("g").as_array().at(1);
  EXPECT_TRUE(group.get_bool("is_mapped"));
  EXPECT_EQ(
      to_json(group.at("expand_input")),
      R"({"type":"dict-of-lists","value":{"__type":"dict","__var":{"0":{"__type":"xcomref","__var":{"task_id":"list","key":"return_value"}}}}})");
  EXPECT_EQ(var_of(files, "downstream_task_ids"), R"(["g.measure"])");
  EXPECT_EQ(var_of(sizes, "downstream_task_ids"), R"(["total"])");
  EXPECT_EQ(var_of(sizes, "_needs_expansion"), "true");
  EXPECT_EQ(var_of(sum, "_needs_expansion"), "false");
}

TEST_F(MappedGroupTest, EachInstanceAsksForItsOwn) {
  auto files = dag_.task<list>();
  auto sizes = dag_.expand_group("g", [](TaskGroup& group, const MappedItem<std::string>& file) {
    return group.task<both>()(group.task<measure>()(file), file);
  })(files);
  dag_.task<total>()(sizes);
  // The file, and what measure gave of the same index; behind the group all of them.
  EXPECT_THAT(requests_of("g.both", 1), ElementsAre("GetXCom g.measure 1 null", "GetXCom list -1 1"));
  EXPECT_THAT(requests_of("total", -1), ElementsAre("GetXComSequenceSlice g.both null null"));
}

TEST_F(MappedGroupTest, AFunctionThatGivesNothingGivesTheGroup) {
  TaskGroup group = dag_.expand_group("g", [](TaskGroup& inner, const MappedItem<int>&, const MappedItem<std::string>& word) {
    inner.task("say", [](const std::string&) {})(word);
  })(expand({1, 2}), std::vector<std::string>{"a"});
  auto after = dag_.task("after", [] {});
  group >> after;
  EXPECT_THAT(mistakes(), ElementsAre());
  EXPECT_EQ(to_json(described().at("task_group").at("children").at("g").as_array().at(1).at("expand_input")),
            R"({"type":"dict-of-lists","value":{"__type":"dict","__var":{"0":[1,2],"1":["a"]}}})");
}

TEST_F(MappedGroupTest, MistakesSayWhatToDo) {
  auto files = dag_.task<list>();
  std::vector<Output<std::int64_t>> inside;
  std::vector<MappedItem<std::string>> items;
  dag_.expand_group("g", [&](TaskGroup& group, const MappedItem<std::string>& file) {
    items.push_back(file);
    inside.push_back(group.task<measure>()(file));
    group.task("mapped", [](int) {})(expand({1}));
    group.task("early", [] {}, {.trigger_rule = TriggerRule::always});
    group.task<total>("all")(gather(inside.back()));
    group.expand_group("h", [](TaskGroup& inner, const MappedItem<int>&) { inner.empty("e"); })(expand({1}));
  })(files);
  dag_.task("one", [](std::int64_t) {})(inside.back());
  dag_.task<measure>("outside")(items.back());
  EXPECT_THAT(
      mistakes(),
      ElementsAre(
          "task outside: it takes the item of task group g, in which it is not: make it in that group",
          "task g.mapped: operator expansion in an expanded task group (g) is not yet supported: take one of the two expand() "
          "away, or map the group over all combinations",
          "task g.early: trigger_rule always is not allowed in a mapped task group, whose tasks cannot run before it is known "
          "how "
          "many there are: take another rule, such as all_done",
          "task g.all: it takes the output of g.measure from all instances, and stands in the same mapped task group: take it "
          "behind the group",
          "task one: it takes the output of g.measure, of which there is one for each item that its task group is mapped over: "
          "take all of them with gather(), or return it from the group's function",
          "task group g.h is mapped, and stands in mapped task group g: nested mapped task groups are not yet supported; map "
          "the outer one over all combinations, expand() takes several lists"));
}

TEST_F(MappedGroupTest, AMappedOperatorIsDescribedAsAirflows) {
  auto files = dag_.task<list>();
  auto [command, folder] = zip(files, std::vector<std::string>{"/", "/tmp"});
  auto task = dag_.partial(BashOperator{.task_id = "say", .append_env = true})
                  .expand(&BashOperator::bash_command, command, &BashOperator::cwd, folder, &BashOperator::do_xcom_push,
                          expand({true, false}));
  EXPECT_THAT(mistakes(), ElementsAre());
  EXPECT_EQ(var_of(files, "downstream_task_ids"), R"(["say"])");
  EXPECT_EQ(var_of(task, "partial_kwargs"), R"({"append_env":true})");
  EXPECT_EQ(var_of(task, "bash_command"), R"({"__type":"xcomref","__var":{"type":"item","axis":0,"list":0}})");
  EXPECT_EQ(var_of(task, "cwd"), R"({"__type":"xcomref","__var":{"type":"item","axis":0,"list":1}})");
  EXPECT_EQ(
      var_of(task, "expand_input"),
      R"({"type":"dict-of-lists","value":{"__type":"dict","__var":{"bash_command,cwd":{"__type":"xcomref","__var":{"type":"zip",)"
      R"("args":[{"__type":"xcomref","__var":{"task_id":"list","key":"return_value"}},["/","/tmp"]]}},"do_xcom_push":[true,false]}}})");
}

TEST_F(MappedGroupTest, ExpandKwargsGoesOverObjects) {
  auto task = dag_.partial(BashOperator{.task_id = "say"})
                  .expand_kwargs(std::vector<std::map<std::string, std::string>>{{{"bash_command", "pwd"}}});
  EXPECT_THAT(mistakes(), ElementsAre()) << "bash_command may be in the items";
  EXPECT_EQ(var_of(task, "expand_input"),
            R"({"type":"list-of-dicts","value":[{"__type":"dict","__var":{"bash_command":"pwd"}}]})");
}

}  // namespace
}  // namespace venturi
