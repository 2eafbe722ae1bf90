// The structs of the SDK against the host's registry: what is serialized as template_fields and template_ext is what the
// operator host renders. The server looks at the one, the host at the other.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "operators/registry.h"
#include "providers/register_all.h"
#include "sdk/dag_node.h"
#include "venturi/dag.h"

namespace venturi::providers::testing {

// `not_in_the_sdk`: by operator, arguments that the host takes from other lanes and that the struct does not have.
template <class... Op>
void expect_fields_of_the_registry(const std::map<std::string, std::vector<std::string>>& not_in_the_sdk = {}) {
  const auto sorted = [](std::vector<std::string> names) {
    std::ranges::sort(names);
    return names;
  };
  operators::Registry registry;
  register_all(registry);
  DagBag bag;
  Dag dag = bag.add("d");
  (dag.add(Op{.task_id = std::to_string(dag.node().children.size())}), ...);
  for (const auto& task : bag.state().find("d")->tasks) {
    const operators::OperatorEntry* entry = registry.find_operator(task->task_type);
    ASSERT_NE(entry, nullptr) << task->task_type;
    std::vector<std::string> rendered;
    for (const operators::Argument& argument : entry->arguments) {
      if (argument.templated) rendered.emplace_back(argument.name);
    }
    if (const auto more = not_in_the_sdk.find(task->task_type); more != not_in_the_sdk.end()) {
      for (const std::string& name : more->second) std::erase(rendered, name);
    }
    EXPECT_EQ(task->template_ext, entry->template_ext) << task->task_type;
    EXPECT_EQ(sorted({task->template_fields.begin(), task->template_fields.end()}), sorted(rendered)) << task->task_type;
  }
}

}  // namespace venturi::providers::testing
