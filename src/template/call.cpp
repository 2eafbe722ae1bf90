#include "template/call.h"

#include <algorithm>

#include "template/operators.h"

namespace venturi::templates {

std::string Callable::repr() const {
  if (!shown.empty()) return std::string(shown);
  if (!self) return "<function " + name + ">";
  return "<built-in method " + name + " of " + templates::type_name(*self) + " object>";
}

Item make_function(std::string name, std::function<Item(Call&)> body) {
  return std::make_shared<const Callable>(Callable{std::move(name), std::move(body)});
}

Native find_native(std::span<const NamedNative> table, std::string_view name) {
  const auto found = std::ranges::lower_bound(table, name, {}, &NamedNative::name);
  return found != table.end() && found->name == name ? found->function : nullptr;
}

Args::Args(Call& call, std::initializer_list<std::string_view> names, std::size_t required) : call_(call) {
  std::ranges::copy(names, names_);
  const std::string function = std::string(call.name) + "()";
  if (call.args.size() > names.size()) {
    fail(ErrorKind::type,
         function + " takes at most " + std::to_string(names.size()) + " arguments, not " + std::to_string(call.args.size()));
  }
  for (std::size_t i = 0; i < call.args.size(); ++i) given_[i] = &call.args[i];
  for (const Keyword& keyword : call.keywords) {
    const auto found = std::ranges::find(names, std::string_view(keyword.name));
    if (found == names.end()) fail(ErrorKind::type, function + " got an unexpected keyword argument '" + keyword.name + "'");
    const Item*& place = given_[found - names.begin()];
    if (place != nullptr) fail(ErrorKind::type, function + " got multiple values for argument '" + keyword.name + "'");
    place = &keyword.value;
  }
  for (std::size_t i = 0; i < required; ++i) {
    if (!has(i)) fail(ErrorKind::type, function + " missing required argument '" + std::string(names.begin()[i]) + "'");
  }
}

const Item& Args::operator[](std::size_t i) const {
  static const Item none;
  return has(i) ? *given_[i] : none;
}

TemplateError Args::wrong_type(std::size_t i, std::string_view expected) const {
  const Item& item = (*this)[i];
  if (item.is_undefined()) item.as_undefined().use();
  return TemplateError(ErrorKind::type, std::string(call_.name) + "() argument '" + std::string(names_[i]) + "' must be " +
                                            std::string(expected) + ", not " + type_name(item));
}

std::int64_t Args::integer(std::size_t i, std::int64_t otherwise) const {
  if (!has(i)) return otherwise;
  if ((*this)[i].is(Type::big)) fail(ErrorKind::overflow, "Python int too large to convert to C ssize_t");
  if (!(*this)[i].is_integer()) throw wrong_type(i, "int");
  return (*this)[i].as_integer();
}

double Args::real(std::size_t i, double otherwise) const {
  if (!has(i)) return otherwise;
  if (!(*this)[i].is_number()) throw wrong_type(i, "a number");
  return (*this)[i].as_real();
}

bool Args::truth(std::size_t i, bool otherwise) const {
  return has(i) ? templates::truth((*this)[i]) : otherwise;
}

std::string Args::text(std::size_t i, std::string_view otherwise) const {
  if (!has(i)) return std::string(otherwise);
  if (!(*this)[i].is_text()) throw wrong_type(i, "str");
  return (*this)[i].as_string();
}

}  // namespace venturi::templates
