#include "server/mapped_operator.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace venturi::server {
namespace {

// list, m (mapped), g.a >> g.b (a group over list, and over constants), op: what this task becomes.
Value op_of(std::string_view task_id, const std::string& members, std::vector<std::int64_t> items, std::int32_t map_index) {
  const auto of = [&](std::string_view id, const std::string& downstream) {
    return R"({"__type": "operator", "__var": {"task_id": ")" + std::string(id) +
           R"(", "task_type": "BashOperator", "downstream_task_ids": [)" + downstream + "]" + (id == task_id ? members : "") +
           "}}";
  };
  const std::string text =
      R"({"__version": 3, "dag": {"dag_id": "d", "tasks": [)" + of("list", R"("m", "op", "g.a")") + ", " +
      R"({"__type": "operator", "__var": {"task_id": "m", "downstream_task_ids": ["op", "g.b"], "_is_mapped": true, "expand_input": {"type": "dict-of-lists",
         "value": {"x": {"__type": "xcomref", "__var": {"task_id": "list", "key": "return_value"}}}}}}, )" +
      of("op", "") + ", " + of("g.a", R"("g.b")") + ", " + of("g.b", "") +
      R"(], "task_group": {"children": {"g": ["taskgroup", {"_group_id": "g", "is_mapped": true, "children": {"g.a": ["operator", "g.a"], "g.b": ["operator", "g.b"]},
        "expand_input": {"type": "dict-of-lists", "value": {"0": {"__type": "xcomref", "__var": {"task_id": "list", "key": "k"}}, "1": [7, 8]}}}]}}}})";
  auto dag = read_serialized_dag(parse_json(text).value());
  if (!dag) throw std::runtime_error(dag.error().text());
  engine::Launch launch;
  launch.dag = std::make_shared<const Dag>(std::move(*dag));
  launch.task = launch.dag->find_task(task_id).value();
  launch.ti.map_index = map_index;
  launch.items = std::move(items);
  return operator_of(launch);
}
std::string field(const Value& op, std::string_view name) {
  return to_json(op.get_value(name));
}

TEST(MappedOperator, GetsItsItemsInPlaceOfTheLists) {
  const Value op = op_of(
      "op",
      R"(, "_is_mapped": true, "_expand_input_attr": "expand_input", "partial_kwargs": {"env": {"__type": "dict", "__var": {"A": "a"}}},
    "bash_command": {"__type": "xcomref", "__var": {"type": "item", "axis": 0, "list": 1}},
    "expand_input": {"type": "dict-of-lists", "value": {"__type": "dict", "__var": {
      "bash_command,x": {"__type": "xcomref", "__var": {"type": "zip", "args": [["p", "q"], {"__type": "xcomref", "__var": {"task_id": "list", "key": "k"}}]}},
      "cwd": [{"__type": "dict", "__var": {"a": 1}}, "two"], "y": {"__type": "xcomref", "__var": {"task_id": "m", "key": "return_value"}}}}})",
      {1, 1, 0, 2}, 5);
  EXPECT_EQ(field(op, "env"), R"({"__type":"dict","__var":{"A":"a"}})");
  EXPECT_EQ(field(op, "bash_command"), R"({"__type":"xcomref","__var":{"task_id":"list","key":"k","item":1}})");
  EXPECT_EQ(field(op, "cwd"), R"({"__type":"dict","__var":{"a":1}})") << "Airflow's form: the field's list has its name";
  EXPECT_EQ(field(op, "y"), R"({"__type":"xcomref","__var":{"task_id":"m","key":"return_value","map_index":2}})");
  EXPECT_EQ(field(op, "expand_input"), "null");
  EXPECT_EQ(field(op, "task_type"), R"("BashOperator")");
}

