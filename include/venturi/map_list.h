// Lists that tasks take or are mapped over, and functions that change their items (Airflow's XComArg.map):
//
//   Copy to_copy(const std::string& file) {
//     if (!file.ends_with(".csv")) skip_task("no CSV");      // the instance that would have had this item is skipped
//     return {.from = file, .to = "archive/" + file};
//   }
//   dag.task<copy>()(expand(files.map<to_copy>()));          // copy(const Copy&)
//   dag.task<copy_all>()(files.map<to_copy>());              // copy_all(const std::vector<Copy>&)
//   zip(files, sizes).map<label>().map<upper_case>();        // label(const std::string&, std::int64_t)
//
// The function runs in the process of the task that reads the item, each time that it is read; the list stays as long as it
// was. It is a plain function or lambda of the items alone. What it throws ends the task that reads. Included by mapping.h.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "venturi/named_function.h"
#include "venturi/output.h"
#include "venturi/owned.h"
#include "venturi/type.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

template <class T, bool is_computed = false>
class List;
template <class T>
class Mapped;

namespace detail {

struct ListNode;  // in the archive

// One call of such a function.
class MapCall {
 public:
  // `is_spread`: the item is that of a zip, a value for each parameter.
  MapCall(const Value& item, bool is_spread, std::string_view run_dir, std::string_view what)
      : item_(item), is_spread_(is_spread), run_dir_(run_dir), what_(what) {}
  template <class T>
  [[nodiscard]] T argument(std::size_t index) {
    T value{};
    read(index, &value, type_of<T>());
    return value;
  }
  void result(const void* value, const Type& type);
  [[nodiscard]] Value take_result() { return static_cast<Value&&>(result_); }

 private:
  void read(std::size_t index, void* to, const Type& type);
  const Value& item_;
  bool is_spread_;
  std::string_view run_dir_, what_;
  Value result_;
};

struct MapTable {
  void (*call)(const void* target, MapCall& call);
  std::string_view name;  // as the compiler spells it; empty for what has none
  std::size_t parameters;
};

// Copies share the list.
class ListBase {
 public:
  ListBase(const TaskRef& task, std::string_view key);
  explicit ListBase(const Value& constant);
  explicit ListBase(const ListNode* made);  // takes it over
  [[nodiscard]] const ListNode& node() const { return *static_cast<const ListNode*>(node_.get()); }

 private:
  Shared node_;
};

enum class Join : unsigned char { concat, zip };
[[nodiscard]] ListBase joined(Join join, std::initializer_list<ListBase> parts);
// The lists of a zip once more, with a value for each.
[[nodiscard]] ListBase filled(const ListBase& zip, std::vector<Value> fills);
[[nodiscard]] ListBase mapped(const ListBase& list, const MapTable& table, const void* target = nullptr,
                              void (*destroy)(const void* target) = nullptr);

template <class T>
List<T> list_of(const Output<std::vector<T>>& list);
inline List<Value> list_of(const Output<Value>& list);
template <StringMap M>
List<Value> list_of(const Output<M>& map);  // Airflow's dict: items are [key, value]
template <class T>
List<T> list_of(const Mapped<T>& instances);
template <class T>
List<T> list_of(const std::vector<T>& constants);
template <class T, bool is_computed>
List<T, is_computed> list_of(const List<T, is_computed>& already) {
  return already;
}

// ---- functions of items --------------------------------------------------------------------------------------------------

template <class Function, std::size_t parameters, std::size_t items>
struct MapItems {
  static constexpr bool are_as_many = parameters == items;
};
template <class Function, class Item, class Parameter>
struct MapInput {
  static constexpr bool fits = Lossless<Item, Parameter>::value;
};
template <class Function, class T>
struct MapResult {
  static constexpr bool is_allowed = Transferable<T>;
};

template <class Function, class R, class... A>
struct Mapper {
  using Returned = std::remove_cvref_t<R>;

  template <std::size_t... I>
  static void call(const void* target, [[maybe_unused]] MapCall& in, std::index_sequence<I...>) {
    decltype(auto) function = FunctionOf<Function>::get(target);
    const Returned result = function(in.template argument<std::remove_cvref_t<A>>(I)...);
    in.result(&result, type_of<Returned>());
  }
  static void invoke(const void* target, MapCall& in) { call(target, in, std::index_sequence_for<A...>()); }
  static constexpr MapTable table{invoke, FunctionOf<Function>::name, sizeof...(A)};

  template <class... Items>
  static constexpr bool fits() {
    static_assert(MapItems<Function, sizeof...(A), sizeof...(Items)>::are_as_many,
                  "the function of map() has another number of parameters than an item has values (named before: the function, "
                  "its parameters, the values): it takes the item of a list, or those of all lists of a zip, and no Context");
    if constexpr (sizeof...(A) != sizeof...(Items)) {
      return false;
    } else {
      static_assert((MapInput<Function, Items, std::remove_cvref_t<A>>::fits && ...),
                    "the function of map() takes items of another type than the list has (named before: the function, the "
                    "item's type, the parameter's type). Make both the same type, or let the parameter hold every value of an "
                    "item");
      static_assert(MapResult<Function, Returned>::is_allowed,
                    "the result of a function of map() has a type that cannot travel between tasks (named before: the function "
                    "and the type): return what type.h lists; write VENTURI_STRUCT(Name, member, ...) below a struct of your "
                    "own");
      return (MapInput<Function, Items, std::remove_cvref_t<A>>::fits && ...) && MapResult<Function, Returned>::is_allowed;
    }
  }
};

template <class Function>
struct MapOf {
  template <class... Items, class F>
  static auto of(const ListBase& list, [[maybe_unused]] F function) {
    using Of = typename BySignature<Mapper, Function, F>::Type;
    if constexpr (Of::template fits<Items...>()) {
      if constexpr (FunctionOf<Function>::has_state) {
        return List<typename Of::Returned, true>(mapped(list, Of::table, new F(static_cast<F&&>(function)), destroy<F>));
      } else {
        return List<typename Of::Returned, true>(mapped(list, Of::table));
      }
    } else {
      return List<std::conditional_t<sizeof(F) == 0, F, Value>, true>(list);  // one error is enough
    }
  }
  template <class T, bool is_computed, class F>
  static auto make(const List<T, is_computed>& list, F function) {
    return of<T>(list, static_cast<F&&>(function));
  }
};

}  // namespace detail

// As an input, a std::vector<T> of all items; expand(list) maps the task over them. `is_computed`: by functions of this
// program.
template <class T, bool is_computed>
class List : public detail::ListBase {
 public:
  using Item = T;
  static constexpr bool needs_program = is_computed;
  using ListBase::ListBase;
  explicit List(const ListBase& list) : ListBase(list) {}
  template <auto function>
  [[nodiscard]] auto map() const {
    return detail::MapOf<detail::Named<function>>::make(*this, function);
  }
  template <class F>
  [[nodiscard]] auto map(F function) const {
    return detail::MapOf<F>::make(*this, static_cast<F&&>(function));
  }
};

namespace detail {
template <class T>
List<T> list_of(const Output<std::vector<T>>& list) {
  return List<T>(list, list.key());
}
inline List<Value> list_of(const Output<Value>& list) {
  return {list, list.key()};
}
template <StringMap M>
List<Value> list_of(const Output<M>& map) {
  return {map, map.key()};
}
template <class T>
List<T> list_of(const Mapped<T>& instances) {
  return List<T>(instances, "return_value");
}
template <class T>
List<T> list_of(const std::vector<T>& constants) {
  return List<T>(to_value(constants));
}
}  // namespace detail

}  // namespace venturi::inline sdk
