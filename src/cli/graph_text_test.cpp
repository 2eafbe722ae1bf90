#include "cli/graph_text.h"

#include <gtest/gtest.h>

namespace venturi::cli {
namespace {

Graph graph(std::vector<const char*> names, std::vector<std::pair<std::size_t, std::size_t>> edges) {
  Graph g{"g", {}, std::move(edges)};
  for (const char* name : names) g.nodes.push_back({name, Graph::Shape::task, ""});
  return g;
}

TEST(GraphAsBoxesTest, OneBehindTheOther) {
  EXPECT_EQ(graph_as_boxes(graph({"a", "b"}, {{0, 1}})),
            "┌───┐  ┌───┐\n"
            "│ a ├─▶│ b │\n"
            "└───┘  └───┘\n");
}

TEST(GraphAsBoxesTest, ForkAndJoin) {
  EXPECT_EQ(graph_as_boxes(graph({"a", "b", "c", "d"}, {{0, 1}, {0, 2}, {1, 3}, {2, 3}})),
            "┌───┐  ┌───┐   ┌───┐\n"
            "│ a ├┬▶│ b ├─┬▶│ d │\n"
            "└───┘│ └───┘ │ └───┘\n"
            "     │ ┌───┐ │\n"
            "     └▶│ c ├─┘\n"
            "       └───┘\n");
}

TEST(GraphAsBoxesTest, AnEdgePassesAColumn) {
  EXPECT_EQ(graph_as_boxes(graph({"a", "b", "c"}, {{0, 1}, {1, 2}, {0, 2}})),
            "┌───┐  ┌───┐   ┌───┐\n"
            "│ a ├┬▶│ b ├─┬▶│ c │\n"
            "└───┘│ └───┘ │ └───┘\n"
            "     └───────┘\n");
}

TEST(GraphAsBoxesTest, LinesThatMeetGoToTheSameBox) {
  EXPECT_EQ(graph_as_boxes(graph({"a", "b", "c", "d"}, {{0, 2}, {0, 3}, {1, 2}})),
            "┌───┐   ┌───┐\n"
            "│ a ├┬─▶│ d │\n"
            "└───┘│  └───┘\n"
            "┌───┐│  ┌───┐\n"
            "│ b ├┴─▶│ c │\n"
            "└───┘   └───┘\n");
}

TEST(GraphAsBoxesTest, ACircleEnds) {
  EXPECT_NE(graph_as_boxes(graph({"a", "b"}, {{0, 1}, {1, 0}})).find("│ a ├─▶│ b │"), std::string::npos);
}

TEST(GraphAsBoxesTest, WideNamesAndNothing) {
  EXPECT_EQ(graph_as_boxes(graph({"Ёлка"}, {})), "┌──────┐\n│ Ёлка │\n└──────┘\n");
  EXPECT_EQ(graph_as_boxes(graph({}, {})), "g has nothing to show\n");
}

TEST(GraphAsDotTest, NamesAreQuoted) {
  EXPECT_NE(graph_as_dot(graph({R"(a"b\)"}, {})).find(R"("a\"b\\")"), std::string::npos);
}

TEST(GraphAsMermaidTest, NodesAreNumbered) {
  EXPECT_EQ(graph_as_mermaid(graph({"end", R"(say "x")"}, {{0, 1}})),
            "flowchart LR\n  n0[\"end\"]\n  n1[\"say #quot;x#quot;\"]\n  n0 --> n1\n");
}

}  // namespace
}  // namespace venturi::cli
