#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/percent.h"
#include "pages/forms.h"
#include "pages/graph_layout.h"
#include "pages/html.h"
#include "pages/markdown.h"
#include "pages/moments.h"
#include "pages/page.h"
#include "pages/param_fields.h"
#include "pages/states.h"
#include "pages/task_pages.h"

namespace venturi::pages {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// ---- HTML ----------------------------------------------------------------------------------------------------------------

TEST(HtmlTest, WhatIsShownIsNoMarkup) {
  EXPECT_EQ(escaped(R"(<a href="x" title='y'>&</a>)"), "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;&lt;/a&gt;");
  EXPECT_EQ(escaped(std::string("a\0b\x1B\n\t", 6)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\n\t");
  EXPECT_EQ(html("<p title=\"{}\">{}</p>", "\"><script>", "<b>").text(), "<p title=\"&quot;&gt;&lt;script&gt;\">&lt;b&gt;</p>");
}

TEST(HtmlTest, BracesOfWhatIsShownAreNoFormat) {
  EXPECT_EQ(html("<p>{}</p>", "{} {0} {{").text(), "<p>{} {0} {{</p>");
}

TEST(HtmlTest, HtmlInHtmlIsEscapedOnce) {
  const Html inner = html("<b>{}</b>", "&");
  EXPECT_EQ(html("<p>{} {}</p>", inner, 7).text(), "<p><b>&amp;</b> 7</p>");
}

// ---- forms ---------------------------------------------------------------------------------------------------------------

TEST(FormsTest, AreReadAsBrowsersSendThem) {
  const auto form = Fields::parse("a=1+2&b=%3Cb%3E&b=second&c=&flag");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->text("a"), "1 2");
  EXPECT_EQ(form->text("b"), "<b>");
  EXPECT_TRUE(form->has("c"));
  EXPECT_TRUE(form->has("flag"));
  EXPECT_EQ(form->number("a", 9), 9);
  EXPECT_FALSE(Fields::parse("a=%zz"));
  EXPECT_EQ(form->query({"b"}), "a=1%202");
  EXPECT_EQ(Fields::parse("note=a%0D%0Ab")->lines("note"), "a\nb");
}

TEST(FormsTest, NobodyIsSentToAnotherHost) {
  EXPECT_EQ(own_path("/dags/x?page=2"), "/dags/x?page=2");
  EXPECT_EQ(own_path("//evil.example"), "/");
}

TEST(FormsTest, PathsHaveValues) {
  const auto values = match_path("/dags/{dag_id}/runs/{run_id}", "/dags/a%2Fb/runs/x+1");
  ASSERT_TRUE(values);
  EXPECT_EQ(values->at("dag_id"), "a/b");
  EXPECT_EQ(values->at("run_id"), "x+1");
  EXPECT_FALSE(match_path("/dags/{dag_id}", "/dags/"));
  EXPECT_FALSE(match_path("/dags/{dag_id}", "/dags/a/b"));
  EXPECT_TRUE(match_path("/", "/"));
}

TEST(FormsTest, ThePageThatIsReturnedToIsToldOnce) {
  EXPECT_EQ(saying("/dags/x?page=2&said=paused", "unpaused"), "/dags/x?page=2&said=unpaused");
  EXPECT_EQ(saying("/", "saved"), "/?said=saved");
}

// ---- params --------------------------------------------------------------------------------------------------------------

Param param_of(Value schema, std::optional<Value> value = std::nullopt) {
  return {.name = "p", .value = std::move(value), .schema = std::move(schema)};
}
Result<Value> sent(const Param& param, std::string text) {
  Fields form;
  form.set("p-p", std::move(text));
  return param_value(param, form);
}

TEST(ParamFieldsTest, ValuesHaveTheTypeOfTheirSchema) {
  EXPECT_EQ(sent(param_of(Object{{"type", "integer"}}), "7").value(), Value(7));
  EXPECT_TRUE(sent(param_of(Object{{"type", "integer"}}), "7").value().is_int());
  EXPECT_FALSE(sent(param_of(Object{{"type", "integer"}}), "7.5"));
  EXPECT_FALSE(sent(param_of(Object{{"type", "number"}}), "seven"));
  EXPECT_EQ(sent(param_of(Object{{"type", "string"}}), "7").value(), Value("7"));
  EXPECT_TRUE(sent(param_of(Object{{"type", Array{Value("null"), Value("string")}}}), "").value().is_null());
  EXPECT_EQ(sent(param_of(Object{{"type", "array"}}), "a\r\nb\r\n").value(), Value(Array{Value("a"), Value("b")}));
  EXPECT_EQ(sent(param_of(Object{{"type", "array"}}), "[1]").value(), Value(Array{Value(1)}));
  EXPECT_FALSE(sent(param_of(Object{{"type", "object"}}), "{"));
  EXPECT_EQ(sent(param_of(Object{{"enum", Array{Value(1), Value("a")}}}), "\"a\"").value(), Value("a"));
  EXPECT_EQ(param_value(param_of(Object{{"type", "boolean"}}), {}).value(), Value(false));
  EXPECT_EQ(sent(param_of(Object{}, Value(3)), "4").value(), Value(4)) << "without a type the default has one";
}

TEST(ParamFieldsTest, AHostileParamStaysText) {
  Param param =
      param_of(Object{{"type", "string"}, {"title", "<i>"}, {"description", "\"><img src=x>"}}, Value("'\"><script>"));
  param.name = "\"onfocus=\"x";
  const std::string field = param_field(param, nullptr, "<wrong>").text();
  EXPECT_THAT(field, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("<img")), Not(HasSubstr("<i>")),
                           Not(HasSubstr("\"onfocus")), HasSubstr("&lt;wrong&gt;"), HasSubstr("aria-invalid=\"true\"")));
}

