// Where the boxes of a graph stand: in layers from left to right, each group's inside a box of its own (layers after Sugiyama;
// order by barycenters; heights by isotonic regression towards the neighbours). Pure.
#pragma once

#include <cstddef>
#include <vector>

namespace venturi::pages {

struct Box {
  double x = 0, y = 0, width = 0, height = 0;
  [[nodiscard]] double right() const { return x + width; }
  [[nodiscard]] double middle() const { return y + height / 2; }
};
struct Point {
  double x = 0, y = 0;
};

struct GraphInput {
  struct Node {
    double width, height;
    std::size_t group;  // 0: the root
  };
  struct Edge {
    std::size_t from, to;  // nodes
  };
  std::vector<Node> nodes;                 // in topological order
  std::vector<std::size_t> parents = {0};  // of each group; the root is its own. A group stands behind its parent.
  std::vector<Edge> edges;
};
struct GraphLayout {
  std::vector<Box> nodes, groups;         // the root's is the whole drawing
  std::vector<std::vector<Point>> edges;  // from the right of one to the left of the other, by way of the free places between
};

inline constexpr double layer_gap = 56, node_gap = 16, group_padding = 14, group_head = 24;

[[nodiscard]] GraphLayout lay_out(const GraphInput& graph);

}  // namespace venturi::pages
