// A graph of tasks or DAGs as text: boxes for a terminal, DOT for Graphviz, Mermaid for documents.
//
//   ┌─────────┐   ┌──────┐
//   │ extract ├─┬▶│ load │
//   └─────────┘ │ └──────┘
//               │ ┌──────┐
//               └▶│ mail │
//                 └──────┘
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace venturi::cli {

struct Graph {
  enum class Shape { task, dag, asset };
  struct Node {
    std::string id;
    Shape shape = Shape::task;
    std::string about = {};  // what a reader is shown beside it, where there is room
  };
  std::string name;
  std::vector<Node> nodes;  // in topological order, but for cycles
  std::vector<std::pair<std::size_t, std::size_t>> edges;
};

[[nodiscard]] std::string graph_as_boxes(const Graph& graph);
[[nodiscard]] std::string graph_as_dot(const Graph& graph);
[[nodiscard]] std::string graph_as_mermaid(const Graph& graph);

}  // namespace venturi::cli
