#include "model/state.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace venturi {
namespace {

// Every word reads back, no two are the same, and what is no word is nothing.
template <class Enum, class Parse>
void expect_words(Enum last, Parse parse) {
  std::set<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    const std::string_view word = to_string(static_cast<Enum>(i));
    EXPECT_TRUE(words.insert(word).second) << word;
    EXPECT_EQ(parse(word), static_cast<Enum>(i)) << word;
  }
  for (const char* other : {"", "Success", "success ", "no_status"}) EXPECT_FALSE(parse(other)) << other;
}

TEST(State, WordsReadBack) {
  expect_words(TaskState::awaiting_input, parse_task_state);
  expect_words(RunState::failed, parse_run_state);
  expect_words(RunType::operator_triggered, parse_run_type);
  expect_words(TriggerRule::all_skipped, parse_trigger_rule);
  expect_words(EndReason::launch_failed, parse_end_reason);
}

TEST(State, WordsAreThoseOfAirflow) {
  EXPECT_EQ(to_string(TaskState::none), "none");
  EXPECT_EQ(to_string(TaskState::up_for_retry), "up_for_retry");
  EXPECT_EQ(to_string(TaskState::upstream_failed), "upstream_failed");
  EXPECT_EQ(to_string(TaskState::restarting), "restarting");
  EXPECT_EQ(to_string(RunState::success), "success");
  EXPECT_EQ(to_string(RunType::asset_materialization), "asset_materialization");
  EXPECT_EQ(to_string(TriggerRule::all_done_setup_success), "all_done_setup_success");
  EXPECT_EQ(to_string(TriggerRule::none_failed_min_one_success), "none_failed_min_one_success");
  EXPECT_EQ(to_string(EndReason::out_of_memory), "out_of_memory");
}

TEST(State, FinishedStatesOfTasks) {
  std::string finished;
  for (int i = 0; i <= static_cast<int>(TaskState::awaiting_input); ++i) {
    const auto state = static_cast<TaskState>(i);
    if (is_finished(state)) finished.append(to_string(state)).append(" ");
  }
  EXPECT_EQ(finished, "success failed upstream_failed skipped removed ");
}

TEST(State, FinishedStatesOfRuns) {
  EXPECT_FALSE(is_finished(RunState::queued));
  EXPECT_FALSE(is_finished(RunState::running));
  EXPECT_TRUE(is_finished(RunState::success));
  EXPECT_TRUE(is_finished(RunState::failed));
}

}  // namespace
}  // namespace venturi
