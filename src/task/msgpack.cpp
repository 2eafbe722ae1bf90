#include "task/msgpack.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/time.h"

namespace venturi::task {
namespace {

constexpr int max_depth = 200;

// --- writing ---

template <class T>
void append_big_endian(std::string& out, T value) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
    out += static_cast<char>(static_cast<unsigned char>(value >> shift));
  }
}

void append_tag(std::string& out, unsigned tag) {
  out += static_cast<char>(static_cast<unsigned char>(tag));
}

void append_int(std::string& out, std::int64_t i) {
  if (i >= -32 && i < 128) {
    append_tag(out, static_cast<unsigned>(i) & 0xFF);
  } else if (i >= 0) {
    const auto u = static_cast<std::uint64_t>(i);
    if (u <= 0xFF) {
      append_tag(out, 0xCC);
      append_big_endian(out, static_cast<std::uint8_t>(u));
    } else if (u <= 0xFFFF) {
      append_tag(out, 0xCD);
      append_big_endian(out, static_cast<std::uint16_t>(u));
    } else if (u <= 0xFFFFFFFF) {
      append_tag(out, 0xCE);
      append_big_endian(out, static_cast<std::uint32_t>(u));
    } else {
      append_tag(out, 0xCF);
      append_big_endian(out, u);
    }
  } else if (i >= std::numeric_limits<std::int8_t>::min()) {
    append_tag(out, 0xD0);
    append_big_endian(out, static_cast<std::uint8_t>(i));
  } else if (i >= std::numeric_limits<std::int16_t>::min()) {
    append_tag(out, 0xD1);
    append_big_endian(out, static_cast<std::uint16_t>(i));
  } else if (i >= std::numeric_limits<std::int32_t>::min()) {
    append_tag(out, 0xD2);
    append_big_endian(out, static_cast<std::uint32_t>(i));
  } else {
    append_tag(out, 0xD3);
    append_big_endian(out, static_cast<std::uint64_t>(i));
  }
}

// Strings, arrays and maps: a short form with the length in the tag, then lengths of 8 (strings only), 16 and 32 bits.
struct LengthTags {
  unsigned fixed, fixed_limit, bits8, bits16, bits32;
};
constexpr LengthTags string_tags{0xA0, 32, 0xD9, 0xDA, 0xDB};
constexpr LengthTags array_tags{0x90, 16, 0, 0xDC, 0xDD};
constexpr LengthTags map_tags{0x80, 16, 0, 0xDE, 0xDF};

void append_length(std::string& out, std::size_t n, const LengthTags& tags) {
  if (n < tags.fixed_limit) {
    append_tag(out, tags.fixed | static_cast<unsigned>(n));
  } else if (n <= 0xFF && tags.bits8 != 0) {
    append_tag(out, tags.bits8);
    append_big_endian(out, static_cast<std::uint8_t>(n));
  } else if (n <= 0xFFFF) {
    append_tag(out, tags.bits16);
    append_big_endian(out, static_cast<std::uint16_t>(n));
  } else if (n <= 0xFFFFFFFF) {
    append_tag(out, tags.bits32);
    append_big_endian(out, static_cast<std::uint32_t>(n));
  } else {
    throw ProtocolError("a value with " + std::to_string(n) + " bytes or elements is too long for msgpack");
  }
}

void append_string(std::string& out, std::string_view s) {
  append_length(out, s.size(), string_tags);
  out += s;
}

// --- reading ---

class Decoder {
 public:
  explicit Decoder(std::string_view data, std::span<const std::string_view> kept_packed = {})
      : data_(data), kept_packed_(kept_packed) {}

  Value decode() {
    Value value = decode_value(0);
    if (at_ != data_.size()) refuse(std::to_string(data_.size() - at_) + " bytes follow the value", at_);
    return value;
  }

  Value member(std::string_view wanted) {
    Value found;
    const PackedShape map = head();
    if (!is_map(map)) return found;
    for (std::int64_t i = 0; i < map.length; ++i) {
      if (map_key() == wanted) {
        found = decode_value(1);
      } else {
        (void)skip(1);
      }
    }
    return found;
  }

  std::string_view member_bytes(std::string_view wanted) {
    std::string_view found;
    const PackedShape map = head();
    if (!is_map(map)) return found;
    for (std::int64_t i = 0; i < map.length; ++i) {
      const bool is_wanted = map_key() == wanted;
      const std::string_view bytes = skip(1);
      if (is_wanted) found = bytes;
    }
    return found;
  }

