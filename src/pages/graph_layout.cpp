#include "pages/graph_layout.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace venturi::pages {
namespace {

// What stands in one group: a node, a group inside it, or a place that a long edge passes.
struct Item {
  double width = 0, height = 0;
  std::size_t first = 0;  // in topological order: a group's is that of its first node
  std::size_t layer = 0;
  double x = 0, y = 0;
  std::vector<std::size_t> before, behind;  // neighbours in the layers beside
};

struct Link {
  std::size_t from, to;         // items
  std::vector<std::size_t> by;  // passing places
};

struct Inside {
  std::vector<Item> items;
  std::vector<Link> links;
  std::vector<std::vector<std::size_t>> layers;
  double width = 0, height = 0;
};

constexpr double passing_height = 10;
constexpr int sweeps = 4;

void rank(Inside& in) {
  std::vector<std::size_t> order(in.items.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(in.items[i].first, i); });
  std::vector<std::size_t> place(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  std::vector<std::vector<std::size_t>> below(in.items.size());
  for (const Link& link : in.links) {
    // Between groups edges may go in both directions: those back do not count.
    if (place[link.from] < place[link.to]) below[link.from].push_back(link.to);
  }
  for (const std::size_t item : order) {
    for (const std::size_t next : below[item]) in.items[next].layer = std::max(in.items[next].layer, in.items[item].layer + 1);
  }
}

void add_passing_places(Inside& in) {
  for (Link& link : in.links) {
    std::size_t last = link.from;
    for (std::size_t layer = in.items[link.from].layer + 1; layer < in.items[link.to].layer; ++layer) {
      const std::size_t place = in.items.size();
      in.items.push_back({.width = 0,
                          .height = passing_height,
                          .first = in.items[link.from].first,
                          .layer = layer,
                          .before = {last},
                          .behind = {}});
      in.items[last].behind.push_back(place);
      link.by.push_back(place);
      last = place;
    }
    if (in.items[last].layer < in.items[link.to].layer) {
      in.items[last].behind.push_back(link.to);
      in.items[link.to].before.push_back(last);
    }
  }
}

void order_layers(Inside& in) {
  std::size_t count = 0;
  for (const Item& item : in.items) count = std::max(count, item.layer + 1);
  in.layers.resize(count);
  for (std::size_t i = 0; i < in.items.size(); ++i) in.layers[in.items[i].layer].push_back(i);
  std::vector<double> position(in.items.size());
  const auto number = [&](std::size_t layer) {
    for (std::size_t i = 0; i < in.layers[layer].size(); ++i) position[in.layers[layer][i]] = static_cast<double>(i);
  };
  for (std::size_t layer = 0; layer < count; ++layer) {
    std::ranges::sort(in.layers[layer], {}, [&](std::size_t i) { return std::pair(in.items[i].first, i); });
    number(layer);
  }
  const auto sort_by = [&](std::size_t layer, std::vector<std::size_t> Item::* side) {
    std::vector<std::pair<double, std::size_t>> wanted;
    for (const std::size_t i : in.layers[layer]) {
      const auto& neighbours = in.items[i].*side;
      double sum = 0;
      for (const std::size_t n : neighbours) sum += position[n];
      wanted.emplace_back(neighbours.empty() ? position[i] : sum / static_cast<double>(neighbours.size()), i);
    }
    std::ranges::sort(wanted, {}, [](const auto& entry) { return std::pair(entry.first, entry.second); });
    for (std::size_t i = 0; i < wanted.size(); ++i) in.layers[layer][i] = wanted[i].second;
    number(layer);
  };
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    for (std::size_t layer = 1; layer < count; ++layer) sort_by(layer, &Item::before);
    for (std::size_t layer = count; layer-- > 1;) sort_by(layer - 1, &Item::behind);
  }
}

// The order stays, nothing lies over each other, and the sum of the squared distances to what is wanted is least: pools of
// adjacent violators on what is wanted minus the room above.
void place_layer(Inside& in, const std::vector<std::size_t>& layer, const std::vector<double>& wanted) {
  struct Pool {
    double sum;
    std::size_t size;
    [[nodiscard]] double mean() const { return sum / static_cast<double>(size); }
  };
  std::vector<Pool> pools;
  std::vector<double> above(layer.size());
  double room = 0;
  for (std::size_t i = 0; i < layer.size(); ++i) {
    above[i] = room;
    room += in.items[layer[i]].height + node_gap;
    pools.push_back({wanted[i] - above[i], 1});
    while (pools.size() > 1 && pools[pools.size() - 2].mean() > pools.back().mean()) {
      const Pool last = pools.back();
      pools.pop_back();
      pools.back() = {pools.back().sum + last.sum, pools.back().size + last.size};
    }
  }
  std::size_t i = 0;
  for (const Pool& pool : pools) {
    for (std::size_t k = 0; k < pool.size; ++k, ++i) in.items[layer[i]].y = pool.mean() + above[i];
  }
}

