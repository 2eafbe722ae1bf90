#include "cli/log_text.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "cli/log_follower.h"

namespace venturi::cli {
namespace {

TEST(LogTextTest, ALineOfATask) {
  EXPECT_EQ(
      log_line_text(
          R"({"timestamp":"2026-11-25T04:10:57.747665Z","level":"info","event":"counted 21 orders","file":"/a b","rows":21,)"
          R"("ti_id":"x","dag_id":"d","logger":"task"})"),
      "[2026-11-25T04:10:57.747665Z] INFO - counted 21 orders file=/a b rows=21\n");
  EXPECT_EQ(log_line_text(R"({"event":["a"],"level":"warning"})"), "WARNING - [\"a\"]\n");
}

TEST(LogTextTest, AnExceptionStandsBelow) {
  EXPECT_EQ(log_line_text(R"({"level":"error","event":"Task failed","error_detail":[{"exc_type":"ValueError","exc_value":"no",)"
                          R"("frames":[{"filename":"a.py","lineno":3,"name":"f"}]}]})"),
            "ERROR - Task failed\n    ValueError: no\n      at f (a.py:3)\n");
}

TEST(LogTextTest, WhatIsNoLineOfALogIsShownAsItIs) {
  EXPECT_EQ(log_line_text("Segmentation fault"), "Segmentation fault\n");
  EXPECT_EQ(log_line_text(R"({"level":"info"})"), "{\"level\":\"info\"}\n");
}

TEST(LogTextTest, NothingMovesTheCursor) {
  EXPECT_EQ(log_line_text(R"({"event":"\u001b[2J\nb"})"), "INFO - \\x1b[2J\nb\n");
}

TEST(LogTextTest, TheLastLines) {
  EXPECT_EQ(log_tail_text("a\nb\nc\n", 2), "b\nc\n");
  EXPECT_EQ(log_tail_text("a\nb\nc", 3), "a\nb\nc\n");
  EXPECT_EQ(log_tail_text("a\nb\nc\n", 100), "a\nb\nc\n");
  EXPECT_EQ(log_tail_text("", 2), "");
  EXPECT_EQ(log_tail_text("\na", 2), "\na\n");
}

TEST(LogFollowerTest, GivesWholeLinesAsTheyCome) {
  std::string folder = (std::filesystem::temp_directory_path() / "venturi-log-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  LogFollower log(folder + "/a.log");
  EXPECT_EQ(log.read(), "");
  EXPECT_FALSE(log.is_there());
  std::ofstream file(folder + "/a.log");
  file << "one\ntw" << std::flush;
  EXPECT_EQ(log.read(), "one\n");
  EXPECT_EQ(log.read(), "");
  file << "o\nthree" << std::flush;
  EXPECT_EQ(log.read(), "two\n");
  EXPECT_EQ(log.read(true), "three");
  EXPECT_TRUE(log.is_there());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace venturi::cli
