// One DAG of a YAML file becomes what a C++ DAG file builds with the SDK (sdk/dag_node.h), and is checked and serialized by the
// same code: the same DAG in both languages is the same to all that follows.
//
//   dag_builder.cpp      options, and groups and tasks by their names     dag_schedule.cpp      dates, schedules
//   task_builder.cpp     then what refers to names: order, arguments      mapping_builder.cpp   and lists
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lanes/yaml/calendar.h"
#include "lanes/yaml/options.h"
#include "sdk/dag_node.h"
#include "sdk/serialize.h"

namespace venturi::lanes::yaml {

// A DAG, and where its tasks stand in the file: for what is found out about them later.
struct BuiltDag {
  std::string dag_id;
  YamlMark mark;
  std::map<std::string, YamlMark, std::less<>> tasks;
  Value serialized;
};

class DagBuilder {
 public:
  // `defaults`: the file's default_args; nullptr: none.
  DagBuilder(Problems& problems, Calendar& calendar, std::string dag_id, YamlMark mark, const YamlNode& node,
             const DefaultArgs* defaults);

  // Nothing where there are problems.
  [[nodiscard]] std::optional<BuiltDag> build(const internal::SourceFile& source);

 private:
  struct Group {
    detail::GroupNode* node;
    const YamlNode* yaml;
    DefaultArgs defaults;                          // its own
    const Group* around;                           // nullptr: the DAG
    std::map<std::string, int, std::less<>> axes;  // of a mapped one: the names of its lists
  };
  struct Task {
    detail::TaskNode* node;
    const YamlNode* yaml;
    const Group* group;
    const catalog::OperatorInfo* op;
    YamlMark mark;
    Value params;
  };

  // dag_schedule.cpp
  void read_schedule(DagOptions& options, const YamlNode& node);
  void read_asset_schedule(DagOptions& options, const YamlNode& node);
  void read_timetable(DagOptions& options, const YamlNode& node);
  void read_partitioned_assets(DagOptions& options, const YamlNode& node);
  [[nodiscard]] Value timetable_value(const Key& argument, const YamlNode& node, const std::string& zone);
  [[nodiscard]] Date read_date(Given given, const std::string& zone);
  [[nodiscard]] std::vector<DeadlineAlert> read_deadlines(Given given, const std::string& zone);
  [[nodiscard]] DeadlineAlert read_deadline(Given given, const std::string& zone);
  void settle_dates();
  void check_timetable(const Value& serialized_dag);

  // What a task is mapped over: another one's XCom, or (without a task) a constant.
  struct ListSource {
    detail::TaskNode* task = nullptr;
    std::string key;
    Value constant;
    [[nodiscard]] detail::ListBase list() const {
      return task == nullptr ? detail::ListBase(constant) : detail::ListBase(TaskRef(*task), key);
    }
  };

  // dag_builder.cpp
  [[nodiscard]] DagOptions read_options();
  void set_option(DagOptions& options, const Key& key, const YamlNode& node);
  void read_children(const YamlNode& node, Group& group);
  void read_task(const std::string& label, YamlMark mark, const YamlNode& node, Group& group);
  void read_group(const std::string& label, YamlMark mark, const YamlNode& node, Group& group);
  [[nodiscard]] bool is_new_id(const std::string& id, YamlMark mark, std::string_view what);
  void check_all();
  void tell_mistake(const std::string& mistake);
  void put_in_params(Value& serialized);

  // task_builder.cpp
  void connect(Group& group);
  void connect(Task& task);
  void add_edges(const detail::Step& step, const Group* group, const YamlNode& node);
  [[nodiscard]] std::optional<detail::Step> resolve(const Group* group, std::string_view name, YamlMark mark);
  [[nodiscard]] detail::TaskNode* resolve_task(const Group* group, std::string_view name, YamlMark mark);
  void read_arguments(Task& task);
  void read_argument(Task& task, ArgumentReader& reader, const YamlNode& key, const YamlNode& node);
  void add_default_arguments(Task& task, ArgumentReader& reader);
  void check_required(const Task& task);
  [[nodiscard]] std::optional<ListSource> xcom_of(const Group* group, const YamlNode& node);
  [[nodiscard]] std::optional<Value> reference(Task& task, const YamlNode& node);
  void make_teardown(Task& task, const YamlNode& node);
  void check_choices(const Task& task);

  // mapping_builder.cpp
  void expand_task(Task& task, const YamlNode& node);
  void expand_kwargs(Task& task, const YamlNode& node);
  void expand_group(Group& group, const YamlNode& node);
  [[nodiscard]] std::optional<ListSource> list_of(const Group* group, Given given);

  Problems& problems_;
  Calendar& calendar_;
  Values values_;
  OptionReader options_;
  std::string dag_id_;
  YamlMark mark_;
  const YamlNode& node_;
  const DefaultArgs* file_defaults_;
  DagBag bag_;
  detail::DagNode* dag_ = nullptr;
  std::deque<Group> groups_;  // the first is the DAG
  std::deque<Task> tasks_;
  std::map<std::string, Task*, std::less<>> tasks_by_id_;
  std::map<std::string, Group*, std::less<>> groups_by_id_;
  Value timetable_;  // in place of what the SDK can say; null: none
  Value params_;
};

}  // namespace venturi::lanes::yaml
