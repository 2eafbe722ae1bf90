#include "worker/options.h"

#include <gtest/gtest.h>

namespace venturi::worker {
namespace {

Options parse(std::vector<const char*> arguments) {
  return parse_options(arguments);
}

TEST(Options, come_back_from_the_arguments_made_of_them) {
  Options options =
      parse({"--home", "/h", "--warm-idle-s", "1.5", "--warm-max", "3", "--supervisor", "--kill-grace-s", "0.05"});
  EXPECT_EQ(options.warm_idle, std::chrono::milliseconds(1500));
  const auto texts = to_arguments(options);
  std::vector<const char*> arguments;
  for (const auto& text : texts) arguments.push_back(text.c_str());
  const Options again = parse_options(arguments);
  EXPECT_EQ(again.home, "/h");
  EXPECT_EQ(again.warm_max, 3);
  EXPECT_EQ(again.warm_idle, options.warm_idle);
  EXPECT_EQ(again.kill_grace, std::chrono::milliseconds(50));
  EXPECT_TRUE(again.supervisor);
}

TEST(Options, say_which_argument_is_wrong) {
  EXPECT_THROW(parse({"--home", "relative"}), OptionError);
  EXPECT_THROW(parse({"--home", "/h", "--warm-max", "many"}), OptionError);
  EXPECT_THROW(parse({"--home", "/h", "--warm-max"}), OptionError);
  try {
    parse({"--home", "/h", "--colour", "red"});
    FAIL();
  } catch (const OptionError& e) {
    EXPECT_NE(std::string(e.what()).find("--colour"), std::string::npos);
  }
}

}  // namespace
}  // namespace venturi::worker