  std::vector<std::string_view> items(std::size_t most) {
    std::vector<std::string_view> found;
    const PackedShape list = head();
    for (std::int64_t i = 0; i < list.length && found.size() < most; ++i) {
      const std::size_t start = at_;
      if (is_map(list)) (void)map_key();
      (void)skip(1);
      found.push_back(data_.substr(start, at_ - start));
    }
    return found;
  }

  // Of the next value; a list or map is opened with it.
  PackedShape head() {
    const auto tag = number<std::uint8_t>();
    if ((tag & 0xF0) == 0x80) return {"object", tag & 0x0F};
    if ((tag & 0xF0) == 0x90) return {"array", tag & 0x0F};
    switch (tag) {
      case 0xC0:
        return {"null"};
      case 0xC2:
      case 0xC3:
        return {"boolean"};
      case 0xCA:
      case 0xCB:
        return {"number"};
      case 0xDC:
        return {"array", number<std::uint16_t>()};
      case 0xDD:
        return {"array", number<std::uint32_t>()};
      case 0xDE:
        return {"object", number<std::uint16_t>()};
      case 0xDF:
        return {"object", number<std::uint32_t>()};
      default:
        return {tag < 0x80 || tag >= 0xE0 || (tag >= 0xCC && tag <= 0xD3) ? "integer" : "string"};
    }
  }

 private:
  static bool is_map(const PackedShape& shape) { return shape.type == std::string_view("object"); }

  [[noreturn]] void refuse(const std::string& what, std::size_t at) const {
    throw ProtocolError("msgpack: " + what + " at byte " + std::to_string(at));
  }

  std::string_view take(std::size_t n) {
    if (data_.size() - at_ < n) {
      refuse("the data ends inside a value: " + std::to_string(n) + " bytes are wanted, " + std::to_string(data_.size() - at_) +
                 " are there,",
             at_);
    }
    const std::string_view bytes = data_.substr(at_, n);
    at_ += n;
    return bytes;
  }

  template <class T>
  T number() {
    T value = 0;
    for (const char c : take(sizeof(T)))
      value = static_cast<T>((static_cast<std::uint64_t>(value) << 8) | static_cast<unsigned char>(c));
    return value;
  }

  Value string(std::size_t n) {
    const std::string_view bytes = take(n);
    return skipping_ ? Value() : Value(bytes);
  }

  // The bytes of the next value, which is checked all the same.
  std::string_view skip(int depth) {
    const bool before = std::exchange(skipping_, true);
    const std::size_t start = at_;
    (void)decode_value(depth);
    skipping_ = before;
    return data_.substr(start, at_ - start);
  }

  // Of the maps at this depth members with some names stay packed (FrameReader).
  static constexpr int kept_depth = 1;
  Value map_value(std::string_view key, int depth) {
    if (depth != kept_depth || std::find(kept_packed_.begin(), kept_packed_.end(), key) == kept_packed_.end()) {
      return decode_value(depth + 1);
    }
    const std::string_view bytes = skip(depth + 1);
    return bytes == "\xC0" ? Value() : Value(bytes);
  }

  // An element takes a byte at least, so a count beyond the rest is a lie; no memory is taken on its word.
  std::size_t count(std::uint32_t n, std::size_t bytes_each) {
    if (n > (data_.size() - at_) / bytes_each) refuse("a count of " + std::to_string(n) + " is more than follows", at_);
    return n;
  }

  Value array(std::uint32_t length, int depth) {
    const std::size_t n = count(length, 1);
    Array elements;
    if (skipping_) {
      for (std::size_t i = 0; i < n; ++i) (void)decode_value(depth + 1);
      return {};
    }
    elements.reserve(std::min<std::size_t>(n, 1024));
    for (std::size_t i = 0; i < n; ++i) elements.push_back(decode_value(depth + 1));
    return elements;
  }

  Value map(std::uint32_t length, int depth) {
    const std::size_t n = count(length, 2);
    if (skipping_) {
      for (std::size_t i = 0; i < n; ++i) {
        (void)map_key();
        (void)decode_value(depth + 1);
      }
      return {};
    }
    std::vector<Object::Entry> entries;
    entries.reserve(std::min<std::size_t>(n, 1024));
    for (std::size_t i = 0; i < n; ++i) {
      const std::string_view key = map_key();
      entries.emplace_back(std::string(key), map_value(key, depth));
    }
    return Object::from_entries(std::move(entries));
  }

