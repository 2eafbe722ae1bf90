#include "lanes/ignore_file.h"

#include <gtest/gtest.h>

namespace venturi::lanes {
namespace {

struct Case {
  const char* text;
  const char* path;
  bool is_folder;
  bool ignored;
};

// The examples of gitignore(5) and of Airflow's page on .airflowignore.
TEST(IgnorePatterns, Table) {
  const Case cases[] = {
      {"*.bak", "a.bak", false, true},
      {"*.bak", "x/a.bak", false, true},
      {"*.bak", "a.bakk", false, false},
      {"# comment\n\ntenant_[0-9]\n", "tenant_3", false, true},
      {"tenant_[!0-9]", "tenant_3", false, false},
      {"build/", "build", true, true},
      {"build/", "build", false, false},
      {"/top.cpp", "top.cpp", false, true},
      {"/top.cpp", "x/top.cpp", false, false},
      {"a/b", "a/b", false, true},
      {"a/b", "x/a/b", false, false},
      {"**/gen", "x/y/gen", true, true},
      {"**/gen", "gen", true, true},
      {"lib/**", "lib/x/y.cpp", false, true},
      {"a/**/b", "a/b", false, true},
      {"a/**/b", "a/x/y/b", false, true},
      {"a/*/b", "a/x/y/b", false, false},
      {"*.cpp\n!keep.cpp", "keep.cpp", false, false},
      {"*.cpp\n!keep.cpp", "other.cpp", false, true},
      {"!keep.cpp\n*.cpp", "keep.cpp", false, true},
      {"\\#odd", "#odd", false, true},
      {"?x", "ax", false, true},
      {"?x", "x", false, false},
      {"[open", "[open", false, true},
  };
  for (const Case& c : cases) {
    IgnorePatterns patterns;
    patterns.add("", c.text);
    EXPECT_EQ(patterns.ignores(c.path, c.is_folder), c.ignored) << c.text << " against " << c.path;
  }
}

TEST(IgnorePatterns, OfASubfolderHoldThereOnly) {
  IgnorePatterns patterns;
  patterns.add("", "*.tmp");
  patterns.add("team", "/x.cpp\n!y.tmp");
  EXPECT_TRUE(patterns.ignores("team/x.cpp", false));
  EXPECT_FALSE(patterns.ignores("x.cpp", false));
  EXPECT_FALSE(patterns.ignores("team/y.tmp", false));
  EXPECT_TRUE(patterns.ignores("y.tmp", false));
}

}  // namespace
}  // namespace venturi::lanes
