#include "cli/graph_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/output.h"

namespace venturi::cli {
namespace {

std::string quoted_dot(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// Of Mermaid's labels: its only escapes are those of HTML.
std::string quoted_mermaid(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("#quot;") : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::string graph_as_dot(const Graph& graph) {
  std::string out =
      "digraph " + quoted_dot(graph.name) + " {\n  graph [label=" + quoted_dot(graph.name) + " labelloc=t rankdir=LR]\n";
  for (const Graph::Node& node : graph.nodes) {
    const bool is_asset = node.shape == Graph::Shape::asset;
    out += "  " + quoted_dot(node.id) + " [shape=" + (is_asset ? "note" : "rectangle") +
           (is_asset ? " style=filled" : " style=\"filled,rounded\"") + " fillcolor=white tooltip=" + quoted_dot(node.about) +
           "]\n";
  }
  for (const auto& [from, to] : graph.edges)
    out += "  " + quoted_dot(graph.nodes[from].id) + " -> " + quoted_dot(graph.nodes[to].id) + "\n";
  return out + "}\n";
}

// Names of nodes are words of Mermaid's language there, so they are numbered.
std::string graph_as_mermaid(const Graph& graph) {
  std::string out = "flowchart LR\n";
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Graph::Node& node = graph.nodes[i];
    const std::string label = quoted_mermaid(node.id);
    out += fmt::format("  n{}{}\n", i,
                       node.shape == Graph::Shape::asset ? "[(" + label + ")]"
                       : node.shape == Graph::Shape::dag ? "[[" + label + "]]"
                                                         : "[" + label + "]");
  }
  for (const auto& [from, to] : graph.edges) out += fmt::format("  n{} --> n{}\n", from, to);
  return out;
}

namespace {

// ---- boxes ---------------------------------------------------------------------------------------------------------------
//
// Nodes stand in columns, each right of all that it comes behind. An edge that passes a column has a place of its own there, so
// that every line goes from one column to the next: out of its box, along the track of its source, into the next one.

enum Side : unsigned { up = 1, right = 2, down = 4, left = 8 };

class Canvas {
 public:
  void connect(std::size_t x, std::size_t y, unsigned sides) { cell(x, y).sides |= sides; }
  void put(std::size_t x, std::size_t y, const std::string& character) { cell(x, y).text = character; }
  void line_right(std::size_t from, std::size_t to, std::size_t y) {  // from < to: the half cells between their middles
    for (std::size_t x = from; x < to; ++x) {
      connect(x, y, right);
      connect(x + 1, y, left);
    }
  }
  void line_down(std::size_t x, std::size_t from, std::size_t to) {
    for (std::size_t y = from; y < to; ++y) {
      connect(x, y, down);
      connect(x, y + 1, up);
    }
  }
  [[nodiscard]] std::string text() const {
    static constexpr const char* shapes[] = {" ", "│", "─", "└", "│", "│", "┌", "├", "─", "┘", "─", "┴", "┐", "┤", "┬", "┼"};
    std::string out;
    for (const auto& row : rows_) {
      std::string line;
      for (const Cell& c : row) line += c.text.empty() ? shapes[c.sides] : c.text;
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + "\n";
    }
    return out;
  }

 private:
  struct Cell {
    unsigned sides = 0;
    std::string text;
  };
  Cell& cell(std::size_t x, std::size_t y) {
    if (rows_.size() <= y) rows_.resize(y + 1);
    if (rows_[y].size() <= x) rows_[y].resize(x + 1);
    return rows_[y][x];
  }
  std::vector<std::vector<Cell>> rows_;
};

constexpr std::size_t none = static_cast<std::size_t>(-1);

// A node, or where an edge passes a column.
struct Spot {
  std::size_t node = none;
  std::size_t column = 0;
  std::vector<std::size_t> from, to;  // spots of the neighbouring columns
  double wish = 0;                    // where it would like to stand, for few crossings
  std::size_t y = 0;                  // of its middle
};

std::vector<std::size_t> columns_of(const Graph& graph) {
  std::vector<std::size_t> column(graph.nodes.size(), 0);
  // Edges go forward in a topological order, so one pass is enough; those of a cycle that go backward move nothing.
  std::vector<std::vector<std::size_t>> above(graph.nodes.size());
  for (const auto& [from, to] : graph.edges) above[to].push_back(from);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::size_t from : above[i]) {
      if (from < i) column[i] = std::max(column[i], column[from] + 1);
    }
  }
  return column;
}

struct Layout {
  std::vector<Spot> spots;
  std::vector<std::vector<std::size_t>> columns;  // from above to below
};

Layout place_spots(const Graph& graph) {
  const auto column = columns_of(graph);
  Layout layout;
  const auto add_spot = [&](std::size_t node, std::size_t in_column) {
    Spot spot;
    spot.node = node;
    spot.column = in_column;
    layout.spots.push_back(std::move(spot));
  };
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) add_spot(i, column[i]);
  for (const auto& [from, to] : graph.edges) {
    if (column[from] >= column[to]) continue;  // of a cycle
    std::size_t last = from;
    for (std::size_t c = column[from] + 1; c <= column[to]; ++c) {
      std::size_t next = to;
      if (c < column[to]) {
        next = layout.spots.size();
        add_spot(none, c);
      }
      layout.spots[last].to.push_back(next);
      layout.spots[next].from.push_back(last);
      last = next;
    }
  }
  for (std::size_t s = 0; s < layout.spots.size(); ++s) {
    const std::size_t c = layout.spots[s].column;
    if (layout.columns.size() <= c) layout.columns.resize(c + 1);
    layout.columns[c].push_back(s);
  }
  return layout;
}

// By the middle of what each is connected with on one side: a few passes are enough for the eye.
void order_columns(Layout& layout) {
  constexpr int passes = 4;
  for (auto& column : layout.columns) {
    for (std::size_t i = 0; i < column.size(); ++i) layout.spots[column[i]].wish = static_cast<double>(i);
  }
  for (int pass = 0; pass < passes; ++pass) {
    const bool forward = pass % 2 == 0;
    for (std::size_t k = 0; k < layout.columns.size(); ++k) {
      auto& column = layout.columns[forward ? k : layout.columns.size() - 1 - k];
      for (const std::size_t s : column) {
        const auto& beside = forward ? layout.spots[s].from : layout.spots[s].to;
        double sum = 0;
        for (const std::size_t other : beside) sum += layout.spots[other].wish;
        if (!beside.empty()) layout.spots[s].wish = sum / static_cast<double>(beside.size());
      }
      std::vector<std::pair<double, std::size_t>> order;  // wish, and where it stands now
      for (std::size_t i = 0; i < column.size(); ++i) order.emplace_back(layout.spots[column[i]].wish, i);
      std::ranges::sort(order);
      std::vector<std::size_t> sorted;
      for (const auto& [wish, i] : order) sorted.push_back(column[i]);
      column = std::move(sorted);
      for (std::size_t i = 0; i < column.size(); ++i) layout.spots[column[i]].wish = static_cast<double>(i);
    }
  }
}

// With `apart`, rows of one column are none of the next one's.
void place_rows(Layout& layout, bool apart) {
  for (std::size_t c = 0; c < layout.columns.size(); ++c) {
    std::size_t y = apart ? c % 2 : 0;
    for (const std::size_t s : layout.columns[c]) {
      const bool is_high = apart || layout.spots[s].node != none;
      layout.spots[s].y = y + (is_high ? 1 : 0);
      y += is_high ? 3 : 1;
    }
  }
}

// The column's spots that go on, in the order of their tracks. A line that arrives in the row of another spot's line must have
// its track right of that one's: otherwise both would be one line. Nothing where that cannot be.
std::optional<std::vector<std::size_t>> order_tracks(const Layout& layout, const std::vector<std::size_t>& column) {
  std::vector<std::size_t> waiting, order;
  for (const std::size_t s : column) {
    if (!layout.spots[s].to.empty()) waiting.push_back(s);
  }
  const auto arrives_in_row_of = [&](std::size_t later, std::size_t earlier) {
    const auto& own = layout.spots[earlier].to;
    return std::ranges::any_of(layout.spots[later].to, [&](std::size_t t) {
      return layout.spots[t].y == layout.spots[earlier].y && std::ranges::find(own, t) == own.end();
    });
  };
  while (!waiting.empty()) {
    const auto free = std::ranges::find_if(waiting, [&](std::size_t s) {
      return std::ranges::none_of(waiting, [&](std::size_t other) { return other != s && arrives_in_row_of(s, other); });
    });
    if (free == waiting.end()) return std::nullopt;
    order.push_back(*free);
    waiting.erase(free);
  }
  return order;
}

void draw_box(Canvas& canvas, std::size_t x, std::size_t y, std::size_t width, const std::string& label) {
  canvas.line_right(x, x + width - 1, y - 1);
  canvas.line_right(x, x + width - 1, y + 1);
  canvas.line_down(x, y - 1, y + 1);
  canvas.line_down(x + width - 1, y - 1, y + 1);
  std::size_t at = x + 2;
  for (std::size_t i = 0; i < label.size();) {
    std::size_t end = i + 1;
    while (end < label.size() && (static_cast<unsigned char>(label[end]) & 0xC0U) == 0x80U) ++end;
    canvas.put(at++, y, label.substr(i, end - i));
    i = end;
  }
}

}  // namespace

