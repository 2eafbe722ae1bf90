#include "venturi/timetable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "sdk/program.h"
#include "sdk/serialize.h"
#include "sdk/timetable.h"
#include "venturi/dag.h"

namespace venturi {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct Named {
  virtual ~Named() = default;
  int unused = 7;
};

// Behind another base: its Timetable does not lie where the object begins.
struct EveryOtherDay : Named, Timetable {
  int days = 2;
  explicit EveryOtherDay(int d = 2) : days(d) {}
  std::optional<DagRunInfo> next_dagrun_info(const std::optional<DataInterval>& last,
                                             const TimeRestriction& restriction) const override {
    const Time start = last ? last->start + days * 24h : restriction.earliest.value();
    if (restriction.latest && start > *restriction.latest) return std::nullopt;
    if (days == 0 && last) throw std::runtime_error("no calendar for it");
    return DagRunInfo::interval(start, start + 24h);
  }
  DataInterval infer_manual_data_interval(Time run_after) const override {
    if (days < 0) throw std::invalid_argument("never");
    return DataInterval::exact(run_after);
  }
  Object serialize() const override { return {{"days", days}}; }
};

struct Described : EveryOtherDay {
  std::string summary() const override { return "every other day"; }
  std::string description() const override { return "each second day, whatever day that is"; }
  bool periodic() const override { return false; }
  std::optional<int> active_runs_limit() const override { return 3; }
};

std::string timetable(const DagOptions& options) {
  return to_json(internal::serialize_timetable(options));
}

TEST(OwnTimetable, IsSerializedByItsClassAndData) {
  EXPECT_EQ(timetable({.schedule = EveryOtherDay(3)}),
            R"({"__type":"venturi.program.EveryOtherDay","__var":{"days":3,"_summary":"EveryOtherDay"}})");
  EXPECT_EQ(timetable({.schedule = Described()}),
            R"({"__type":"venturi.program.Described","__var":{"days":2,"_summary":"every other day",)"
            R"("_description":"each second day, whatever day that is","_periodic":false,"_active_runs_limit":3}})");
  EXPECT_THAT(timetable({.schedule = AssetOrTimeSchedule{.timetable = EveryOtherDay(3), .assets = Asset("s3://a")}}),
              HasSubstr(R"("timetable":{"__type":"venturi.program.EveryOtherDay")"));
}

class Questions : public ::testing::Test {
 protected:
  Questions() {
    for (const int days : {2, 0, -1}) bag_.add("every_" + std::to_string(days), {.schedule = EveryOtherDay(days)}).empty("a");
    bag_.add("beside", {.schedule = AssetOrTimeSchedule{.timetable = EveryOtherDay(3), .assets = Asset("s3://a")}}).empty("a");
    bag_.add("daily", {.schedule = "@daily"}).empty("a");
  }
  std::string answer(const std::string& dag_id, Object question) {
    question.set("dag_id", dag_id);
    const Value result = internal::answer_questions(bag_, Object{{"questions", Array{question}}});
    EXPECT_EQ(result.get_string("type"), "QuestionsResult");
    return to_json(result.at("answers").as_array().at(0));
  }
  static Object next(int most, const Value& last = {}, const Value& until = {}) {
    return {{"about", "next_dagrun_info"},
            {"now", "2026-03-10T00:00:00Z"},
            {"last", last},
            {"earliest", "2026-03-01T00:00:00Z"},
            {"latest", "2026-03-08T00:00:00Z"},
            {"catchup", true},
            {"most", most},
            {"until", until}};
  }
  static std::string run(const std::string& start, const std::string& end) {
    return R"({"run_after":"2026-03-)" + end + R"(T00:00:00Z","start":"2026-03-)" + start + R"(T00:00:00Z","end":"2026-03-)" +
           end + R"(T00:00:00Z"})";
  }

  DagBag bag_;
};

TEST_F(Questions, RunsFollowEachOtherAsFarAsTheyAreWanted) {
  EXPECT_EQ(answer("every_2", next(2)), R"({"runs":[)" + run("01", "02") + "," + run("03", "04") + R"(],"is_all":false})");
  EXPECT_EQ(answer("every_2", next(9, Object{{"start", "2026-03-05T00:00:00Z"}, {"end", "2026-03-06T00:00:00Z"}})),
            R"({"runs":[)" + run("07", "08") + R"(],"is_all":true})");
  EXPECT_EQ(answer("every_2", next(9, {}, "2026-03-03T00:00:00Z")),
            R"({"runs":[)" + run("01", "02") + "," + run("03", "04") + R"(],"is_all":false})");
  EXPECT_EQ(answer("beside", next(2)), R"({"runs":[)" + run("01", "02") + "," + run("04", "05") + R"(],"is_all":false})");
}

TEST_F(Questions, WhatItThrowsIsTheAnswerUnlessRunsWereThere) {
  EXPECT_EQ(answer("every_0", next(5)), R"({"runs":[)" + run("01", "02") + R"(],"is_all":false})");
  EXPECT_EQ(answer("every_0", next(5, Object{{"start", "2026-03-05T00:00:00Z"}, {"end", "2026-03-06T00:00:00Z"}})),
            R"({"error":"std::runtime_error: no calendar for it","thrown":true})");
  const Object manual{
      {"about", "infer_manual_data_interval"}, {"now", "2026-03-10T00:00:00Z"}, {"run_after", "2026-03-09T00:00:00Z"}};
  EXPECT_EQ(answer("every_-1", manual), R"({"error":"std::invalid_argument: never","thrown":true})");
  EXPECT_EQ(answer("every_2", manual), R"({"interval":{"start":"2026-03-09T00:00:00Z","end":"2026-03-09T00:00:00Z"}})");
  // One that goes back is told once, and not for ever.
  EXPECT_EQ(answer("every_-1", next(9)), R"({"runs":[)" + run("01", "02") +
                                             R"(,{"run_after":"2026-03-01T00:00:00Z","start":"2026-02-28T00:00:00Z",)"
                                             R"("end":"2026-03-01T00:00:00Z"}],"is_all":false})");
}

TEST_F(Questions, WithoutSuchADagOrTimetableThereIsNoAnswer) {
  EXPECT_THAT(answer("nobody", next(1)), HasSubstr("declares no DAG nobody"));
  EXPECT_THAT(answer("daily", next(1)), HasSubstr("has no timetable of the program's own"));
}

}  // namespace
}  // namespace venturi
