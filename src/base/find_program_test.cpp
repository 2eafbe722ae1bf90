#include "base/find_program.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace venturi {
namespace {

TEST(FindProgram, LooksThroughThePath) {
  std::string folder = testing::TempDir() + "venturi_path_XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::filesystem::path root = folder;
  for (const char* name : {"first", "second"}) std::filesystem::create_directory(root / name);
  for (const char* file : {"first/text", "second/text", "second/tool"}) std::ofstream(root / file) << "#!/bin/sh\n";
  for (const char* file : {"second/text", "second/tool"}) ::chmod((root / file).c_str(), 0755);
  const char* set = std::getenv("PATH");
  const std::string before = set == nullptr ? "" : set;
  ::setenv("PATH", ("relative:" + folder + "/none::" + folder + "/first:" + folder + "/second").c_str(), 1);
  EXPECT_EQ(find_program("tool"), folder + "/second/tool");
  EXPECT_EQ(find_program("text"), folder + "/second/text") << "the first one may not be run";
  EXPECT_EQ(find_program("nothing"), std::nullopt);
  EXPECT_EQ(find_program(folder + "/second/tool"), folder + "/second/tool");
  EXPECT_EQ(find_program(folder + "/first/text"), std::nullopt);
  ::unsetenv("PATH");
  EXPECT_EQ(find_program("sh"), std::filesystem::exists("/usr/bin/sh") ? "/usr/bin/sh" : "/bin/sh");
  ::setenv("PATH", before.c_str(), 1);
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace venturi