std::string graph_as_boxes(const Graph& graph) {
  if (graph.nodes.empty()) return graph.name + " has nothing to show\n";
  Layout layout = place_spots(graph);
  order_columns(layout);
  place_rows(layout, false);
  if (!std::ranges::all_of(layout.columns, [&](const auto& column) { return order_tracks(layout, column).has_value(); }))
    place_rows(layout, true);
  Canvas canvas;
  std::size_t x = 0;
  for (std::size_t c = 0; c < layout.columns.size(); ++c) {
    std::size_t width = 1;
    for (const std::size_t s : layout.columns[c]) {
      if (layout.spots[s].node != none) width = std::max(width, display_width(graph.nodes[layout.spots[s].node].id) + 4);
    }
    const auto sources = order_tracks(layout, layout.columns[c]).value();
    const std::size_t end = x + width - 1;
    const std::size_t arrow = end + sources.size() + 1;
    for (const std::size_t s : layout.columns[c]) {
      const Spot& spot = layout.spots[s];
      if (spot.node == none)
        canvas.line_right(x, end, spot.y);
      else
        draw_box(canvas, x, spot.y, width, graph.nodes[spot.node].id);
    }
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const Spot& spot = layout.spots[sources[i]];
      const std::size_t track = end + 1 + i;
      canvas.line_right(end, track, spot.y);
      for (const std::size_t t : spot.to) {
        const Spot& target = layout.spots[t];
        canvas.line_down(track, std::min(spot.y, target.y), std::max(spot.y, target.y));
        canvas.line_right(track, arrow, target.y);
        if (target.node != none)
          canvas.put(arrow, target.y, "▶");
        else
          canvas.line_right(arrow, arrow + 1, target.y);
      }
    }
    x = arrow + 1;
  }
  return canvas.text();
}

}  // namespace venturi::cli
