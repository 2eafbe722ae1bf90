// The fields of a struct of one's own that runs as an operator, a sensor or a notifier:
//
//   struct Archive {
//     std::string folder = "/archive/{{ ds }}";   // a constant, here rendered
//     Field<std::int64_t> days = 30;              // a constant or the output of a task: *days
//     static constexpr std::string_view template_ext[] = {".sql"};   // Airflow's: "load.sql" in a template field is a file
//   };
//   VENTURI_STRUCT(Archive, folder, days);        // names them: without this they are neither seen nor rendered
//   VENTURI_TEMPLATE_FIELDS(Archive, folder);     // Airflow's template_fields: rendered before it runs
#pragma once

#include <concepts>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "venturi/field.h"
#include "venturi/type.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

// A field of any type that can travel. operators.h has those of the built-in operators.
template <class T>
class Field : public detail::FieldOf<T> {
 public:
  using detail::FieldOf<T>::FieldOf;
  Field() = default;
  template <class U>
    requires(std::convertible_to<const U&, T> && !std::derived_from<U, TaskRef> &&
             (!std::is_arithmetic_v<T> || detail::Lossless<U, T>::value))
  Field(const U& constant) {
    this->set(to_value<T>(constant));
  }
  Field(const T& constant)
    requires(!detail::StringMap<T>)
  {
    this->set(to_value<T>(constant));
  }
  template <class M = T>
    requires detail::StringMap<M>
  Field(std::initializer_list<typename M::value_type> members) {
    this->set(to_value<M>(M(members)));
  }
};

namespace detail {

void write_field(const Type& type, const void* from, Value& to);
template <class T>
void read_field(const Type& type, const Value& from, void* to, const Reading& where) {
  T* const value = new T{};
  Shared owner(value, destroy<T>);
  type.element->read(*type.element, from, value, where);
  static_cast<venturi::Field<T>*>(to)->hold(static_cast<Shared&&>(owner));
}
template <Transferable T>
struct TypeOf<venturi::Field<T>> {
  static constexpr Type type{.name = "Field", .write = write_field, .read = read_field<T>, .element = TypeOf<T>::pointer};
  static constexpr const Type* pointer = &type;
};

// What can be rendered: texts, and what holds some.
template <class T>
struct Rendered {
  static constexpr bool is_text = std::same_as<T, std::string> || std::same_as<T, Value>;
};
template <class T>
struct Rendered<std::optional<T>> : Rendered<T> {};
template <class T>
struct Rendered<std::vector<T>> : Rendered<T> {};
template <StringMap M>
struct Rendered<M> : Rendered<typename M::mapped_type> {};
template <class T>
struct Rendered<venturi::Field<T>> : Rendered<T> {};

template <class T>
consteval std::string_view template_field(std::string_view name) {
  static_assert(
      Rendered<T>::is_text,
      "a template field holds no text that could be rendered (named before: its type). Template fields are "
      "std::string, venturi::Value, or std::optional, std::vector, std::map<std::string, ...> of these, or a Field<> of "
      "one");
  return name;
}

// Airflow's template_ext, where the struct has one.
template <class T>
concept HasTemplateExt = requires { T::template_ext; };
template <class T>
struct TemplateExt {
  static constexpr bool is_a_list = [] {
    if constexpr (HasTemplateExt<T>) {
      using List = decltype(T::template_ext);
      return std::is_array_v<List> && std::is_same_v<std::remove_cv_t<std::remove_extent_t<List>>, std::string_view>;
    }
    return false;
  }();
};

template <class T>
concept HasTemplateFields = requires(const T* t) { decltype(venturi_templates(t))::names; };

// What the archive knows of them.
struct OwnFields {
  std::string_view name;       // of the struct, as the compiler spells it
  const Type* type = nullptr;  // VENTURI_STRUCT's; nullptr: it has none
  const std::string_view* template_fields = nullptr;
  std::size_t template_field_count = 0;
  const std::string_view* template_ext = nullptr;
  std::size_t template_ext_count = 0;
};

template <class T>
constexpr std::string_view name_of_struct() {
  return __PRETTY_FUNCTION__;
}

template <class T>
struct Declared {
  static constexpr bool has_its_fields = DescribedStruct<T> || std::is_empty_v<T>;
  static constexpr bool has_its_template_fields_among_them = [] {
    if constexpr (HasTemplateFields<T> && DescribedStruct<T>) {
      for (const std::string_view name : decltype(venturi_templates(static_cast<const T*>(nullptr)))::names) {
        bool is_one = false;
        for (std::size_t i = 0; i < TypeOf<T>::pointer->field_count; ++i)
          is_one = is_one || TypeOf<T>::pointer->fields[i].name == name;
        if (!is_one) return false;
      }
    }
    return true;
  }();
};

template <class T>
constexpr bool check_fields() {
  static_assert(Declared<T>::has_its_fields,
                "the fields of an operator, sensor or notifier of your own have to be named (named before: the struct): write "
                "VENTURI_STRUCT(Name, field, ...) below it");
  static_assert(
      Declared<T>::has_its_template_fields_among_them,
      "VENTURI_TEMPLATE_FIELDS names a field that VENTURI_STRUCT does not name (named before: the struct): name it in "
      "both");
  if constexpr (HasTemplateExt<T>) {
    static_assert(TemplateExt<T>::is_a_list,
                  "template_ext is a list of extensions (named before: the struct): static constexpr std::string_view "
                  "template_ext[] = {\".sql\"};");
    static_assert(HasTemplateFields<T>,
                  "template_ext says which texts in template fields are names of files, and the struct (named before) has no "
                  "template fields: write VENTURI_TEMPLATE_FIELDS(Name, field, ...) below VENTURI_STRUCT");
    return Declared<T>::has_its_fields && TemplateExt<T>::is_a_list && HasTemplateFields<T>;
  }
  return Declared<T>::has_its_fields && Declared<T>::has_its_template_fields_among_them;
}

template <class T>
constexpr OwnFields own_fields() {
  OwnFields fields{.name = name_of_struct<T>()};
  if constexpr (DescribedStruct<T>) fields.type = TypeOf<T>::pointer;
  if constexpr (HasTemplateFields<T>) {
    using Templates = decltype(venturi_templates(static_cast<const T*>(nullptr)));
    fields.template_fields = Templates::names;
    fields.template_field_count = std::size(Templates::names);
  }
  if constexpr (TemplateExt<T>::is_a_list) {
    fields.template_ext = T::template_ext;
    fields.template_ext_count = std::size(T::template_ext);
  }
  return fields;
}

}  // namespace detail

}  // namespace venturi::inline sdk

#define VENTURI_DETAIL_TEMPLATES(T, field, ...)                  \
  ::venturi::detail::template_field<decltype(T::field)>(#field), \
      __VA_OPT__(VENTURI_DETAIL_TEMPLATES_AGAIN VENTURI_DETAIL_PARENS(T, __VA_ARGS__))
#define VENTURI_DETAIL_TEMPLATES_AGAIN() VENTURI_DETAIL_TEMPLATES

// After VENTURI_STRUCT, in the struct's namespace.
#define VENTURI_TEMPLATE_FIELDS(T, ...)                                                                            \
  struct venturi_templates_of_##T {                                                                                \
    static constexpr std::string_view names[] = {VENTURI_DETAIL_EXPAND(VENTURI_DETAIL_TEMPLATES(T, __VA_ARGS__))}; \
  };                                                                                                               \
  [[maybe_unused]] venturi_templates_of_##T venturi_templates(const T*)