// ---- texts of the user's -------------------------------------------------------------------------------------------------

TEST(MarkdownTest, HasNoHtmlOfItsOwn) {
  const std::string page =
      markdown(
          "# T\n\n<script>alert(1)</script>\n\na <b onclick=x>b</b> [l](javascript:alert(1)) ![pic](http://x/y.png) **bold**")
          .text();
  EXPECT_THAT(page,
              AllOf(HasSubstr("<h3>T</h3>"), HasSubstr("<strong>bold</strong>"), HasSubstr("pic"), Not(HasSubstr("<script")),
                    Not(HasSubstr("onclick")), Not(HasSubstr("javascript:")), Not(HasSubstr("<img"))));
  EXPECT_THAT(markdown("\n    # Indented as a whole\n    - a\n").text(), HasSubstr("<h3>"));
}

TEST(LogTest, TerminalCodesAreLeftOut) {
  EXPECT_EQ(without_terminal_codes("\x1B[1;31mred\x1B[0m \x1B]0;title\a!\x1B(B\r"), "red !B");
  EXPECT_EQ(without_terminal_codes("cut \x1B["), "cut ");
}

// ---- states --------------------------------------------------------------------------------------------------------------

TEST(StatesTest, ManyInstancesAreOneSum) {
  std::vector<store::TaskCount> counts(3);
  counts[0] = {.task_id = "m",
               .state = TaskState::success,
               .is_mapped = true,
               .count = 98,
               .try_number = 1,
               .start_date = Time{},
               .end_date = Time{}};
  counts[1] = {.task_id = "m",
               .state = TaskState::failed,
               .is_mapped = true,
               .count = 2,
               .try_number = 3,
               .start_date = {},
               .end_date = {}};
  counts[2] = {
      .task_id = "n", .state = TaskState::running, .count = 1, .try_number = 1, .start_date = Time{}, .end_date = Time{}};
  const auto sums = sum_tasks(counts);
  ASSERT_EQ(sums.size(), 2U);
  EXPECT_EQ(sums[0].text(), "98 success, 2 failed");
  EXPECT_EQ(sums[0].state(), TaskState::failed);
  EXPECT_EQ(sums[0].try_number, 3);
  EXPECT_FALSE(sums[1].end_date) << "what runs has not ended";
}

