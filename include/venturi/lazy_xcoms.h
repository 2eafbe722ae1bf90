// All that the instances of a mapped task gave, read while it is gone through (Airflow's LazyXComSequence): as a parameter in
// the place of a std::vector, for results that shall not lie in memory together. Not part of venturi/dag.h: include it beside
// that.
//
//   std::int64_t total(const LazyXComSequence<Report>& reports) {
//     std::int64_t rows = 0;
//     for (const Report& report : reports) rows += report.rows;    // a page of them is in memory
//     return rows;
//   }
//   dag.task<total>()(dag.task<check>()(expand(files)));           // or gather(...) of a mapped group
//
// In the order of the instances; those that gave nothing, or were skipped, are not in it. Each way through it asks anew. It is
// good for as long as its task runs, and of use to one thread at a time.
#pragma once

#include <cstddef>
#include <iterator>
#include <type_traits>

#include "venturi/owned.h"
#include "venturi/task_function.h"
#include "venturi/type.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

namespace detail {

// What a sequence and its iterators share: the task's channel, and the page that was read last.
class LazyXComs {
 public:
  explicit LazyXComs(const void* state);  // takes it over
  // Throws ServerError.
  [[nodiscard]] std::size_t size() const;
  // Whether there is one at this place; it is read then.
  [[nodiscard]] bool has(std::size_t index) const;
  // Throws std::out_of_range, and ConversionError where it is no such type.
  void read(std::size_t index, const Type& type, void* to) const;

 private:
  Shared state_;
};

}  // namespace detail

template <class T>
class LazyXComSequence {
 public:
  using LazyItem = T;
  using value_type = T;

  class iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    explicit iterator(const detail::LazyXComs& items) : items_(items) {}
    [[nodiscard]] T operator*() const {
      T value{};
      items_.read(at_, type_of<T>(), &value);
      return value;
    }
    iterator& operator++() {
      ++at_;
      return *this;
    }
    void operator++(int) { ++at_; }
    friend bool operator==(const iterator& it, std::default_sentinel_t) { return !it.items_.has(it.at_); }

   private:
    detail::LazyXComs items_;
    std::size_t at_ = 0;
  };

  explicit LazyXComSequence(const void* state) : items_(state) {}  // by the task that takes it

  [[nodiscard]] iterator begin() const { return iterator(items_); }
  [[nodiscard]] std::default_sentinel_t end() const { return {}; }
  // The server is asked.
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] bool empty() const { return !items_.has(0); }
  // Throws std::out_of_range.
  [[nodiscard]] T operator[](std::size_t index) const {
    T value{};
    items_.read(index, type_of<T>(), &value);
    return value;
  }

 private:
  detail::LazyXComs items_;
};

namespace detail {

template <class Function, class T>
  requires requires { typename std::remove_cvref_t<T>::LazyItem; }
struct Parameter<Function, T> {
  static constexpr bool is_allowed = Transferable<typename std::remove_cvref_t<T>::LazyItem> &&
                                     (!std::is_lvalue_reference_v<T> || std::is_const_v<std::remove_reference_t<T>>);
};

}  // namespace detail

}  // namespace venturi::inline sdk
