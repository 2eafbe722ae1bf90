// An operator as the server serialized it (its "__var"). It stays packed, as it came: thousands of tries that wait have one
// each, and as a Value it would take four times the room for what is hardly looked at again once the arguments were read.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "task/msgpack.h"
#include "venturi/value.h"

namespace venturi::operators {

class SerializedOperator {
 public:
  // `packed` is a map in msgpack. Throws ValueError where it is another value.
  explicit SerializedOperator(std::string packed);

  [[nodiscard]] Value whole() const { return task::decode_msgpack(packed_); }
  // The member, or what Value's functions of these names give where there is none.
  [[nodiscard]] Value get_value(std::string_view key) const { return task::packed_member(packed_, key); }
  [[nodiscard]] bool has(std::string_view key) const { return !get_value(key).is_null(); }
  [[nodiscard]] std::string get_string(std::string_view key, std::string_view otherwise = {}) const;
  [[nodiscard]] bool get_bool(std::string_view key, bool otherwise = false) const;

  // Another one from now on.
  void replace(const Value& whole);

 private:
  std::string packed_;
};

}  // namespace venturi::operators