TEST(MomentsTest, AlwaysNameTheirZone) {
  const Time t = *parse_time("2026-07-01T22:30:00Z");
  EXPECT_EQ(Moments(nullptr).text(t), "2026-07-01 22:30:00 UTC");
  auto zones = schedule::TimeZones::load();
  ASSERT_TRUE(zones && zones->add("Europe/Berlin"));
  EXPECT_EQ(Moments(*zones->find("Europe/Berlin")).text(t), "2026-07-02 00:30:00 CEST");
  EXPECT_EQ(Moments(*zones->find("Europe/Berlin")).clock(t), "00:30:00.000");
  EXPECT_EQ(duration_text(std::chrono::milliseconds(350)), "0.35s");
  EXPECT_EQ(duration_text(std::chrono::seconds(62)), "1m 02s");
}

// ---- layout --------------------------------------------------------------------------------------------------------------

bool are_apart(const Box& a, const Box& b) {
  return a.right() <= b.x || b.right() <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
}

TEST(LayoutTest, NothingLiesOverEachOtherAndAllIsBehindWhatItNeeds) {
  GraphInput graph;
  for (int i = 0; i < 40; ++i) graph.nodes.push_back({80.0 + i % 5 * 20, 34, 0});
  for (std::size_t i = 0; i < 40; ++i) {
    for (std::size_t k = i + 1; k < 40; ++k) {
      if ((i * 7 + k * 13) % 17 == 0) graph.edges.push_back({i, k});
    }
  }
  const GraphLayout layout = lay_out(graph);
  for (std::size_t i = 0; i < 40; ++i) {
    for (std::size_t k = i + 1; k < 40; ++k) EXPECT_TRUE(are_apart(layout.nodes[i], layout.nodes[k])) << i << " and " << k;
  }
  for (const auto& edge : graph.edges) EXPECT_LT(layout.nodes[edge.from].right(), layout.nodes[edge.to].x);
}

TEST(LayoutTest, GroupsAreAroundTheirOwnTasks) {
  GraphInput graph;
  graph.parents = {0, 0, 1};
  graph.nodes = {{80, 34, 0}, {80, 34, 1}, {80, 34, 2}, {80, 34, 2}, {80, 34, 0}};
  graph.edges = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {0, 4}};
  const GraphLayout layout = lay_out(graph);
  const auto is_in = [](const Box& inner, const Box& outer) {
    return inner.x >= outer.x && inner.right() <= outer.right() && inner.y >= outer.y &&
           inner.y + inner.height <= outer.y + outer.height;
  };
  EXPECT_TRUE(is_in(layout.nodes[1], layout.groups[1]));
  EXPECT_TRUE(is_in(layout.nodes[2], layout.groups[2]));
  EXPECT_TRUE(is_in(layout.groups[2], layout.groups[1]));
  EXPECT_TRUE(are_apart(layout.nodes[0], layout.groups[1]));
  EXPECT_TRUE(are_apart(layout.nodes[4], layout.groups[1]));
}

TEST(LayoutTest, EdgesBothWaysBetweenGroupsEnd) {
  GraphInput graph;
  graph.parents = {0, 0, 0};
  graph.nodes = {{80, 34, 1}, {80, 34, 2}, {80, 34, 1}, {80, 34, 2}};
  graph.edges = {{0, 1}, {1, 2}, {2, 3}};
  EXPECT_EQ(lay_out(graph).edges.size(), 3U);
  EXPECT_EQ(lay_out({}).nodes.size(), 0U);
}

}  // namespace
}  // namespace venturi::pages
