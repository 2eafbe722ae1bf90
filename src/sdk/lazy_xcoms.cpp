// A page at a time, by Airflow's GetXComSequenceSlice; how many there are, by its GetXComCount.
#include "venturi/lazy_xcoms.h"

#include <stdexcept>

#include "sdk/context_data.h"

namespace venturi::inline sdk::detail {
namespace {

// Venturi's server gives as many as are about so much together; a stock Airflow's, so many.
constexpr std::int64_t page_bytes = 1 << 20, page_items = 1000;

struct State {
  ContextData& data;
  std::string task_id, key;
  std::size_t first = 0;  // of the page
  Array page = {};
  bool is_last = false;  // nothing is behind the page

  [[nodiscard]] Object request(std::string_view type) const {
    return Object{{"type", type}, {"key", key}, {"dag_id", data.dag_id}, {"run_id", data.run_id}, {"task_id", task_id}};
  }
  [[nodiscard]] const Value* find(std::size_t index) {
    if (index < first || index >= first + page.size()) {
      if (is_last && index >= first) return nullptr;
      read_from(index);
    }
    return index < first + page.size() ? &page[index - first] : nullptr;
  }
  void read_from(std::size_t index) {
    page.clear();  // before the next one comes
    Object slice = request("GetXComSequenceSlice");
    const auto start = static_cast<std::int64_t>(index);
    slice.add("start", start);
    slice.add("stop", start + page_items);
    slice.add("step", nullptr);
    slice.add("include_prior_dates", false);
    if (data.comms.pipelined()) slice.add("page_bytes", page_bytes);
    Value answer = data.ask(slice);
    Value items = answer.take_value("root");
    page = std::move(items.as_array());
    first = index;
    const bool is_full = !data.comms.pipelined() && static_cast<std::int64_t>(page.size()) == page_items;
    is_last = !is_full && answer.get("next") == nullptr;
  }
};

State& state_of(const Shared& shared) {
  return *static_cast<State*>(const_cast<void*>(shared.get()));
}

}  // namespace

LazyXComs::LazyXComs(const void* state) : state_(state, destroy<State>) {}

std::size_t LazyXComs::size() const {
  State& state = state_of(state_);
  return static_cast<std::size_t>(state.data.ask(state.request("GetXComCount")).at("len").as_int());
}

bool LazyXComs::has(std::size_t index) const {
  return state_of(state_).find(index) != nullptr;
}

void LazyXComs::read(std::size_t index, const Type& type, void* to) const {
  State& state = state_of(state_);
  const std::string what = "item " + std::to_string(index) + " of the results of " + state.task_id;
  const Value* value = state.find(index);
  if (value == nullptr) throw std::out_of_range("there is no " + what);
  type.read(type, *value, to, Reading{.run_dir = state.data.run_files(), .what = what});
}

const void* Invocation::lazy_state(std::size_t index) {
  const TaskInput& input = task_.inputs.at(index);
  return new State{.data = data_, .task_id = input.from->task_id, .key = input.key};
}

}  // namespace venturi::inline sdk::detail
