// Aho-Corasick automaton over byte patterns: finds all of them in one pass.
//
// Nodes are numbered breadth first, so the children of a node lie together and edge k leads to node k + 1: an edge costs one
// byte. A step follows fail links, amortized less than one a byte; the search among a node's edges is at most 8 comparisons.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace venturi {

struct MaskPattern {
  std::string bytes;
  bool field_only = false;  // counts only where no word byte is beside it
  friend auto operator<=>(const MaskPattern&, const MaskPattern&) = default;
};

class MaskAutomaton {
 public:
  using Node = std::uint32_t;
  static constexpr Node root = 0;

  MaskAutomaton() = default;
  // Sorted by bytes, no bytes twice, none empty.
  explicit MaskAutomaton(std::span<const MaskPattern> patterns);

  [[nodiscard]] bool begins_pattern(unsigned char byte) const { return from_root_[byte] != root; }
  [[nodiscard]] Node step(Node node, unsigned char byte) const;
  // Does any pattern end here?
  [[nodiscard]] bool matches(Node node) const { return nodes_[node].longest != 0 || nodes_[node].field != root; }
  // Length of the longest pattern (not field-only) that ends here; 0: none.
  [[nodiscard]] std::size_t longest(Node node) const { return nodes_[node].longest; }
  // The longest field-only pattern that ends here, as its own node, and the next shorter one; root: none.
  [[nodiscard]] Node field(Node node) const { return nodes_[node].field; }
  [[nodiscard]] Node next_field(Node field_node) const { return nodes_[nodes_[field_node].fail].field; }
  [[nodiscard]] std::size_t depth(Node node) const { return nodes_[node].depth; }
  // How many of the last bytes could still become a pattern, or be a field-only one that waits for what is behind it.
  [[nodiscard]] std::size_t undecided(Node node) const;

 private:
  struct State {
    std::uint32_t first_edge = 0;
    Node fail = root;
    std::uint32_t depth = 0;
    std::uint32_t longest = 0;
    Node field = root;
  };
  [[nodiscard]] Node child(Node node, unsigned char byte) const;  // root: none

  std::vector<State> nodes_;  // and one more, whose first_edge ends the last node's edges
  std::vector<unsigned char> edges_;
  std::array<Node, 256> from_root_{};
};

}  // namespace venturi
