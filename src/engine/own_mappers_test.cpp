// Partition mappers of the user's: what is asked, when, and what becomes of answers. The program is a function here; what is
// rebuilt from rows is compared after every batch.
#include <gmock/gmock.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using namespace std::chrono_literals;
using testing::DagBuilder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::World;
using Answer = schedule::OwnMapperAnswers::Answer;

Value typed(const std::string& type, Value var) {
  return Object{{"__type", type}, {"__var", std::move(var)}};
}
Value own(Object var = {}) {
  return typed("venturi.program.RegionMapper", std::move(var));
}
Value chain(Value first, Value second) {
  return typed("airflow.partition_mappers.chain.ChainMapper", Object{{"mappers", Array{std::move(first), std::move(second)}}});
}

// "eu-berlin" is for "eu", and of a day.
Result<Answer> regions(const AskMapper& q) {
  const std::string& key = q.about.key;
  const std::size_t dash = key.find('-');
  if (dash == std::string::npos)
    return Answer{.keys = {}, .dates = {}, .refusal = Error{ErrorKind::invalid, "no region", "", ""}};
  return Answer{.keys = {key.substr(0, dash)}, .dates = {parse_time("2026-03-01T00:00:00Z")}, .refusal = {}};
}
Result<Answer> hanging(const AskMapper& /*question*/) {
  return fail(ErrorKind::unavailable, "the program hangs");
}

class OwnMappers : public ::testing::Test {
 protected:
  void consumer(const std::string& version, const Value& mapper) {
    DagBuilder d("c", version);
    d.task("read_c");
    d.dag.timetable =
        typed("airflow.timetables.simple.PartitionedAssetTimetable",
              Object{{"asset_condition",
                      Object{{"__type", "asset"}, {"name", "a"}, {"uri", "a"}, {"group", "asset"}, {"extra", Object{}}}},
                     {"default_partition_mapper", mapper},
                     {"partition_mapper_config", Array{}}});
    w.step(DagSeen{d.build()});
  }
  // Its file is looked at after a start.
  void seen_again() { w.step(DagSeen{w.engine->find_dag("c")}); }
  void event(const std::string& key) {
    MakeAssetEvents e;
    e.command = w.next_command();
    e.asset = 1;
    e.extras = {Object{}};
    e.partition_key = key;
    w.step(e);
  }
  [[nodiscard]] std::vector<std::string> runs() const {
    std::vector<std::string> all;
    for (const auto& [no, run] : w.runs())
      all.push_back(run.partition_key.value_or("none") + (run.partition_date ? " " + format_time(*run.partition_date) : ""));
    return all;
  }
  [[nodiscard]] std::size_t waiting() const { return w.engine->snapshot().partitioned_runs.size(); }

  World w;
};

