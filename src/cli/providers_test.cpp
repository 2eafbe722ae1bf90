#include "cli/providers.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "lanes/yaml/operator_table.h"

namespace venturi::cli {
namespace {

TEST(ProvidersTest, EachOperatorAndNotifierBelongsToOne) {
  std::map<std::string_view, int> listed;
  for (const Provider& provider : providers()) {
    for (const std::string_view name : provider.operators) ++listed[name];
    if (!provider.notifier.empty()) ++listed[provider.notifier];
  }
  std::size_t known = 0;
  for (const auto& entry : lanes::yaml::operator_table()) {
    EXPECT_EQ(listed[entry.task_type], 1) << entry.task_type;
    ++known;
  }
  for (const auto& entry : lanes::yaml::notifier_table()) {
    EXPECT_EQ(listed[entry.name], 1) << entry.name;
    ++known;
  }
  EXPECT_EQ(listed.size(), known);
}

}  // namespace
}  // namespace venturi::cli
