#include "cli/toml_edit.h"

#include <gtest/gtest.h>

namespace venturi::cli {
namespace {

TEST(TomlEditTest, ANewFileHasItsSections) {
  EXPECT_EQ(with_toml_settings("", {{"core", "parallelism", "8"}, {"api", "port", "9"}, {"core", "max_map_length", "5"}}),
            "[api]\nport = 9\n\n[core]\nparallelism = 8\nmax_map_length = 5\n");
}

TEST(TomlEditTest, CommentsAndOrderStay) {
  EXPECT_EQ(
      with_toml_settings("# mine\n[ core ] # of the core\ndags_folder = \"x\"\n[worker]\nwarm_max = 3",
                         {{"core", "parallelism", "8"}, {"api", "port", "9"}}),
      "# mine\n[ core ] # of the core\nparallelism = 8\ndags_folder = \"x\"\n[worker]\nwarm_max = 3\n\n[api]\nport = 9\n");
}

}  // namespace
}  // namespace venturi::cli
