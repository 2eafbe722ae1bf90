#include "base/masking_automaton.h"

#include <algorithm>

namespace venturi {

// A node is a range of the sorted patterns that share its path. The ranges of one depth are split into those of the next.
MaskAutomaton::MaskAutomaton(std::span<const MaskPattern> patterns) {
  struct Range {
    std::size_t begin, end;
  };
  std::vector<Range> level{{0, patterns.size()}}, next_level;
  nodes_.push_back({});
  Node node = root;
  for (std::uint32_t depth = 0; !level.empty(); ++depth) {
    next_level.clear();
    for (Range range : level) {
      nodes_[node].first_edge = static_cast<std::uint32_t>(edges_.size());
      if (patterns[range.begin].bytes.size() == depth) {
        if (patterns[range.begin].field_only) {
          nodes_[node].field = node;
        } else {
          nodes_[node].longest = depth;
        }
        ++range.begin;
      }
      while (range.begin < range.end) {
        const char byte = patterns[range.begin].bytes[depth];
        std::size_t end = range.begin + 1;
        while (end < range.end && patterns[end].bytes[depth] == byte) ++end;
        edges_.push_back(static_cast<unsigned char>(byte));
        nodes_.push_back({.first_edge = 0, .fail = root, .depth = depth + 1, .longest = 0, .field = root});
        next_level.push_back({range.begin, end});
        range.begin = end;
      }
      ++node;
    }
    level.swap(next_level);
  }
  nodes_.push_back(
      {.first_edge = static_cast<std::uint32_t>(edges_.size()), .fail = root, .depth = 0, .longest = 0, .field = root});

  for (std::uint32_t edge = 0; edge < nodes_[1].first_edge; ++edge) from_root_[edges_[edge]] = edge + 1;
  for (Node parent = root; parent + 1 < nodes_.size(); ++parent) {
    for (std::uint32_t edge = nodes_[parent].first_edge; edge < nodes_[parent + 1].first_edge; ++edge) {
      State& state = nodes_[edge + 1];
      if (parent != root) state.fail = step(nodes_[parent].fail, edges_[edge]);
      // A longer pattern that ends here covers the shorter ones, so the longest is enough to know.
      if (state.longest == 0) state.longest = nodes_[state.fail].longest;
      if (state.field == root) state.field = nodes_[state.fail].field;
    }
  }
}

MaskAutomaton::Node MaskAutomaton::child(Node node, unsigned char byte) const {
  const auto begin = edges_.begin() + nodes_[node].first_edge, end = edges_.begin() + nodes_[node + 1].first_edge;
  if (end - begin == 1) return *begin == byte ? nodes_[node].first_edge + 1 : root;
  const auto edge = std::lower_bound(begin, end, byte);
  return edge != end && *edge == byte ? static_cast<Node>(edge - edges_.begin()) + 1 : root;
}

MaskAutomaton::Node MaskAutomaton::step(Node node, unsigned char byte) const {
  for (; node != root; node = nodes_[node].fail) {
    if (const Node next = child(node, byte); next != root) return next;
  }
  return from_root_[byte];
}

std::size_t MaskAutomaton::undecided(Node node) const {
  for (; node != root; node = nodes_[node].fail) {
    const bool goes_on = nodes_[node + 1].first_edge != nodes_[node].first_edge;
    if (goes_on || nodes_[node].field == node) return nodes_[node].depth;
  }
  return 0;
}

}  // namespace venturi
