#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>

#include "cli/simulate_parts.h"

namespace venturi::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Result<SimulateOptions> options_of(std::vector<const char*> words) {
  for (const Command& command : command_table()) {
    if (command.words() != "dags simulate") continue;
    const auto arguments = parse_arguments(command, words);
    if (!arguments) return std::unexpected(arguments.error());
    return read_simulate_options(*arguments);
  }
  throw std::logic_error("there is no dags simulate");
}

TEST(SimulateOptionsTest, DurationsHaveUnits) {
  EXPECT_EQ(read_duration("500ms"), Duration(500ms));
  EXPECT_EQ(read_duration("30s"), Duration(30s));
  EXPECT_EQ(read_duration("90m"), Duration(90min));
  EXPECT_EQ(read_duration("1.5h"), Duration(90min));
  EXPECT_EQ(read_duration("2d"), Duration(48h));
  EXPECT_EQ(read_duration("0s"), Duration(0s));
  for (const char* text : {"", "s", "90", "-1m", "1y", "1e99d", "nans", "1 m", "infh"})
    EXPECT_FALSE(read_duration(text)) << text;
}

TEST(SimulateOptionsTest, MayBeGivenSeveralTimesAndInLists) {
  const auto options = options_of({"--assume", "a=1m,d.b=2m", "--assume", "c=3s", "--fail", "a=10%", "--fail", "b=0.5",
                                   "--pool", "p=4", "--assume-length", "list=0", "--dag", "etl_*", "-d", "x"});
  ASSERT_TRUE(options) << options.error().text();
  ASSERT_EQ(options->durations.size(), 3U);
  EXPECT_EQ(options->durations[1].name, "d.b");
  EXPECT_EQ(options->durations[1].value, Duration(2min));
  EXPECT_DOUBLE_EQ(options->failing[0].value, 0.1);
  EXPECT_DOUBLE_EQ(options->failing[1].value, 0.5);
  EXPECT_EQ(options->pools.at(0), (std::pair<std::string, std::int32_t>("p", 4)));
  EXPECT_EQ(options->lengths.at(0).value, 0);
  EXPECT_THAT(options->dags, ElementsAre("etl_*", "x"));
}

TEST(SimulateOptionsTest, WhatCannotBeReadIsNamed) {
  const auto refused = [](std::vector<const char*> words) { return options_of(std::move(words)).error().text(); };
  EXPECT_THAT(refused({"--fail", "a=120%"}), HasSubstr("--fail: 'a=120%' cannot be read"));
  EXPECT_THAT(refused({"--assume", "a"}), HasSubstr("load=90m"));
  EXPECT_THAT(refused({"--assume-length", "a=-1"}), HasSubstr("list_files=50"));
  EXPECT_THAT(refused({"--pool", "p=many"}), HasSubstr("shop=4"));
  EXPECT_THAT(refused({"--default-duration", "soon"}), HasSubstr("--default-duration"));
}

// Names come from files: none of them may become part of the page's own language.
TEST(SimulationPageTest, NamesAreEscaped) {
  auto dag = std::make_shared<Dag>();
  dag->dag_id = "d";
  dag->tasks.emplace_back().task_id = "<b>&\"";
  Simulation simulation;
  simulation.report.to = Time{} + 1h;
  simulation.report.runs.emplace_back().dag = dag;
  simulation.report.tries.push_back({.ready = Time{},
                                     .start = Time{} + 10min,
                                     .end = Time{} + 20min,
                                     .ending = sim::Ending::success,
                                     .cause = sim::WaitCause::pool});
  simulation.notes.emplace_back("<script>");
  const std::string page = simulation_page(simulation);
  EXPECT_THAT(page, HasSubstr("&lt;b&gt;&amp;&quot; waited 10m 00s for pool"));
  EXPECT_THAT(page, Not(HasSubstr("<b>")));
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
}

}  // namespace
}  // namespace venturi::cli
