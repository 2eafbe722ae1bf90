#include "template/host_object.h"

#include "template/call.h"

namespace venturi::templates {

std::optional<Item> HostObject::attribute(std::string_view) {
  return std::nullopt;
}

std::optional<Item> HostObject::item(const Item&) {
  return std::nullopt;
}

Item HostObject::call(Call&) {
  fail(ErrorKind::type, "'" + type_name() + "' object is not callable");
}

std::optional<Item> HostObject::operate(Runtime&, Operator, const Item&, bool) {
  return std::nullopt;
}

std::optional<Item> HostObject::slice(std::int64_t, std::int64_t, std::int64_t) {
  return std::nullopt;
}

std::string HostObject::repr(Walk&) {
  return "<" + type_name() + " object>";
}

std::string HostObject::str() {
  Walk walk;
  return repr(walk);
}

Item make_generator(Items items) {
  return std::make_shared<Generator>("generator", std::move(items));
}

}  // namespace venturi::templates
