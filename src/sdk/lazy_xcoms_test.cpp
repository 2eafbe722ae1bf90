// Sequences that are read while they are gone through: what is asked for, and that one page of them lies in memory.
#include "venturi/lazy_xcoms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/testing/try_of.h"
#include "venturi/dag.h"

namespace venturi {
namespace {

using internal::Answer;
using internal::Try;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::int32_t> numbers() {
  return {};
}
std::int32_t twice(std::int32_t n) {
  return n;
}
std::int64_t total(const Context& context, const LazyXComSequence<std::int64_t>& all) {
  std::int64_t sum = 0, count = 0;
  for (const std::int64_t n : all) {
    sum += n;
    ++count;
  }
  context.log().info(count, " of ", all.size(), ", the last ", all[all.size() - 1]);
  return sum;
}

// Of a mapped task with this many instances, which gave 0, 1, 2, ...; a page of Venturi's server has a hundred of them.
constexpr std::int64_t instances = 2500;
Answer sequence(const Value& request) {
  const std::string type = request.get_string("type");
  if (type == "GetXComCount") return {Object{{"type", "XComCountResponse"}, {"len", instances}}, {}};
  if (type != "GetXComSequenceSlice") return {};
  const std::int64_t start = request.get_int("start");
  const bool is_ours = request.get("page_bytes") != nullptr;
  const std::int64_t stop = std::min(instances, is_ours ? start + 100 : request.get_int("stop"));
  Array items;
  for (std::int64_t n = start; n < stop; ++n) items.emplace_back(n);
  Object answer{{"type", "XComSequenceSliceResult"}, {"root", std::move(items)}};
  if (is_ours && stop < instances) answer.add("next", stop);
  return {std::move(answer), {}};
}

class LazyXComsTest : public testing::Test {
 protected:
  Try run(const TaskRef& task, bool of_venturi = true) {
    internal::TryOptions options;
    options.of_venturi = of_venturi;
    return internal::try_of(bag_, "d", task.task_id(), options, sequence);
  }
  static std::ptrdiff_t pages(const Try& run) {
    return std::ranges::count_if(run.requests, [](const Value& r) { return r.get_string("type") == "GetXComSequenceSlice"; });
  }
  DagBag bag_;
  Dag dag_ = bag_.add("d", {});
  Mapped<std::int32_t> doubled_ = dag_.task<twice>()(expand(dag_.task<numbers>()));
};

TEST_F(LazyXComsTest, IsReadPageByPage) {
  const auto sum = dag_.task<total>()(doubled_);
  Try told = run(sum);
  EXPECT_EQ(told.xcom("return_value"), Value(instances * (instances - 1) / 2));
  EXPECT_THAT(told.events(), ElementsAre("2500 of 2500, the last 2499"));
  EXPECT_EQ(pages(told), 25) << "the last page is there still";
  EXPECT_EQ(told.requests.front().get_string("type"), "GetXComSequenceSlice");
  EXPECT_EQ(told.requests.front().get_int("start", -1), 0);
  EXPECT_EQ(told.requests.front().get_string("task_id"), "twice");
  // A stock Airflow has no pages: a thousand are asked for.
  told = run(sum, false);
  EXPECT_EQ(told.xcom("return_value"), Value(instances * (instances - 1) / 2));
  EXPECT_EQ(pages(told), 3);
  EXPECT_EQ(told.requests.front().get("page_bytes"), nullptr);
}

TEST_F(LazyXComsTest, WhatIsNotThereIsNamed) {
  const auto beyond = dag_.task("beyond", [](const LazyXComSequence<Value>& all) { return all[7000]; })(doubled_);
  EXPECT_EQ(run(beyond).request("TaskState").get_string("error"), "there is no item 7000 of the results of twice");
  // A task whose code changed since its instances ran.
  const auto texts = dag_.task("texts", [](std::int32_t) { return std::string(); })(expand(dag_.task<numbers>("others")));
  const auto first = dag_.task("first", [](const LazyXComSequence<std::string>& all) { return all[0]; })(texts);
  EXPECT_THAT(run(first).request("TaskState").get_string("error"),
              HasSubstr("item 0 of the results of texts: expected string"));
}

TEST_F(LazyXComsTest, ComesAfterAllInstances) {
  const auto sum = dag_.task<total>()(doubled_);
  detail::DagNode& node = *bag_.state().find("d");
  internal::connect_groups(node);
  internal::check_dag(node);
  EXPECT_THAT(node.mistakes, ElementsAre());
  EXPECT_THAT(sum.node().upstream, ElementsAre(&doubled_.node()));
}

}  // namespace
}  // namespace venturi