TEST_F(OwnMappers, AnEventWaitsForTheAnswerAndThenMakesItsRun) {
  consumer("v1", own());
  event("eu-berlin");
  EXPECT_THAT(runs(), IsEmpty());
  ASSERT_THAT(w.mapper_questions, SizeIs(1));
  EXPECT_EQ(w.mapper_questions[0].about.mapper, "default_partition_mapper");
  EXPECT_EQ(w.mapper_questions[0].about.class_name, "RegionMapper");
  w.mapper = regions;
  w.pass(1s);
  EXPECT_THAT(runs(), ElementsAre("eu 2026-03-01T00:00:00Z"));
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(OwnMappers, WhatWaitsIsAskedAgainAfterARestart) {
  consumer("v1", own());
  event("eu-berlin");
  event("us-austin");
  w.restart();
  EXPECT_EQ(waiting(), 2U);
  w.mapper = regions;
  seen_again();
  EXPECT_THAT(runs(), ElementsAre("eu 2026-03-01T00:00:00Z", "us 2026-03-01T00:00:00Z"));
}

TEST_F(OwnMappers, AKeyThatItRefusesMakesNoRun) {
  consumer("v1", own());
  w.mapper = regions;
  event("nowhere");
  w.mapper = [](const AskMapper&) { return Answer{}; };
  event("eu-berlin");  // no key for it
  EXPECT_THAT(runs(), IsEmpty());
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(OwnMappers, OneThatHangsIsAskedAgainMoreAndMoreSeldomAndHoldsUpNoOther) {
  consumer("v1", own());
  int asked = 0;
  w.mapper = [&](const AskMapper& q) {
    if (q.about.key != "eu-berlin") return regions(q);
    ++asked;
    return hanging(q);
  };
  event("eu-berlin");
  event("us-austin");
  EXPECT_EQ(asked, 1);
  EXPECT_THAT(runs(), ElementsAre("us 2026-03-01T00:00:00Z"));
  w.pass(61s);
  EXPECT_EQ(asked, 2);
  w.pass(61s);  // it is too early
  EXPECT_EQ(asked, 2);
  w.pass(60s);
  EXPECT_EQ(asked, 3);
  w.mapper = regions;
  w.pass(241s);
  EXPECT_THAT(runs(), ElementsAre("us 2026-03-01T00:00:00Z", "eu 2026-03-01T00:00:00Z"));
}

TEST_F(OwnMappers, AnotherVersionIsAskedAtOnceAndTheAnswersOfTheFormerOneAreNone) {
  consumer("v1", own());
  event("eu-berlin");
  const std::int64_t old = w.mapper_questions.at(0).question;
  consumer("v2", own());
  w.step(MapperTold{old, Answer{.keys = {"old"}, .dates = {{}}, .refusal = {}}});
  EXPECT_THAT(runs(), IsEmpty());
  w.mapper = regions;
  w.pass(1s);
  EXPECT_THAT(runs(), ElementsAre("eu 2026-03-01T00:00:00Z"));
}

TEST_F(OwnMappers, WhatWaitsIsForgottenWithItsMapper) {
  consumer("v1", own());
  event("eu-berlin");
  event("us-austin");
  consumer("v2", own(Object{{"of", "countries"}}));
  EXPECT_EQ(waiting(), 0U);
  w.mapper = regions;
  w.pass(1s);
  EXPECT_THAT(runs(), IsEmpty());
}

TEST_F(OwnMappers, AChainIsAskedStepByStep) {
  consumer("v1", chain(own(), own()));
  w.mapper = [](const AskMapper& q) -> Result<Answer> {
    const bool is_first = q.about.mapper == "default_partition_mapper.mappers.0";
    if (is_first) return Answer{.keys = {q.about.key + "1", q.about.key + "2"}, .dates = {{}, {}}, .refusal = {}};
    return Answer{.keys = {"<" + q.about.key + ">"}, .dates = {{}}, .refusal = {}};
  };
  event("a");
  EXPECT_THAT(runs(), ElementsAre("<a1>", "<a2>"));
}

TEST_F(OwnMappers, OneEventMakesNoMoreRunsThanAllowed) {
  consumer("v1", own(Object{{"max_downstream_keys", 1}}));
  w.mapper = [](const AskMapper&) { return Answer{.keys = {"a", "b"}, .dates = {{}, {}}, .refusal = {}}; };
  event("eu-berlin");
  EXPECT_THAT(runs(), IsEmpty());
}

TEST_F(OwnMappers, ARollupWaitsForItsSegments) {
  consumer("v1", typed("airflow.partition_mappers.base.RollupMapper",
                       Object{{"upstream_mapper", own()},
                              {"window", typed("airflow.partition_mappers.window.SegmentWindow",
                                               Object{{"segments", Array{"eu-berlin", "eu-paris"}}})},
                              {"wait_policy", typed("airflow.partition_mappers.wait_policy.WaitForAll", Object{})}}));
  w.mapper = regions;
  event("eu-berlin");
  EXPECT_THAT(runs(), IsEmpty());
  w.restart();
  seen_again();
  event("eu-paris");
  EXPECT_THAT(runs(), ElementsAre("eu 2026-03-01T00:00:00Z"));
}

}  // namespace
}  // namespace venturi::engine
