#include "sdk/log_sink.h"

#include <gtest/gtest.h>

#include "sdk/testing/fake_supervisor.h"

namespace venturi {
namespace {

class LogSinkTest : public testing::Test {
 protected:
  Value line() {
    sink_ = detail::LogSink();
    const auto lines = supervisor_.log_lines();
    EXPECT_EQ(lines.size(), 1u);
    return lines.empty() ? Value() : lines[0];
  }
  internal::FakeSupervisor supervisor_;
  detail::LogSink sink_{supervisor_.take_program_log()};
  Logger log_{sink_};
};

TEST_F(LogSinkTest, PartsArePutTogether) {
  const Value json = Object{{"a", 1}};
  log_.warning("n ", 7, ' ', std::uint64_t{18446744073709551615ULL}, " ", -1.5, " ", true, " ", json, " ", Value("text"), " ",
               Time(std::chrono::seconds(0)), std::string(" и"));
  const Value got = line();
  EXPECT_EQ(got.get_string("event"), "n 7 18446744073709551615 -1.5 true {\"a\":1} text 1970-01-01T00:00:00Z и");
  EXPECT_EQ(got.get_string("level"), "warning");
  EXPECT_EQ(got.get_string("logger"), "task");
}

TEST_F(LogSinkTest, MembersStandBesideTheIdsAndReplaceNone) {
  sink_.set_ids({{"dag_id", "d"}, {"try_number", 1}});
  log_.info("x", {{"rows", 3}, {"dag_id", "forged"}, {"level", "forged"}});
  const Value got = line();
  EXPECT_EQ(got.get_string("dag_id"), "d");
  EXPECT_EQ(got.get_string("level"), "info");
  EXPECT_EQ(got.get_int("rows"), 3);
}

TEST_F(LogSinkTest, ALineStaysALine) {
  log_.error("two\nlines \"and\" quotes, and no \xff UTF-8");
  EXPECT_EQ(line().get_string("event"), "two\nlines \"and\" quotes, and no \xEF\xBF\xBD UTF-8");
}

TEST(LogSink, WithoutASocketItIsTextOnStderr) {
  testing::internal::CaptureStderr();
  detail::LogSink sink;
  Logger(sink).info("counted", {{"n", 1}});
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "info: counted {\"n\":1}\n");
}

}  // namespace
}  // namespace venturi