  std::string_view map_key() {
    const std::size_t at = at_;
    const auto tag = number<std::uint8_t>();
    if ((tag & 0xE0) == 0xA0) return take(tag & 0x1F);
    if (tag == 0xD9) return take(number<std::uint8_t>());
    if (tag == 0xDA) return take(number<std::uint16_t>());
    if (tag == 0xDB) return take(number<std::uint32_t>());
    refuse("a map key is no string", at);
  }

  Value extension(std::size_t n, std::size_t at) {
    const auto type = static_cast<std::int8_t>(number<std::uint8_t>());
    if (type != -1) refuse("an extension of type " + std::to_string(type), at);
    return timestamp(n, at);
  }

  // msgpack's spec.md, "Timestamp extension type": 32 bits of seconds; 30 of nanoseconds and 34 of seconds; or 32 of
  // nanoseconds and 64 of seconds, these signed.
  Value timestamp(std::size_t n, std::size_t at) {
    std::int64_t seconds = 0;
    std::uint32_t nanoseconds = 0;
    if (n == 4) {
      seconds = number<std::uint32_t>();
    } else if (n == 8) {
      const auto both = number<std::uint64_t>();
      nanoseconds = static_cast<std::uint32_t>(both >> 34);
      seconds = static_cast<std::int64_t>(both & ((std::uint64_t{1} << 34) - 1));
    } else if (n == 12) {
      nanoseconds = number<std::uint32_t>();
      seconds = static_cast<std::int64_t>(number<std::uint64_t>());
    } else {
      refuse("a timestamp of " + std::to_string(n) + " bytes", at);
    }
    // Python's years, 1 to 9999: no ISO text is defined for others.
    constexpr std::int64_t first = -62135596800, last = 253402300799;
    if (nanoseconds >= 1'000'000'000 || seconds < first || seconds > last) refuse("a timestamp that is no date", at);
    if (skipping_) return {};
    return format_time(Time(std::chrono::seconds(seconds)) + std::chrono::microseconds(nanoseconds / 1000));
  }

  Value decode_value(int depth) {
    const std::size_t at = at_;
    if (depth > max_depth) refuse("nested deeper than " + std::to_string(max_depth) + " levels", at);
    const auto tag = number<std::uint8_t>();
    if (tag < 0x80) return static_cast<int>(tag);
    if (tag < 0x90) return map(tag & 0x0F, depth);
    if (tag < 0xA0) return array(tag & 0x0F, depth);
    if (tag < 0xC0) return string(tag & 0x1F);
    if (tag >= 0xE0) return static_cast<int>(static_cast<std::int8_t>(tag));
    switch (tag) {
      case 0xC0:
        return nullptr;
      case 0xC2:
        return false;
      case 0xC3:
        return true;
      case 0xC4:
        return string(number<std::uint8_t>());
      case 0xC5:
        return string(number<std::uint16_t>());
      case 0xC6:
        return string(number<std::uint32_t>());
      case 0xC7:
        return sized_extension(number<std::uint8_t>(), at);
      case 0xC8:
        return sized_extension(number<std::uint16_t>(), at);
      case 0xC9:
        return sized_extension(number<std::uint32_t>(), at);
      case 0xCA:
        return static_cast<double>(std::bit_cast<float>(number<std::uint32_t>()));
      case 0xCB:
        return std::bit_cast<double>(number<std::uint64_t>());
      case 0xCC:
        return static_cast<int>(number<std::uint8_t>());
      case 0xCD:
        return static_cast<int>(number<std::uint16_t>());
      case 0xCE:
        return static_cast<long long>(number<std::uint32_t>());
      case 0xCF:
        return unsigned_int(number<std::uint64_t>());
      case 0xD0:
        return static_cast<int>(static_cast<std::int8_t>(number<std::uint8_t>()));
      case 0xD1:
        return static_cast<int>(static_cast<std::int16_t>(number<std::uint16_t>()));
      case 0xD2:
        return static_cast<int>(static_cast<std::int32_t>(number<std::uint32_t>()));
      case 0xD3:
        return static_cast<long long>(number<std::uint64_t>());
      case 0xD4:
        return extension(1, at);
      case 0xD5:
        return extension(2, at);
      case 0xD6:
        return extension(4, at);
      case 0xD7:
        return extension(8, at);
      case 0xD8:
        return extension(16, at);
      case 0xD9:
        return string(number<std::uint8_t>());
      case 0xDA:
        return string(number<std::uint16_t>());
      case 0xDB:
        return string(number<std::uint32_t>());
      case 0xDC:
        return array(number<std::uint16_t>(), depth);
      case 0xDD:
        return array(number<std::uint32_t>(), depth);
      case 0xDE:
        return map(number<std::uint16_t>(), depth);
      case 0xDF:
        return map(number<std::uint32_t>(), depth);
      default:
        refuse("a tag that msgpack does not use", at);  // 0xC1
    }
  }

  Value sized_extension(std::size_t n, std::size_t at) { return extension(n, at); }

  // As JSON is read: what does not fit int64 becomes floating point.
  static Value unsigned_int(std::uint64_t u) {
    if (u <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return static_cast<long long>(u);
    return static_cast<double>(u);
  }

  std::string_view data_;
  std::span<const std::string_view> kept_packed_;
  std::size_t at_ = 0;
  bool skipping_ = false;
};

}  // namespace

void append_msgpack(std::string& out, const Value& value) {
  if (value.is_null()) {
    append_tag(out, 0xC0);
  } else if (value.is_bool()) {
    append_tag(out, value.as_bool() ? 0xC3 : 0xC2);
  } else if (value.is_int()) {
    append_int(out, value.as_int());
  } else if (value.is_double()) {
    append_tag(out, 0xCB);
    append_big_endian(out, std::bit_cast<std::uint64_t>(value.as_double()));
  } else if (value.is_string()) {
    append_string(out, value.as_string());
  } else if (value.is_array()) {
    append_length(out, value.as_array().size(), array_tags);
    for (const Value& element : value.as_array()) append_msgpack(out, element);
  } else {
    append_length(out, value.as_object().size(), map_tags);
    for (const auto& [key, member] : value.as_object()) {
      append_string(out, key);
      append_msgpack(out, member);
    }
  }
}

std::string pack(const Value& value) {
  std::string out;
  append_msgpack(out, value);
  return out;
}

Value decode_msgpack(std::string_view data) {
  return Decoder(data).decode();
}

Value decode_msgpack(std::string_view data, std::span<const std::string_view> kept_packed) {
  return Decoder(data, kept_packed).decode();
}

Value packed_member(std::string_view map, std::string_view key) {
  return Decoder(map).member(key);
}

PackedShape packed_shape(std::string_view value) {
  return Decoder(value).head();
}

std::string_view packed_bytes(std::string_view map, std::string_view key) {
  return Decoder(map).member_bytes(key);
}

std::vector<std::string_view> packed_items(std::string_view list, std::size_t most) {
  return Decoder(list).items(most);
}

void append_array_head(std::string& out, std::size_t items) {
  append_length(out, items, array_tags);
}

MapWriter::MapWriter(std::string& out) : out_(out), start_(out.size()) {
  append_tag(out_, map_tags.bits16);
  append_big_endian(out_, members_);
}

void MapWriter::key(std::string_view key) {
  ++members_;
  out_[start_ + 1] = static_cast<char>(members_ >> 8U);
  out_[start_ + 2] = static_cast<char>(members_ & 0xFFU);
  append_string(out_, key);
}

void MapWriter::add(std::string_view name, std::nullptr_t) {
  key(name);
  append_tag(out_, 0xC0);
}

void MapWriter::add(std::string_view name, bool b) {
  key(name);
  append_tag(out_, b ? 0xC3 : 0xC2);
}

void MapWriter::add(std::string_view name, std::int64_t i) {
  key(name);
  append_int(out_, i);
}

void MapWriter::add(std::string_view name, std::string_view s) {
  key(name);
  append_string(out_, s);
}

void MapWriter::add(std::string_view name, const Value& value) {
  key(name);
  append_msgpack(out_, value);
}

void MapWriter::add_packed(std::string_view name, std::string_view bytes) {
  key(name);
  out_ += bytes;
}

MapWriter MapWriter::map(std::string_view name) {
  key(name);
  return MapWriter(out_);
}

}  // namespace venturi::task
