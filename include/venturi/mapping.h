// Mapped tasks (Airflow's expand): one instance of a task for each item of a list that is known only while the run goes on.
//
//   auto files = dag.task<list_files>();                                  // std::vector<std::string>
//   auto sizes = dag.task<measure>()(expand(files), "bytes");             // measure(const std::string&, const std::string&),
//                                                                         // each file
//   dag.task<total>()(sizes);                                             // total(const std::vector<std::int64_t>&): all
//
//   dag.task<load>()(expand(files), expand({"eu", "us"}));                // each with each
//   auto [file, size] = zip(files, sizes);  dag.task<pack>()(file, size); // side by side, as long as the shortest
//   auto [f, s] = zip(files, sizes).fillvalue("none", 0);                 // ... as the longest
//   dag.task<load>()(expand(concat(files, more_files)), "eu");            // one after the other
//   dag.task<load>()(expand(files.map<path_of>()), "eu");                 // path_of(const std::string&) of each; also of the
//                                                                         // lists above: see map_list.h
//
// Several tasks for each item are a mapped group: each instance of the second follows its own of the first.
//
//   auto rows = dag.expand_group("per_file", [](TaskGroup& group, const MappedItem<std::string>& file) {
//     return group.task<load>()(group.task<download>()(file));
//   })(files);
//
// Fields of a built-in operator, or of one of one's own:
//
//   dag.partial(BashOperator{.task_id = "clean"}).expand(&BashOperator::bash_command, commands);
//
// What is not expanded is the same for all of them (Airflow's partial). Of a task that is mapped over an empty list the one
// task instance is skipped. [core] max_map_length bounds the lists that tasks give; what they are joined to may be longer, as
// in Airflow.
#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "venturi/map_list.h"
#include "venturi/output.h"
#include "venturi/owned.h"
#include "venturi/type.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

namespace detail {
// Which list of a mapped group, or of a mapped operator: a list of an axis.
struct ItemBase {
  const GroupNode* group = nullptr;
  int axis = 0, list = 0;
};
class ExpandBase {
 public:
  // `which`: of lists that are zipped.
  explicit ExpandBase(const ListBase& list, int which = 0) : list_(list), which_(which) {}
  [[nodiscard]] const ListBase& list() const { return list_; }
  [[nodiscard]] int which() const { return which_; }

 private:
  ListBase list_;
  int which_;
};
}  // namespace detail

// A mapped task, each instance of which gives a T: as an input, a std::vector<T> of what they gave, in order.
template <class T>
class Mapped : public TaskRef {
 public:
  explicit Mapped(detail::TaskNode& task) : TaskRef(task) {}
  template <auto function>
  [[nodiscard]] auto map() const {
    return detail::MapOf<detail::Named<function>>::make(detail::list_of(*this), function);
  }
  template <class F>
  [[nodiscard]] auto map(F function) const {
    return detail::MapOf<F>::make(detail::list_of(*this), static_cast<F&&>(function));
  }
};

// All that the instances of a task in a mapped group gave, in order: for tasks outside of the group. What the group's function
// returns is that already.
template <class T>
[[nodiscard]] Mapped<T> gather(const Output<T>& in_group) {
  return Mapped<T>(in_group.node());
}

// In a mapped group: an item of a list, of each instance its own. An input of the group's tasks, and a field of its operators.
template <class T>
class MappedItem : public detail::ItemBase {
 public:
  explicit MappedItem(const detail::ItemBase& item) : ItemBase(item) {}
};

// An input of which each instance of a mapped task takes one T. `is_computed`: by a function of this program (map), so that no
// built-in operator can take it.
template <class T, bool is_computed = false>
class Expand : public detail::ExpandBase {
 public:
  using Item = T;
  static constexpr bool needs_program = is_computed;
  using ExpandBase::ExpandBase;
};

// Of whatever gives a list: the output of a task (a std::vector, or a Value that has to be a list or an object, of which the
// items are [key, value]), a mapped task, constants, concat(), map().
template <class L>
  requires requires(const L& list) { detail::list_of(list); }
[[nodiscard]] auto expand(const L& list) {
  const auto of = detail::list_of(list);
  return Expand<typename decltype(of)::Item, decltype(of)::needs_program>(of);
}
template <class T>
[[nodiscard]] Expand<T> expand(std::initializer_list<T> constants) {
  return expand(std::vector<T>(constants));
}
[[nodiscard]] Expand<std::string> expand(std::initializer_list<const char*> constants);
template <class T, bool is_computed>
[[nodiscard]] Expand<T, is_computed> expand(const Expand<T, is_computed>& already) {
  return already;
}

