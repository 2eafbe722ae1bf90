#include "lanes/cpp/bundle_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace venturi::lanes {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::string error_of(std::string_view text) {
  const auto config = read_bundle_config(text, "shop/venturi.toml");
  return config ? "it was taken" : config.error().text();
}

TEST(BundleConfig, AnEmptyFileWillDo) {
  const auto config = read_bundle_config("", "shop/venturi.toml");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->name, "");
  EXPECT_THAT(config->sources, ElementsAre("*.cpp"));
  EXPECT_EQ(config->standard, 20);
  EXPECT_TRUE(config->is_static);
  EXPECT_THAT(config->lines, IsEmpty());
}

TEST(BundleConfig, AllKeysAreRead) {
  const auto config = read_bundle_config(
      "name = \"shop\"\nsources = [\"src/**/*.cpp\"]\ninclude = [\"include\", \"../common\"]\nstandard = 23\n"
      "flags = [\"-DX=1\"]\nlink_flags = [\"-Wl,--as-needed\"]\nlibraries = [\"z\"]\npkg_config = [\"libpq\"]\nstatic = "
      "false\n",
      "shop/venturi.toml");
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->name, "shop");
  EXPECT_THAT(config->sources, ElementsAre("src/**/*.cpp"));
  EXPECT_THAT(config->include, ElementsAre("include", "../common"));
  EXPECT_EQ(config->standard, 23);
  EXPECT_THAT(config->flags, ElementsAre("-DX=1"));
  EXPECT_THAT(config->link_flags, ElementsAre("-Wl,--as-needed"));
  EXPECT_THAT(config->libraries, ElementsAre("z"));
  EXPECT_THAT(config->pkg_config, ElementsAre("libpq"));
  EXPECT_FALSE(config->is_static);
  EXPECT_THAT(config->lines, testing::Contains(Pair("standard", 4)));
}

TEST(BundleConfig, MistakesSayLineAndWhatIsAllowed) {
  const struct {
    const char* text;
    const char* told;
  } cases[] = {
      {"\nsorces = []",
       "shop/venturi.toml:2: an unknown key sorces, perhaps sources (there are name, sources, include, standard, flags, "
       "link_flags, "
       "libraries, pkg_config, static)"},
      {"colour = 1",
       "shop/venturi.toml:1: an unknown key colour (there are name, sources, include, standard, flags, link_flags, libraries, "
       "pkg_config, static)"},
      {"[program]\nname = \"x\"",
       "shop/venturi.toml:1: an unknown table [program]; keys stand without one (there are name, sources, include, standard, "
       "flags, link_flags, libraries, pkg_config, static)"},
      {"sources = \"*.cpp\"", "shop/venturi.toml:1: sources is a list of patterns, not a text: put it into brackets"},
      {"sources = [\n\"a.cpp\",\n7]", "shop/venturi.toml:3: sources has the number 7 in it, and is a list of patterns"},
      {"sources = [\"../b/*.cpp\"]",
       "shop/venturi.toml:1: sources, \"../b/*.cpp\": it leads out of the folder: name sources that lie in it, such as "
       "\"src/*.cpp\""},
      {"standard = 17", "shop/venturi.toml:1: standard is 20, 23 or 26, not the number 17"},
      {"standard = \"c++20\"", "shop/venturi.toml:1: standard is 20, 23 or 26, not a text"},
      {"static = 1", "shop/venturi.toml:1: static is true or false, not the number 1"},
      {"flags = [\"-lz\"]", "shop/venturi.toml:1: flags, \"-lz\": that is a library: libraries = [\"z\"]"},
      {"flags = [\"O2\"]", "shop/venturi.toml:1: flags, \"O2\": a flag begins with \"-\""},
      {"libraries = [\"-lz\"]", "shop/venturi.toml:1: libraries, \"-lz\": name it without -l: \"z\""},
      {"libraries = [\"libz.a\"]",
       "shop/venturi.toml:1: libraries, \"libz.a\": name a library as behind -l, \"z\" for libz; a file is named in "
       "link_flags"},
      {"name = \"a/b\"", "shop/venturi.toml:1: name, \"a/b\": a name has no \"/\""},
      {"name = [\"a\"]", "shop/venturi.toml:1: name is a text, not a list"},
  };
  for (const auto& c : cases) EXPECT_EQ(error_of(c.text), c.told);
  EXPECT_THAT(error_of("name = \"x\"\nsources = [\"a\""), testing::StartsWith("shop/venturi.toml:2: this is not TOML: "));
}

TEST(BundleConfig, AllMistakesAreTold) {
  EXPECT_EQ(
      error_of("static = 1\nname = 2\n"),
      "shop/venturi.toml:2: name is a text, not the number 2\nshop/venturi.toml:1: static is true or false, not the number 1");
}

TEST(BundleConfig, TheLastPatternThatFitsDecides) {
  const std::vector<std::string> paths = {"a.cpp", "a.h", "a_test.cpp", "src/b.cpp", "src/deep/c.cpp"};
  const auto sources = [&](std::string_view text) { return sources_of(*read_bundle_config(text, ""), paths); };
  EXPECT_THAT(sources(""), ElementsAre("a.cpp", "a_test.cpp"));
  EXPECT_THAT(sources("sources = [\"**/*.cpp\", \"!*_test.cpp\"]"), ElementsAre("a.cpp", "src/b.cpp", "src/deep/c.cpp"));
  EXPECT_THAT(sources("sources = [\"src/*.cpp\"]"), ElementsAre("src/b.cpp"));
  EXPECT_THAT(sources("sources = [\"no.cpp\"]"), IsEmpty());
}

}  // namespace
}  // namespace venturi::lanes
