#include "model/dag_fields.h"

#include <fmt/format.h>

#include <cmath>

#include "base/utf8.h"

namespace venturi {
namespace {

// Ten thousand years, and the end of Python's datetime: nothing sensible lies beyond.
constexpr double longest_seconds = 10'000 * 366.0 * 86400;
constexpr double last_timestamp = 253'402'300'799;

// As it is told in an error: long texts are cut, since what they hold is not what is wrong with them.
std::string shown(const Value& value) {
  if (value.is_array() || value.is_object()) return fmt::format("an {}", value.type_name());
  return shortened(to_json(value), 57, "...");
}

}  // namespace

const Value& unwrapped(const Value& value) {
  const Value* inner = &value;
  while (inner->is_object() && inner->as_object().size() == 2) {
    const Value* type = inner->as_object().find("__type");
    const Value* var = inner->as_object().find("__var");
    if (type == nullptr || !type->is_string() || var == nullptr) break;
    inner = var;
  }
  return *inner;
}

const Value* Fields::find(std::string_view key) const {
  for (const Object* layer : layers_) {
    if (const Value* value = layer->find(key)) {
      const Value& inner = unwrapped(*value);
      if (!inner.is_null()) return &inner;
    }
  }
  return nullptr;
}

void Fields::refuse(std::string what, std::string hint) {
  if (!error_) error_ = Error{ErrorKind::invalid, std::move(what), where_, std::move(hint)};
}

void Fields::wrong(std::string_view key, std::string_view wanted, const Value& value) {
  refuse(fmt::format("{} has to be {}, not {}", key, wanted, shown(value)), "correct it in the DAG file");
}

std::string Fields::string(std::string_view key, std::string_view otherwise) {
  const Value* value = found(key);
  if (value != nullptr && value->is_string()) return value->as_string();
  if (value != nullptr) wrong(key, "a text", *value);
  return std::string(otherwise);
}

std::optional<bool> Fields::boolean(std::string_view key) {
  const Value* value = found(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_bool()) return value->as_bool();
  wrong(key, "true or false", *value);
  return std::nullopt;
}

bool Fields::boolean(std::string_view key, bool otherwise) {
  return boolean(key).value_or(otherwise);
}

std::int64_t Fields::integer(std::string_view key, std::int64_t otherwise, std::int64_t minimum, std::int64_t maximum) {
  const Value* value = found(key);
  if (value == nullptr) return otherwise;
  std::optional<std::int64_t> whole;
  if (value->is_int()) {
    whole = value->as_int();
  } else if (value->is_double() && value->as_double() == std::floor(value->as_double()) &&
             std::abs(value->as_double()) < 1e15) {
    whole = static_cast<std::int64_t>(value->as_double());
  }
  if (whole && *whole >= minimum && *whole <= maximum) return *whole;
  wrong(key, fmt::format("an integer from {} to {}", minimum, maximum), *value);
  return otherwise;
}

double Fields::number(std::string_view key, double otherwise, double minimum) {
  const Value* value = found(key);
  if (value == nullptr) return otherwise;
  if (value->is_number() && std::isfinite(value->as_double()) && value->as_double() >= minimum) return value->as_double();
  wrong(key, fmt::format("a number of at least {}", minimum), *value);
  return otherwise;
}

std::optional<Duration> Fields::duration(std::string_view key) {
  const Value* value = found(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_number() && value->as_double() >= 0 && value->as_double() <= longest_seconds)
    return from_seconds(value->as_double());
  wrong(key, "a number of seconds that is not negative", *value);
  return std::nullopt;
}

std::optional<Time> Fields::time(std::string_view key) {
  const Value* value = found(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_number() && std::abs(value->as_double()) <= last_timestamp) return Time(from_seconds(value->as_double()));
  wrong(key, "a point in time, as seconds since 1970", *value);
  return std::nullopt;
}

std::vector<std::string> Fields::strings(std::string_view key) {
  std::vector<std::string> list;
  const Value* value = found(key);
  if (value == nullptr) return list;
  if (!value->is_array()) {
    wrong(key, "a list of texts", *value);
    return list;
  }
  for (const Value& item : value->as_array()) {
    const Value& inner = unwrapped(item);
    if (!inner.is_string()) {
      wrong(key, "a list of texts", inner);
      return {};
    }
    list.push_back(inner.as_string());
  }
  return list;
}

}  // namespace venturi