void place(Inside& in) {
  for (const auto& layer : in.layers) {
    double y = 0;
    for (const std::size_t i : layer) {
      in.items[i].y = y;
      y += in.items[i].height + node_gap;
    }
  }
  const auto towards = [&](const std::vector<std::size_t>& layer, std::vector<std::size_t> Item::* side) {
    std::vector<double> wanted;
    for (const std::size_t i : layer) {
      const Item& item = in.items[i];
      double sum = 0;
      for (const std::size_t n : item.*side) sum += in.items[n].y + in.items[n].height / 2;
      const auto& neighbours = item.*side;
      wanted.push_back(neighbours.empty() ? item.y : sum / static_cast<double>(neighbours.size()) - item.height / 2);
    }
    place_layer(in, layer, wanted);
  };
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    for (std::size_t layer = 1; layer < in.layers.size(); ++layer) towards(in.layers[layer], &Item::before);
    for (std::size_t layer = in.layers.size(); layer-- > 1;) towards(in.layers[layer - 1], &Item::behind);
  }
  double x = 0, top = 0, bottom = 0;
  bool is_first = true;
  for (const auto& layer : in.layers) {
    double width = 0;
    for (const std::size_t i : layer) width = std::max(width, in.items[i].width);
    for (const std::size_t i : layer) {
      Item& item = in.items[i];
      item.x = x + (width - item.width) / 2;
      top = is_first ? item.y : std::min(top, item.y);
      bottom = is_first ? item.y + item.height : std::max(bottom, item.y + item.height);
      is_first = false;
    }
    x += width + layer_gap;
  }
  for (Item& item : in.items) item.y -= top;
  in.width = std::max(0.0, x - layer_gap);
  in.height = bottom - top;
}

}  // namespace

GraphLayout lay_out(const GraphInput& graph) {
  const std::size_t groups = graph.parents.size();
  // Of each node and group: which item of its group it is.
  std::vector<std::size_t> item_of_node(graph.nodes.size()), item_of_group(groups);
  std::vector<Inside> insides(groups);
  std::vector<std::size_t> first_of_group(groups, graph.nodes.size()), depth(groups, 0);
  for (std::size_t g = 1; g < groups; ++g) depth[g] = depth[graph.parents[g]] + 1;
  for (std::size_t n = graph.nodes.size(); n-- > 0;) first_of_group[graph.nodes[n].group] = n;
  for (std::size_t g = groups; g-- > 1;)
    first_of_group[graph.parents[g]] = std::min(first_of_group[graph.parents[g]], first_of_group[g]);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    auto& items = insides[graph.nodes[n].group].items;
    item_of_node[n] = items.size();
    items.push_back({.width = graph.nodes[n].width, .height = graph.nodes[n].height, .first = n, .before = {}, .behind = {}});
  }
  for (std::size_t g = 1; g < groups; ++g) {
    auto& items = insides[graph.parents[g]].items;
    item_of_group[g] = items.size();
    items.push_back({.first = first_of_group[g], .before = {}, .behind = {}});
  }
  // Each edge is one between two items of the innermost group that has both in it.
  struct Way {
    std::size_t group = 0, link = 0;
  };
  std::vector<Way> ways(graph.edges.size());
  std::map<std::pair<std::size_t, std::pair<std::size_t, std::size_t>>, std::size_t> known;
  for (std::size_t e = 0; e < graph.edges.size(); ++e) {
    std::size_t from_group = graph.nodes[graph.edges[e].from].group, to_group = graph.nodes[graph.edges[e].to].group;
    std::size_t from = item_of_node[graph.edges[e].from], to = item_of_node[graph.edges[e].to];
    while (from_group != to_group) {
      if (depth[from_group] >= depth[to_group]) {
        from = item_of_group[from_group];
        from_group = graph.parents[from_group];
      } else {
        to = item_of_group[to_group];
        to_group = graph.parents[to_group];
      }
    }
    auto& links = insides[from_group].links;
    const auto [at, is_new] = known.emplace(std::pair(from_group, std::pair(from, to)), links.size());
    if (is_new) links.push_back({from, to, {}});
    ways[e] = {from_group, at->second};
  }
  for (std::size_t g = groups; g-- > 0;) {  // those inside first
    Inside& in = insides[g];
    rank(in);
    add_passing_places(in);
    order_layers(in);
    place(in);
    if (g == 0) continue;
    Item& around = insides[graph.parents[g]].items[item_of_group[g]];
    around.width = in.width + 2 * group_padding;
    around.height = in.height + group_padding + group_head;
  }
  GraphLayout out{.nodes = std::vector<Box>(graph.nodes.size()), .groups = std::vector<Box>(groups), .edges = {}};
  std::vector<Point> origin(groups);  // of what is inside
  out.groups[0] = {0, 0, insides[0].width, insides[0].height};
  for (std::size_t g = 1; g < groups; ++g) {
    const Point& at = origin[graph.parents[g]];
    const Item& item = insides[graph.parents[g]].items[item_of_group[g]];
    out.groups[g] = {at.x + item.x, at.y + item.y, item.width, item.height};
    origin[g] = {out.groups[g].x + group_padding, out.groups[g].y + group_head};
  }
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const Point& at = origin[graph.nodes[n].group];
    const Item& item = insides[graph.nodes[n].group].items[item_of_node[n]];
    out.nodes[n] = {at.x + item.x, at.y + item.y, item.width, item.height};
  }
  for (std::size_t e = 0; e < graph.edges.size(); ++e) {
    const Inside& in = insides[ways[e].group];
    const Point& at = origin[ways[e].group];
    const Box &from = out.nodes[graph.edges[e].from], &to = out.nodes[graph.edges[e].to];
    std::vector<Point> points{{from.right(), from.middle()}};
    for (const std::size_t place : in.links[ways[e].link].by)
      points.push_back({at.x + in.items[place].x, at.y + in.items[place].y + passing_height / 2});
    points.push_back({to.x, to.middle()});
    out.edges.push_back(std::move(points));
  }
  return out;
}

}  // namespace venturi::pages