TEST(MappedOperator, GetsTheArgumentsOfItsItem) {
  const std::string head =
      R"(, "_is_mapped": true, "_expand_input_attr": "expand_input", "partial_kwargs": {}, "expand_input": {"type": "list-of-dicts", "value": )";
  EXPECT_EQ(field(op_of("op", head + R"([{"__type": "dict", "__var": {"cwd": "/"}}]})", {0}, 0), "_kwargs"),
            R"({"__type":"dict","__var":{"cwd":"/"}})");
  EXPECT_EQ(field(op_of("op", head + R"({"__type": "xcomref", "__var": {"task_id": "list", "key": "k"}}})", {3}, 3), "_kwargs"),
            R"({"__type":"xcomref","__var":{"task_id":"list","key":"k","item":3}})");
}

TEST(MappedOperator, TakesItsItemOfJoinedLists) {
  const std::string members = R"(, "_is_mapped": true, "_expand_input_attr": "expand_input", "partial_kwargs": {},
    "bash_command": {"__type": "xcomref", "__var": {"type": "item", "axis": 0, "list": 0}},
    "cwd": {"__type": "xcomref", "__var": {"type": "item", "axis": 0, "list": 1}},
    "env": {"__type": "xcomref", "__var": {"type": "item", "axis": 1, "list": 0}},
    "expand_input": {"type": "dict-of-lists", "value": {"__type": "dict", "__var": {
      "bash_command,cwd": {"__type": "xcomref", "__var": {"type": "zip", "fillvalues": ["pwd", "/"], "args": [
        {"__type": "xcomref", "__var": {"type": "concat", "args": [["a"], {"task_id": "m", "key": "return_value"}]}}, ["/tmp"]]}},
      "env": {"__type": "xcomref", "__var": {"type": "concat", "args": [[{"__type": "dict", "__var": {}}], {"task_id": "list", "key": "k"}]}}}}})";
  const Value first = op_of("op", members, {0, -1, 0, 0, -1}, 0);
  EXPECT_EQ(field(first, "bash_command"), R"("a")");
  EXPECT_EQ(field(first, "cwd"), R"("/tmp")");
  EXPECT_EQ(field(first, "env"), R"({"__type":"dict","__var":{}})");
  const Value later = op_of("op", members, {-1, 1, -1, -1, 4}, 9);
  EXPECT_EQ(field(later, "bash_command"), R"({"__type":"xcomref","__var":{"task_id":"m","key":"return_value","map_index":1}})");
  EXPECT_EQ(field(later, "cwd"), R"("/")") << "filled";
  EXPECT_EQ(field(later, "env"), R"({"__type":"xcomref","__var":{"task_id":"list","key":"k","item":4}})");
  EXPECT_EQ(field(op_of("op", members, {-1, -1, 0, 0, -1}, 0), "bash_command"), R"("pwd")") << "filled";
}

TEST(MappedOperator, InAGroupTakesWhatItsOwnInstancesGave) {
  const Value op = op_of("g.b", R"(, "bash_command": {"__type": "xcomref", "__var": {"task_id": "g.a", "key": "return_value"}},
    "cwd": {"__type": "xcomref", "__var": {"type": "item", "axis": 1, "list": 0}},
    "env": {"__type": "dict", "__var": {"ALL": {"__type": "xcomref", "__var": {"task_id": "m", "key": "return_value"}},
                                        "OWN": {"__type": "xcomref", "__var": {"type": "item", "axis": 0, "list": 0}}}})",
                         {2, 1}, 5);
  EXPECT_EQ(field(op, "bash_command"), R"({"__type":"xcomref","__var":{"task_id":"g.a","key":"return_value","map_index":5}})");
  EXPECT_EQ(field(op, "cwd"), "8");
  EXPECT_EQ(
      field(op, "env"),
      R"({"__type":"dict","__var":{"ALL":{"__type":"xcomref","__var":{"task_id":"m","key":"return_value","sequence":true}},)"
      R"("OWN":{"__type":"xcomref","__var":{"task_id":"list","key":"k","item":2}}}})");
}

TEST(MappedOperator, WithoutMappedOnesIsWhatItIs) {
  EXPECT_EQ(field(op_of("list", R"(, "bash_command": "pwd")", {}, -1), "bash_command"), R"("pwd")");
}

}  // namespace
}  // namespace venturi::server