namespace detail {
// The constants of expand({...}) in a place for lists; what was zipped is no list any more, and is refused.
[[nodiscard]] const ListBase& whole_list(const ExpandBase& expanded);
template <class T, bool is_computed>
List<T, is_computed> list_of(const Expand<T, is_computed>& expanded) {
  return List<T, is_computed>(whole_list(expanded));
}

template <class L>
using Expanded = decltype(expand(static_cast<const L&>(*static_cast<const L*>(nullptr))));
template <class L>
using Item = typename Expanded<L>::Item;

template <class T, class Fill>
Value fill_value(const Fill& fill) {
  static_assert(std::convertible_to<const Fill&, T>,
                "the fillvalue of a zip has another type than the list's items (named before: the items' type, the fillvalue's "
                "type). Give one for each list, fillvalue(\"\", 0), or std::nullopt for nothing");
  return to_value(T(fill));
}
}  // namespace detail

namespace detail {
template <class... Fills>
struct FillValues {
  template <class... Lists>
  static constexpr bool are_as_many_as = sizeof...(Fills) == sizeof...(Lists);
};
}  // namespace detail

// Lists that go side by side, each an Expand: auto [file, size, owner] = zip(files, sizes, owners).
template <class... Lists>
class Zipped {
 public:
  explicit Zipped(const detail::ListBase& list) : list_(list) {}

  template <std::size_t which>
  [[nodiscard]] auto get() const {
    return std::tuple_element_t<which, std::tuple<Lists...>>(list_, static_cast<int>(which));
  }
  // As long as the longest: a list that has ended gives its fillvalue from there on (Airflow's zip(..., fillvalue=...)). One
  // for each list, or one for all.
  template <class... Fills>
  [[nodiscard]] Zipped fillvalue(const Fills&... fills) const {
    if constexpr (sizeof...(Fills) == 1) {
      return Zipped(detail::filled(list_, {detail::fill_value<typename Lists::Item>(fills...)...}));
    } else {
      static_assert(detail::FillValues<Fills...>::template are_as_many_as<Lists...>,
                    "fillvalue() has another number of values than the zip has lists (named before: the values' types, the "
                    "lists). Give one for each list, one for all, or std::nullopt for nothing");
      if constexpr (sizeof...(Fills) == sizeof...(Lists)) {
        return Zipped(detail::filled(list_, {detail::fill_value<typename Lists::Item>(fills)...}));
      } else {
        return *this;
      }
    }
  }
  // Nothing: the parameters are std::optional.
  [[nodiscard]] auto fillvalue(std::nullopt_t) const {
    return Zipped<Expand<std::optional<typename Lists::Item>, Lists::needs_program>...>(
        detail::filled(list_, std::vector<Value>(sizeof...(Lists))));
  }
  // A list of what the function gives of the items of all lists.
  template <auto function>
  [[nodiscard]] auto map() const {
    return detail::MapOf<detail::Named<function>>::template of<typename Lists::Item...>(list_, function);
  }
  template <class F>
  [[nodiscard]] auto map(F function) const {
    return detail::MapOf<F>::template of<typename Lists::Item...>(list_, static_cast<F&&>(function));
  }

 private:
  detail::ListBase list_;
};

// Side by side; each argument is what expand() takes.
template <class First, class Second, class... More>
[[nodiscard]] auto zip(const First& first, const Second& second, const More&... more) {
  return Zipped<detail::Expanded<First>, detail::Expanded<Second>, detail::Expanded<More>...>(
      detail::joined(detail::Join::zip, {detail::list_of(first), detail::list_of(second), detail::list_of(more)...}));
}

namespace detail {
template <class First, class... More>
struct Concatenated {
  static constexpr bool have_items_of_one_type = (std::same_as<First, More> && ...);
};
}  // namespace detail

// One list after the other; each argument is what expand() takes. As an input, a std::vector<T> of all.
template <class First, class... More>
[[nodiscard]] auto concat(const First& first, const More&... more) {
  static_assert(detail::Concatenated<detail::Item<First>, detail::Item<More>...>::have_items_of_one_type,
                "concat() joins lists whose items have different types (named before). Make them the same: with map(), or in "
                "the tasks that give them");
  return List<detail::Item<First>, (detail::Expanded<First>::needs_program || ... || detail::Expanded<More>::needs_program)>(
      detail::joined(detail::Join::concat, {detail::list_of(first), detail::list_of(more)...}));
}

}  // namespace venturi::inline sdk

// For structured bindings.
template <class... Lists>
struct std::tuple_size<venturi::Zipped<Lists...>> : std::integral_constant<std::size_t, sizeof...(Lists)> {};
template <std::size_t which, class... Lists>
struct std::tuple_element<which, venturi::Zipped<Lists...>> : std::tuple_element<which, std::tuple<Lists...>> {};
