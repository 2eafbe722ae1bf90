#include "sdk/options.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace venturi {
namespace {

using internal::is_valid_id;
using internal::with_defaults;
using namespace std::chrono_literals;

TEST(Options, IdsFollowAirflowsRule) {
  for (const char* id : {"a", "A-1_b.c", "0", "load_orders"}) EXPECT_TRUE(is_valid_id(id)) << id;
  for (const char* id : {"", "a b", "a/b", "ä", "a:b", "a\n"}) EXPECT_FALSE(is_valid_id(id)) << id;
  EXPECT_TRUE(is_valid_id(std::string(250, 'x')));
  EXPECT_FALSE(is_valid_id(std::string(251, 'x')));
}

TEST(Options, RulesHaveAirflowsWords) {
  EXPECT_EQ(internal::to_string(TriggerRule::all_success), "all_success");
  EXPECT_EQ(internal::to_string(TriggerRule::all_done_min_one_success), "all_done_min_one_success");
  EXPECT_EQ(internal::to_string(TriggerRule::none_failed_min_one_success), "none_failed_min_one_success");
  EXPECT_EQ(internal::to_string(TriggerRule::all_skipped), "all_skipped");
  EXPECT_EQ(internal::to_string(WeightRule::downstream), "downstream");
  EXPECT_EQ(internal::to_string(WeightRule::absolute), "absolute");
}

TEST(Options, WhatIsLeftOutFollowsDefaultArgs) {
  const TaskOptions defaults{.owner = "team",
                             .retries = 3,
                             .retry_delay = 10s,
                             .retry_exponential_backoff = 2.0,
                             .max_retry_delay = 1min,
                             .retries_on_loss = 1,
                             .light = true,
                             .execution_timeout = 1h,
                             .trigger_rule = TriggerRule::all_done,
                             .depends_on_past = true,
                             .pool = "small",
                             .pool_slots = 2,
                             .priority_weight = 5,
                             .weight_rule = WeightRule::absolute,
                             .queue = "q",
                             .doc_md = "text",
                             .multiple_outputs = true,
                             .ignore_downstream_trigger_rules = false};
  const TaskOptions all = with_defaults({}, defaults);
  EXPECT_EQ(all.owner, "team");
  EXPECT_EQ(all.retries.value_or(-1), 3);
  EXPECT_EQ(all.retry_delay.value_or({}), Duration(10s));
  EXPECT_EQ(all.retry_exponential_backoff.value_or(0), 2.0);
  EXPECT_EQ(all.max_retry_delay.value_or({}), Duration(1min));
  EXPECT_EQ(all.retries_on_loss.value_or(-1), 1);
  EXPECT_TRUE(all.light.value_or(false));
  EXPECT_EQ(all.execution_timeout.value_or({}), Duration(1h));
  EXPECT_EQ(all.trigger_rule.value_or(TriggerRule::always), TriggerRule::all_done);
  EXPECT_TRUE(all.depends_on_past.value_or(false));
  EXPECT_EQ(all.pool, "small");
  EXPECT_EQ(all.pool_slots.value_or(-1), 2);
  EXPECT_EQ(all.priority_weight.value_or(-1), 5);
  EXPECT_EQ(all.weight_rule.value_or(WeightRule::upstream), WeightRule::absolute);
  EXPECT_EQ(all.queue, "q");
  EXPECT_EQ(all.doc_md, "text");
  EXPECT_TRUE(all.multiple_outputs.value_or(false));
  EXPECT_FALSE(all.ignore_downstream_trigger_rules.value_or(true));
}

TEST(Options, WhatATaskSaysItselfStands) {
  const TaskOptions own =
      with_defaults({.retries = 0, .retry_delay = 0s, .pool = "big", .multiple_outputs = false},
                    {.owner = "team", .retries = 3, .retry_delay = 10s, .pool = "small", .multiple_outputs = true});
  EXPECT_EQ(own.retries.value_or(-1), 0) << "a zero is given, too";
  EXPECT_EQ(own.retry_delay.value_or(Duration(1)), Duration::zero());
  EXPECT_EQ(own.pool, "big");
  EXPECT_FALSE(own.multiple_outputs.value_or(true));
  EXPECT_EQ(own.owner, "team");
}

TEST(Options, AnEmptyListOfCallbacksReplacesTheDefault) {
  const TaskOptions defaults{.on_failure_callback = email_to("ops@example.com"),
                             .on_success_callback = email_to("a@example.com")};
  const TaskOptions own = with_defaults({.on_failure_callback = {}, .on_success_callback = Callbacks({})}, defaults);
  EXPECT_EQ(own.on_failure_callback.list().size(), 1u) << "{} as in an option that is left out";
  EXPECT_TRUE(own.on_success_callback.list().empty()) << "an empty list";
}

}  // namespace
}  // namespace venturi
