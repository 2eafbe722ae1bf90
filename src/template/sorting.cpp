#include "template/sorting.h"

#include <algorithm>
#include <numeric>

#include "template/compare.h"

namespace venturi::templates {

namespace {

// pprint's order: what has none goes by the names of the types.
bool less_of_any_type(const Item& a, const Item& b) {
  try {
    return less(a, b);
  } catch (const TemplateError& error) {
    if (error.kind() != ErrorKind::type) throw;
    return type_name(a) < type_name(b);
  }
}

}  // namespace

Items sort_by(Runtime& runtime, Items items, const Items& keys, bool reverse, bool any_type) {
  runtime.budget.make_items(items.size());
  // A merge sort by hand: `less` may throw or be no order at all (nan), with which std::sort's behaviour is undefined.
  std::vector<std::size_t> order(items.size()), merged(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto goes_first = [&](std::size_t a, std::size_t b) {
    runtime.budget.step();
    if (any_type) return less_of_any_type(keys[a], keys[b]);
    return reverse ? less(keys[b], keys[a]) : less(keys[a], keys[b]);
  };
  for (std::size_t width = 1; width < order.size(); width *= 2) {
    for (std::size_t begin = 0; begin < order.size(); begin += 2 * width) {
      const std::size_t middle = std::min(begin + width, order.size()), end = std::min(begin + 2 * width, order.size());
      std::size_t left = begin, right = middle;
      for (std::size_t out = begin; out < end; ++out) {
        const bool take_right = left == middle || (right < end && goes_first(order[right], order[left]));
        merged[out] = take_right ? order[right++] : order[left++];
      }
    }
    std::swap(order, merged);
  }
  Items sorted;
  sorted.reserve(items.size());
  for (const std::size_t i : order) sorted.push_back(std::move(items[i]));
  return sorted;
}

}  // namespace venturi::templates
