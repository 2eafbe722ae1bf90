// A field of a built-in operator: a constant, or the output of a task, which makes the operator run after it.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "venturi/mapping.h"
#include "venturi/output.h"
#include "venturi/owned.h"
#include "venturi/run_file.h"
#include "venturi/type.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

namespace detail {
// The serialized form. An output is Airflow's {"__type": "xcomref", "__var": {"task_id", "key"}}.
class FieldBase {
 public:
  FieldBase() noexcept;
  FieldBase(const FieldBase&);
  FieldBase(FieldBase&&) noexcept;
  FieldBase& operator=(const FieldBase&) = delete;
  ~FieldBase();

  [[nodiscard]] bool is_given() const { return !value_.is_null(); }
  [[nodiscard]] const Value& value() const { return value_; }
  [[nodiscard]] const std::vector<TaskNode*>& upstream() const { return upstream_; }
  // The constant as plain JSON; throws std::logic_error where it is, or holds, the output of a task.
  [[nodiscard]] Value constant() const;
  // Its value as it is at run time, a T of Field<T>.
  void hold(Shared value) const { held_ = static_cast<Shared&&>(value); }

 protected:
  [[nodiscard]] const void* held() const { return held_.get(); }
  void set(std::string_view text);
  void set(std::int64_t n);
  void set(double d);
  void set(bool b);
  void set(const Value& json);
  void set(const TaskRef& from, std::string_view key);
  void set(const ItemBase& item);
  void set(const Column* columns, std::size_t count);
  void append(const FieldBase& element);
  void add(std::string_view name, const FieldBase& element);

 private:
  Value value_;
  std::vector<TaskNode*> upstream_;
  mutable Shared held_;
};

template <class Field, class From, class To>
struct FieldInput {
  static constexpr bool fits = Lossless<From, To>::value;
};
}  // namespace detail

template <class T>
class Field;

namespace detail {
// What every field takes: the output of a task.
template <class T>
class FieldOf : public FieldBase {
 public:
  FieldOf() = default;
  template <class From>
  FieldOf(const Output<From>& output) {
    static_assert(
        FieldInput<venturi::Field<T>, From, T>::fits,
        "the field of an operator takes an output of another type than its own (named before: the field, the output's "
        "type, the field's type). Make the task give that type, or convert in a task between them");
    if constexpr (FieldInput<venturi::Field<T>, From, T>::fits) set(output, output.key());
  }

  // What it holds while an operator of one's own runs: the constant, rendered where it is a template field, or what the task
  // gave. A T{} where it was not given.
  [[nodiscard]] const T& operator*() const {
    if (held() == nullptr) hold(Shared(new T(is_given() ? from_value<T>(constant(), "a field") : T{}), destroy<T>));
    return *static_cast<const T*>(held());
  }
  [[nodiscard]] const T* operator->() const { return &**this; }
  template <class From>
  FieldOf(const Mapped<From>& instances) {
    static_assert(FieldInput<venturi::Field<T>, std::vector<From>, T>::fits,
                  "the field of an operator takes what all instances of a mapped task gave, and it is no std::vector of that "
                  "(named before: the field, the vector, the field's type)");
    if constexpr (FieldInput<venturi::Field<T>, std::vector<From>, T>::fits) set(instances, "return_value");
  }
  template <class From>
  FieldOf(const MappedItem<From>& item) {
    static_assert(FieldInput<venturi::Field<T>, From, T>::fits,
                  "the field of an operator is mapped over items of another type than its own (named before: the field, the "
                  "items' type, the field's type). Make both the same type, or convert in a task between them");
    if constexpr (FieldInput<venturi::Field<T>, From, T>::fits) set(item);
  }
};
}  // namespace detail

template <>
class Field<std::string> : public detail::FieldOf<std::string> {
 public:
  using FieldOf::FieldOf;
  Field() = default;
  Field(const char* text) { set(std::string_view(text)); }
  Field(std::string_view text) { set(text); }
  Field(const std::string& text) { set(std::string_view(text)); }
};

template <>
class Field<std::int64_t> : public detail::FieldOf<std::int64_t> {
 public:
  using FieldOf::FieldOf;
  Field() = default;
  template <detail::Integer I>
  Field(I n) {
    set(static_cast<std::int64_t>(n));
  }
};

template <>
class Field<bool> : public detail::FieldOf<bool> {
 public:
  using FieldOf::FieldOf;
  Field() = default;
  template <std::same_as<bool> B>
  Field(B b) {
    set(b);
  }
};

template <>
class Field<Value> : public detail::FieldOf<Value> {
 public:
  using FieldOf::FieldOf;
  Field() = default;
  Field(const Value& value) { set(value); }
  template <class T>
    requires std::convertible_to<T, Value>
  Field(const T& value) {
    set(Value(value));
  }
};

// A file of the run that a task gives.
template <>
class Field<RunFile> : public detail::FieldOf<RunFile> {
 public:
  using FieldOf::FieldOf;
  Field() = default;
};

template <class T>
class Field<std::vector<T>> : public detail::FieldOf<std::vector<T>> {
 public:
  using detail::FieldOf<std::vector<T>>::FieldOf;
  Field() = default;
  Field(std::initializer_list<Field<T>> elements) {
    for (const Field<T>& element : elements) this->append(element);
  }
  Field(const std::vector<T>& elements) {
    for (const T& element : elements) this->append(Field<T>(element));
  }
  // One element alone.
  template <class E>
    requires(std::convertible_to<const E&, T> && !std::derived_from<E, TaskRef>)
  Field(const E& element) {
    this->append(Field<T>(element));
  }
};

// Names and texts: {{"LANG", "C"}, {"COUNT", counted}}, or the output of a task that gives a std::map<std::string,
// std::string>.
struct Texts {};
template <>
class Field<Texts> : public detail::FieldBase {
 public:
  using Member = std::pair<std::string_view, Field<std::string>>;
  Field() = default;
  Field(std::initializer_list<Member> members);
  template <detail::StringMap From>
  Field(const MappedItem<From>& item) {
    static_assert(
        detail::FieldInput<Field<Texts>, typename From::mapped_type, std::string>::fits,
        "the field of an operator takes std::map<std::string, std::string>, and the items have other values (named before)");
    set(item);
  }
  template <detail::StringMap From>
  Field(const Output<From>& output) {
    static_assert(
        detail::FieldInput<Field<Texts>, typename From::mapped_type, std::string>::fits,
        "the field of an operator takes a std::map<std::string, std::string>, and the task's output has other values");
    set(output, output.key());
  }
};

// Columns with their types: {{"id", ColumnType::int64}, ...} or columns_of<Order>().
template <>
class Field<std::vector<Column>> : public detail::FieldBase {
 public:
  Field() = default;
  Field(const std::vector<Column>& columns);
  Field(std::initializer_list<Column> columns);
};

}  // namespace venturi::inline sdk
