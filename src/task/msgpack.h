// MessagePack, as far as Airflow's supervisor protocol needs it. C++20 without third parties: part of the SDK archive.
//   nil, bool, int, float, str -> Value of the same type      bin -> string      ext -1 (timestamp) -> ISO 8601 string with Z
// Other extensions, map keys that are no strings, and nesting deeper than 200 are refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "venturi/value.h"

namespace venturi::task {

// What the other side sent is no valid frame or message; what() says what and at which byte.
class ProtocolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

void append_msgpack(std::string& out, const Value& value);
[[nodiscard]] std::string pack(const Value& value);
// Throws ProtocolError for anything but exactly one value.
[[nodiscard]] Value decode_msgpack(std::string_view data);
// In the maps of a frame (its body, its error) members named so stay packed: a string with their bytes, or null.
[[nodiscard]] Value decode_msgpack(std::string_view data, std::span<const std::string_view> kept_packed);
// A member of a packed map, the others unread; null where there is none, or where it is no map. Throws as decode_msgpack.
[[nodiscard]] Value packed_member(std::string_view map, std::string_view key);

// What a packed value is, by its first bytes: the words of Value::type_name, and of a list or map how many items, else -1.
struct PackedShape {
  const char* type = "null";
  std::int64_t length = -1;
};
[[nodiscard]] PackedShape packed_shape(std::string_view value);
// The same member as packed_member, as its bytes; empty where there is none. The rest of the map is checked all the same.
[[nodiscard]] std::string_view packed_bytes(std::string_view map, std::string_view key);
// The bytes of the first items, at most so many, of a packed list; of a map, those of a key with its value. Empty for others.
[[nodiscard]] std::vector<std::string_view> packed_items(std::string_view list, std::size_t most);
// The head of a list; the items follow it.
void append_array_head(std::string& out, std::size_t items);

// A map made at the end of a string, member by member: for messages that are made often, without a Value for each part. A map
// inside it (map()) is whole before the next member is added. Keys are not looked for: each is given once.
class MapWriter {
 public:
  explicit MapWriter(std::string& out);

  void add(std::string_view key, std::nullptr_t);
  void add(std::string_view key, bool b);
  void add(std::string_view key, int i) { add(key, static_cast<std::int64_t>(i)); }
  void add(std::string_view key, std::int64_t i);
  void add(std::string_view key, std::string_view s);
  void add(std::string_view key, const std::string& s) { add(key, std::string_view(s)); }
  void add(std::string_view key, const char* s) { add(key, std::string_view(s)); }
  void add(std::string_view key, const Value& value);
  // What is packed already.
  void add_packed(std::string_view key, std::string_view bytes);
  [[nodiscard]] MapWriter map(std::string_view key);

 private:
  void key(std::string_view key);

  std::string& out_;
  std::size_t start_;
  std::uint16_t members_ = 0;
};

}  // namespace venturi::task
