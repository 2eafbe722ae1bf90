#include "store/sqlite/history_record.h"

#include <gtest/gtest.h>

namespace venturi::store {
namespace {

TEST(HistoryRecord, ReadsBackWhatItPacked) {
  const std::vector<Transition> transitions = {
      {7, TaskState::queued, TaskState::running, RunState::queued, 2, "the worker started \"it\"\n"},
      {0, TaskState::none, TaskState::none, RunState::failed, 0, "task Ж failed"},
      {std::int64_t{1} << 52, TaskState::none, TaskState::awaiting_input, RunState::queued, 0, ""},
  };
  std::string record;
  for (const Transition& transition : transitions) append_transition(record, transition);
  close_record(record);
  EXPECT_EQ(record.substr(0, 31), R"([[7,"queued","running",2,"the w)");

  const auto read = read_record(record);
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_EQ(read->size(), transitions.size());
  for (std::size_t i = 0; i < transitions.size(); ++i) {
    EXPECT_EQ((*read)[i].task_instance, transitions[i].task_instance);
    EXPECT_EQ((*read)[i].from, transitions[i].from);
    EXPECT_EQ((*read)[i].to, transitions[i].to);
    EXPECT_EQ((*read)[i].run_to, transitions[i].run_to);
    EXPECT_EQ((*read)[i].try_number, transitions[i].try_number);
    EXPECT_EQ((*read)[i].cause, transitions[i].cause);
  }
}

TEST(HistoryRecord, RefusesWhatItDoesNotKnow) {
  for (const char* record : {"", "{}", "[7]", "[[]]", R"([[7,"queued","flying",1,"x"]])", R"([[7,"queued","running",1]])",
                             R"([[0,"none","x"]])", R"([[7,1,2,3,4]])", R"([["7","queued","running",1,"x"]])"}) {
    const auto read = read_record(record);
    ASSERT_FALSE(read) << record;
    EXPECT_EQ(read.error().kind, ErrorKind::corrupt) << record;
  }
}

}  // namespace
}  // namespace venturi::store
