#include "operators/serialized_operator.h"

namespace venturi::operators {

SerializedOperator::SerializedOperator(std::string packed) : packed_(std::move(packed)) {
  const task::PackedShape shape = task::packed_shape(packed_);
  if (std::string_view(shape.type) != "object") throw ValueError(std::string("an operator is an object, not ") + shape.type);
}

std::string SerializedOperator::get_string(std::string_view key, std::string_view otherwise) const {
  const Value value = get_value(key);
  return value.is_string() ? value.as_string() : std::string(otherwise);
}

bool SerializedOperator::get_bool(std::string_view key, bool otherwise) const {
  const Value value = get_value(key);
  return value.is_bool() ? value.as_bool() : otherwise;
}

void SerializedOperator::replace(const Value& whole) {
  packed_ = task::pack(whole);
  packed_.shrink_to_fit();
}

}  // namespace venturi::operators
