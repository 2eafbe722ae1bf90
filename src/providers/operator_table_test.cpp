#include "providers/operator_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "providers/register_all.h"

namespace venturi::providers {
namespace {

TEST(OperatorTable, IsThatOfTheRegistry) {
  operators::Registry registry;
  register_all(registry);
  std::ifstream file(VENTURI_SOURCE_DIR "/src/lanes/yaml/operator_table.cpp");
  const std::string source((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_EQ(source, operator_table_source(registry)) << "write it anew: scripts/yaml-tables";
}

}  // namespace
}  // namespace venturi::providers
