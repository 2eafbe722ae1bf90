// Which items an instance of a mapped task takes: where its place in all combinations is in each of the lists.
#include <algorithm>
#include <utility>

#include "engine/mapping.h"

namespace venturi::engine {
namespace {

class Places {
 public:
  explicit Places(const std::vector<std::int64_t>& lengths) : lengths_(lengths) {}

  [[nodiscard]] std::vector<std::int64_t> of(const std::vector<MappedList>& axes, std::int64_t map_index) {
    std::vector<std::int64_t> axis_lengths;
    for (const MappedList& axis : axes) axis_lengths.push_back(std::max<std::int64_t>(length(axis), 1));
    // The last axis goes fastest, as in Airflow.
    std::vector<std::int64_t> items(axes.size());
    for (std::size_t axis = axes.size(); axis-- > 0; map_index /= axis_lengths[axis]) {
      items[axis] = axis == 0 ? map_index : map_index % axis_lengths[axis];
    }
    next_ = 0;
    for (std::size_t axis = 0; axis < axes.size(); ++axis) place(axes[axis], items[axis]);
    return std::move(places_);
  }

 private:
  // Of the sources from next_ on, which goes on behind them.
  std::int64_t length(const MappedList& list) {
    return length_of_list(list, [this](const MappedList&) { return ListLength(next_length()); }).value_or(0);
  }
  std::int64_t next_length() { return next_ < lengths_.size() ? lengths_[next_++] : 0; }
  void place(const MappedList& list, std::int64_t item) {
    if (list.join == MappedList::Join::none) {
      ++next_;
      places_.push_back(item);
      return;
    }
    std::int64_t rest = item;
    for (const MappedList& part : list.parts) {
      const std::size_t at = next_;
      const std::int64_t has = length(part);
      next_ = at;
      place(part, rest >= 0 && rest < has ? rest : -1);
      if (list.join == MappedList::Join::concat) rest = rest >= has ? rest - has : -1;
    }
  }

  const std::vector<std::int64_t>& lengths_;
  std::size_t next_ = 0;
  std::vector<std::int64_t> places_;
};

}  // namespace

std::vector<std::int64_t> items_at(const std::vector<MappedList>& axes, const std::vector<std::int64_t>& lengths,
                                   std::int64_t map_index) {
  return Places(lengths).of(axes, map_index);
}

std::vector<std::int64_t> items_of(const Run& run, SlotIndex slot) {
  const std::vector<MappedList>& axes = run.declared(slot).mapped_over;
  const std::int64_t map_index = run.slots[slot].map_index;
  if (axes.empty() || map_index < 0) return {};
  const MappedProgress& progress = *run.progress[run.slots[slot].task].mapped;
  const std::vector<std::int64_t>& lengths = progress.source_lengths;
  std::vector<std::int64_t> items = lengths.empty() ? std::vector{map_index} : items_at(axes, lengths, map_index);
  for (std::size_t i = 0; i < items.size() && i < progress.sources_gave.size(); ++i) {
    const std::vector<std::int32_t>& gave = progress.sources_gave[i];
    if (items[i] >= 0 && static_cast<std::size_t>(items[i]) < gave.size()) items[i] = gave[static_cast<std::size_t>(items[i])];
  }
  return items;
}

}  // namespace venturi::engine
